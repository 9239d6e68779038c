package io.tollgate.bench;

import io.tollgate.credits.account.UserId;
import io.tollgate.queue.Tollgate;
import io.tollgate.queue.job.JobFilter;
import io.tollgate.queue.job.JobId;
import io.tollgate.queue.job.JobState;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

/** What users ask all day, asked of a database with jobs of long ago in it. */
final class Questions {
    private static final int WAITING = 1_000;
    private static final int PAGE = 20;
    private static final long FAR_OFF = 1_000_000_000; // numbers that no job of this turn has

    private final ScaleReport report;
    private final String part;
    private final int looks;
    private final Figure.Target target;

    Questions(ScaleReport report, String part, int looks, Figure.Target target) {
        this.report = report;
        this.part = part;
        this.looks = looks;
        this.target = target;
    }

    /** Restarts it, has some jobs wait, and asks. */
    void ask(Load load, TollgateContender.Open session) throws Exception {
        session.restart(1);
        session.submitAll(FAR_OFF, WAITING);
        List<JobId> waiting = new ArrayList<>();
        session.store().forEachWaiting(job -> waiting.add(job.id()));
        Tollgate tollgate = session.tollgate();
        Workload workload = load.workload();
        Random random = new Random(1);
        note(load, "job with its position, p50", number -> {
            JobId id = waiting.get(random.nextInt(waiting.size()));
            check(tollgate.job(id).orElseThrow().position().isPresent(), id);
        });
        note(load, "list of a user's jobs, p50", number -> {
            UserId user = workload.user(random.nextInt(workload.users()));
            check(!tollgate.jobs(JobFilter.of(user), Optional.empty(), PAGE).isEmpty(), user);
        });
        note(load, "list of a user's waiting jobs, p50", number -> {
            UserId user = workload.user(FAR_OFF + random.nextInt(WAITING));
            check(
                    !tollgate.jobs(JobFilter.of(user).with(Set.of(JobState.Kind.QUEUED)), Optional.empty(), 1)
                            .isEmpty(),
                    user);
        });
        note(load, "balance, p50", number -> {
            UserId user = workload.user(random.nextInt(workload.users()));
            check(tollgate.credits().balance(user).account().available().isPositive(), user);
        });
    }

    private void note(Load load, String measure, Looks.Question question) throws Exception {
        double[] nanos = Looks.nanos(looks, question);
        report.add(
                new Figure.Name(part, measure, "us", false, "tollgate", target),
                load.label(),
                Turn.percentile(nanos, 0.5) / 1e3);
    }

    private static void check(boolean answered, Object about) {
        if (!answered) {
            throw new IllegalStateException("tollgate: no answer about " + about);
        }
    }
}
