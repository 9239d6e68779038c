package io.tollgate.queue.job;

import io.tollgate.credits.ledger.StorableText;
import java.util.Locale;

/**
 * Why an attempt or a job did not succeed. Each kind knows whether another try is worth it and whose fault it was.
 *
 * @param kind what went wrong
 * @param message one line for people, without secrets and prompts, at most {@value #MAX_MESSAGE} characters
 */
public record Failure(Kind kind, String message) {
    /** The longest message that is kept; longer ones are cut. */
    public static final int MAX_MESSAGE = 500;

    /** What went wrong, and what follows from it. */
    public enum Kind {
        /** The workflow itself can't run: a missing node, a broken template. */
        BAD_WORKFLOW(false, false),
        /** An input file is not what it says or can't be read. */
        BAD_INPUT(false, false),
        /** A policy refused the request or withheld the output. */
        POLICY(false, false),
        /** The backend answered what the adapter does not understand. */
        PROTOCOL(true, true),
        /** The backend ran it and failed. */
        BACKEND(true, true),
        /** The backend lacks what the workflow needs, such as a model file: another may have it. */
        INCAPABLE(true, true),
        /** The run was taken back before it began, to let another go first. Costs no attempt. */
        RECALLED(true, true),
        /** The backend ran out of memory. */
        OUT_OF_MEMORY(true, true),
        /** It ran longer than the workflow allows and was stopped. */
        TIMEOUT(true, true),
        /** The backend forgot the run, as a restarted server does. Costs no attempt, within a bound. */
        LOST(true, true),
        /** The submission never arrived at the backend. Costs no attempt. */
        UNREACHABLE(true, true),
        /** An output could not be stored. */
        STORAGE(true, true),
        /** Somebody asked for the job to be stopped. */
        CANCELED(false, false),
        /** The job waited too long. */
        EXPIRED(false, true),
        /** An operator ended it by hand. */
        OPERATOR(false, true),
        /** A defect of ours. */
        INTERNAL(true, true);

        private final boolean retryable;
        private final boolean ourFault;

        Kind(boolean retryable, boolean ourFault) {
            this.retryable = retryable;
            this.ourFault = ourFault;
        }

        /** Whether another attempt is worth it. */
        public boolean isRetryable() {
            return retryable;
        }

        /** Whether the user can't be blamed, so that credits of an expired grant come back for a while. */
        public boolean isOurFault() {
            return ourFault;
        }

        /** The word in APIs and logs. */
        public String code() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public Failure {
        message = StorableText.repaired(message)
                .strip()
                .lines()
                .findFirst()
                .orElse("")
                .strip();
        if (message.length() > MAX_MESSAGE) {
            int end = MAX_MESSAGE - 1;
            // half a character is none, and databases refuse it
            end = Character.isHighSurrogate(message.charAt(end - 1)) ? end - 1 : end;
            message = message.substring(0, end) + "…";
        }
    }

    /** The same kind, without the words. */
    public Failure erased() {
        return new Failure(kind, EraseRules.GONE);
    }

    @Override
    public String toString() {
        return kind.code() + ": " + message;
    }
}
