package io.tollgate.queue.job;

import java.time.Instant;
import java.util.Locale;
import java.util.Optional;

/**
 * One try at running a job on a backend.
 *
 * @param job whose
 * @param number counted from 1
 * @param runId the name its backend knows it by
 * @param backend where it runs
 * @param slot the backend's slot that it takes, from 0
 * @param phase how far it got
 * @param lease who drives it
 * @param claimedAt when its job was claimed
 * @param startedAt when its backend began to work on it
 * @param endedAt when it ended
 * @param failure why it failed, if it did
 */
public record Attempt(
        JobId job,
        int number,
        RunId runId,
        BackendId backend,
        int slot,
        Phase phase,
        Lease lease,
        Instant claimedAt,
        Optional<Instant> startedAt,
        Optional<Instant> endedAt,
        Optional<Failure> failure) {
    /** How far an attempt got. */
    public enum Phase {
        /** Stored, with its run id; its backend may or may not have been called. */
        CLAIMED(0),
        /** Its backend has it. */
        SUBMITTED(1),
        /** Its backend works on it. */
        STARTED(2),
        /** Nobody can say what became of it; it is being looked for. */
        UNKNOWN(3),
        /** Over. */
        ENDED(4),
        /** Its backend is done with it and has no more of it in a slot; what it made is being fetched. */
        COLLECTING(5);

        private final int number;

        Phase(int number) {
            this.number = number;
        }

        /** The number under which stores keep it; never reused. */
        public int number() {
            return number;
        }

        /**
         * The phase with this number.
         *
         * @throws IllegalArgumentException if there is none
         */
        public static Phase ofNumber(int number) {
            for (Phase phase : values()) {
                if (phase.number == number) {
                    return phase;
                }
            }
            throw new IllegalArgumentException("no phase has the number " + number);
        }

        /** Whether an attempt in this phase takes a slot and counts under the limits. */
        public boolean hasSlot() {
            return this != COLLECTING && this != ENDED;
        }

        /** Whether an operator may end a job whose attempt is in this phase. */
        boolean canBeResolved() {
            return this == UNKNOWN || this == COLLECTING;
        }

        /** The word in APIs, logs and docs. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** This attempt without words that may say whose it was. */
    public Attempt erased() {
        return new Attempt(
                job,
                number,
                runId,
                backend,
                slot,
                phase,
                lease,
                claimedAt,
                startedAt,
                endedAt,
                failure.map(Failure::erased));
    }

    /** What names this attempt while its lease lasts. */
    public AttemptRef ref() {
        return new AttemptRef(job, number, lease.token());
    }

    Attempt inPhase(Phase next, RunId knownAs, Instant now) {
        Optional<Instant> started = next == Phase.STARTED && startedAt.isEmpty() ? Optional.of(now) : startedAt;
        return new Attempt(job, number, knownAs, backend, slot, next, lease, claimedAt, started, endedAt, failure);
    }

    Attempt ended(Instant now, Optional<Failure> why) {
        return new Attempt(
                job, number, runId, backend, slot, Phase.ENDED, lease, claimedAt, startedAt, Optional.of(now), why);
    }

    Attempt leased(Lease next) {
        return new Attempt(job, number, runId, backend, slot, phase, next, claimedAt, startedAt, endedAt, failure);
    }
}
