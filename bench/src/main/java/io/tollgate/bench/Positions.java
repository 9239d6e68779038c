package io.tollgate.bench;

import io.tollgate.queue.Tollgate;
import io.tollgate.queue.dispatch.Lines;
import io.tollgate.queue.job.JobId;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/** How soon the position of a job is known, by how deep it stands in the line. */
final class Positions {
    private static final double[] DEPTHS = {0.01, 0.5, 0.99};
    private static final double AROUND = 0.005;
    private static final Figure.Target TARGET = new Figure.Target(Figure.Rule.AT_MOST, 50);

    private final ScaleReport report;
    private final int looks;

    Positions(ScaleReport report, int looks) {
        this.report = report;
        this.looks = looks;
    }

    /** Asks the index itself, and for the whole job as a user sees it, which is read from the store. */
    void measure(Templates templates, Load load) throws Exception {
        TollgateContender contender = new TollgateContender(TollgateContender.Variant.PLAIN, load.workload());
        Path home = templates.copy(contender, load);
        try (TollgateContender.Open session =
                contender.reopen(home, load.stock().submitted())) {
            Instant now = Instant.now();
            List<JobId> ids = new ArrayList<>();
            Lines lines = new Lines();
            session.store().forEachWaiting(job -> {
                ids.add(job.id());
                lines.put(job, now);
            });
            Tollgate tollgate = session.tollgate();
            Random random = new Random(1);
            for (double depth : DEPTHS) {
                String at = String.format(Locale.ROOT, "%s, at %.0f %%", load.label(), 100 * depth);
                note("position", at, TARGET, number -> {
                    int index = index(ids.size(), depth, random);
                    check(lines.position(Noop.QUEUE, ids.get(index)).orElseThrow(), index);
                });
                note("job with its position", at, Figure.Target.NONE, number -> {
                    int index = index(ids.size(), depth, random);
                    check(tollgate.job(ids.get(index)).orElseThrow().position().orElseThrow(), index);
                });
            }
        } finally {
            Directories.delete(home);
        }
    }

    private static int index(int size, double depth, Random random) {
        double share = depth + AROUND * (2 * random.nextDouble() - 1);
        return Math.max(0, Math.min(size - 1, (int) (size * share)));
    }

    private void note(String measure, String at, Figure.Target target, Looks.Question question) throws Exception {
        double[] nanos = Looks.nanos(looks, question);
        for (int percent : new int[] {50, 99}) {
            report.add(
                    new Figure.Name("position", measure + ", p" + percent, "us", false, "tollgate", target),
                    at,
                    Turn.percentile(nanos, percent / 100.0) / 1e3);
        }
    }

    private static void check(int position, int index) {
        if (position != index + 1) {
            throw new IllegalStateException("tollgate: job " + index + " has position " + position);
        }
    }
}
