package io.tollgate.queue.job;

import java.time.Instant;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Where a job stands. A state carries exactly the facts that are true in it. */
public sealed interface JobState {
    /** The state's name: what is stored, shown and switched on. */
    Kind kind();

    /**
     * Waiting in its line.
     *
     * @param readyAt when it may be claimed, by the store's clock: its submission, or the end of its backoff
     * @param avoid the backend that its last attempt failed on; another one is taken if there is one
     */
    record Queued(Instant readyAt, Optional<BackendId> avoid) implements JobState {
        @Override
        public Kind kind() {
            return Kind.QUEUED;
        }
    }

    /** An attempt is under way. */
    record Running() implements JobState {
        @Override
        public Kind kind() {
            return Kind.RUNNING;
        }
    }

    /** An attempt is under way and was asked to stop. It may still succeed. */
    record Canceling() implements JobState {
        @Override
        public Kind kind() {
            return Kind.CANCELING;
        }
    }

    /** It is over and nothing changes any more, but for {@link Failed#mayStillSucceed}. */
    sealed interface Terminal extends JobState {
        /** When it ended. */
        Instant endedAt();
    }

    /**
     * Its outputs are stored and its hold is captured; or stays released, if they came late.
     *
     * @param partial whether only some of the expected outputs were made
     */
    record Succeeded(Instant endedAt, boolean partial) implements Terminal {
        @Override
        public Kind kind() {
            return Kind.SUCCEEDED;
        }
    }

    /** It failed for good and its hold is released. */
    record Failed(Instant endedAt, Failure failure) implements Terminal {
        /** Whether its run may still be found to have succeeded: an operator ended the job, not knowing. */
        public boolean mayStillSucceed() {
            return failure.kind() == Failure.Kind.OPERATOR;
        }

        @Override
        public Kind kind() {
            return Kind.FAILED;
        }
    }

    /** It was stopped on request and its hold is released. */
    record Canceled(Instant endedAt) implements Terminal {
        @Override
        public Kind kind() {
            return Kind.CANCELED;
        }
    }

    /** It waited too long and its hold is released. */
    record Expired(Instant endedAt) implements Terminal {
        @Override
        public Kind kind() {
            return Kind.EXPIRED;
        }
    }

    /** The names of the states, and the picture of which follows which. */
    enum Kind {
        QUEUED(0),
        RUNNING(1),
        CANCELING(2),
        SUCCEEDED(3),
        FAILED(4),
        CANCELED(5),
        EXPIRED(6);

        private final int number;

        Kind(int number) {
            this.number = number;
        }

        /** The number under which stores keep it; never reused. */
        public int number() {
            return number;
        }

        /**
         * The kind with this number.
         *
         * @throws IllegalArgumentException if there is none
         */
        public static Kind ofNumber(int number) {
            for (Kind kind : values()) {
                if (kind.number == number) {
                    return kind;
                }
            }
            throw new IllegalArgumentException("no job state has the number " + number);
        }

        /** The word in APIs, logs and docs. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }

        public boolean isTerminal() {
            return switch (this) {
                case QUEUED, RUNNING, CANCELING -> false;
                case SUCCEEDED, FAILED, CANCELED, EXPIRED -> true;
            };
        }

        /** Whether a slot is taken. */
        public boolean isActive() {
            return this == RUNNING || this == CANCELING;
        }

        /** The kinds that may come next. */
        public Set<Kind> next() {
            return switch (this) {
                case QUEUED -> EnumSet.of(RUNNING, CANCELED, EXPIRED);
                case RUNNING -> EnumSet.of(QUEUED, CANCELING, SUCCEEDED, FAILED);
                case CANCELING -> EnumSet.of(SUCCEEDED, CANCELED);
                case FAILED -> EnumSet.of(SUCCEEDED); // if it may, see Failed#mayStillSucceed
                case SUCCEEDED, CANCELED, EXPIRED -> EnumSet.noneOf(Kind.class);
            };
        }
    }
}
