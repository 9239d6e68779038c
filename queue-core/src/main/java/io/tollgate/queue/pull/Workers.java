package io.tollgate.queue.pull;

import io.tollgate.queue.backend.GenerationBackend;
import io.tollgate.queue.backend.Produced;
import io.tollgate.queue.event.Progress;
import io.tollgate.queue.job.Attempt;
import io.tollgate.queue.job.BackendId;
import io.tollgate.queue.job.Failure;
import io.tollgate.queue.job.JobId;
import io.tollgate.queue.job.JobRecord;
import io.tollgate.queue.job.JobState;
import io.tollgate.queue.job.RunId;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * What workers do at all desks of a server: whoever shows a run's token is heard at the desk that has the run. What no
 * desk remembers, as after a restart, is looked up in the job that the token names. Safe for use by many threads;
 * blocks for that.
 */
public final class Workers {
    private final List<PullBackend> desks;
    private final Function<JobId, Optional<JobRecord>> jobs;

    /**
     * Those of some backends, as far as they have desks.
     *
     * @param jobs finds a job in the store
     */
    public Workers(Collection<? extends GenerationBackend> backends, Function<JobId, Optional<JobRecord>> jobs) {
        this.desks = backends.stream()
                .filter(PullBackend.class::isInstance)
                .map(PullBackend.class::cast)
                .toList();
        this.jobs = jobs;
    }

    /** All desks. */
    public List<PullBackend> desks() {
        return desks;
    }

    /** The desk of that name. */
    public Optional<PullBackend> desk(BackendId id) {
        return desks.stream().filter(desk -> desk.id().equals(id)).findFirst();
    }

    /** A run whose token was shown. */
    public final class Shown {
        private final JobId job;
        private final RunId run;

        private Shown(JobId job, RunId run) {
            this.job = job;
            this.run = run;
        }

        /** Hears that it is worked on. */
        public Heard heartbeat(Optional<Progress> progress) {
            return at(desk -> desk.heartbeat(run, progress), Optional.empty(), () -> {});
        }

        /** Hears that it is worked on, and what is done; it is as far as was told last. */
        public Heard heartbeat(String message) {
            return at(desk -> desk.heartbeat(run, message), Optional.empty(), () -> {});
        }

        /**
         * Hears that it is done.
         *
         * @param release run when the outputs are needed no more, and at once if they are not taken
         */
        public Heard complete(List<Produced> outputs, Runnable release) {
            return at(desk -> desk.complete(run, outputs, release), Optional.of(Heard.End.COMPLETED), release);
        }

        /** Hears that it could not be done. */
        public Heard fail(Failure failure) {
            return at(desk -> desk.fail(run, failure), Optional.of(Heard.End.FAILED), () -> {});
        }

        /** Hears that it was stopped. */
        public Heard canceled() {
            return at(desk -> desk.canceled(run), Optional.of(Heard.End.CANCELED), () -> {});
        }

        /** @param unheard done if no desk hears it */
        private Heard at(Function<PullBackend, Heard> tell, Optional<Heard.End> said, Runnable unheard) {
            for (PullBackend desk : desks) {
                if (desk.has(run)) {
                    return tell.apply(desk);
                }
            }
            Optional<JobRecord> record = jobs.apply(job);
            Optional<Attempt> attempt = record.stream()
                    .flatMap(found -> found.attempts().stream())
                    .filter(each -> each.runId().equals(run))
                    .findFirst();
            Optional<PullBackend> desk =
                    attempt.filter(each -> each.phase() != Attempt.Phase.ENDED).flatMap(each -> desk(each.backend()));
            if (desk.isPresent()) {
                Heard heard = tell.apply(desk.get());
                // its desk has given it up, and its job will know soon
                return heard instanceof Heard.Unknown ? new Heard.Over(Heard.End.LOST) : heard;
            }
            unheard.run();
            if (record.isEmpty() || attempt.isEmpty()) {
                return new Heard.Unknown();
            }
            Heard.End end = end(record.get(), attempt.get());
            return said.filter(end::equals).isPresent() ? Heard.Noted.stored(end) : new Heard.Over(end);
        }
    }

    private static Heard.End end(JobRecord record, Attempt attempt) {
        Optional<Failure.Kind> failure = attempt.failure().map(Failure::kind);
        if (attempt.phase() != Attempt.Phase.ENDED
                || failure.filter(kind -> kind == Failure.Kind.LOST || kind == Failure.Kind.RECALLED)
                        .isPresent()) {
            return Heard.End.LOST;
        }
        if (failure.isEmpty()) {
            return Heard.End.COMPLETED;
        }
        return record.job().kind() == JobState.Kind.CANCELED ? Heard.End.CANCELED : Heard.End.FAILED;
    }

    /**
     * Checks a token.
     *
     * @return empty if it isn't that run's
     */
    public Optional<Shown> show(String token, RunId run) {
        return desks.stream()
                .findFirst()
                .flatMap(any -> any.tokens().check(token, run))
                .map(job -> new Shown(job, run));
    }
}
