package io.tollgate.queue.job;

import io.tollgate.credits.ledger.StorableText;
import java.util.Locale;
import java.util.Optional;

/**
 * Why an attempt or a job did not succeed. Each kind knows whether another try is worth it and whose fault it was.
 *
 * @param kind what went wrong
 * @param message one line for people, without secrets and prompts, at most {@value #MAX_MESSAGE} characters
 * @param place the part of the workflow that failed, if the backend says which
 */
public record Failure(Kind kind, String message, Optional<Place> place) {
    /** The longest message that is kept; longer ones are cut. */
    public static final int MAX_MESSAGE = 500;

    /**
     * A part of a workflow. Longer texts are cut.
     *
     * @param node what it is called in the workflow, at most {@value #MAX_NAME} characters
     * @param nodeClass what kind of part it is, at most {@value #MAX_NAME} characters
     */
    public record Place(String node, String nodeClass) {
        /** The longest name that is kept. */
        public static final int MAX_NAME = 100;

        public Place {
            node = line(node, MAX_NAME);
            nodeClass = line(nodeClass, MAX_NAME);
        }
    }

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
        message = line(message, MAX_MESSAGE);
    }

    /** A failure of no part in particular. */
    public Failure(Kind kind, String message) {
        this(kind, message, Optional.empty());
    }

    /** The first line of a text, as far as it is kept. */
    private static String line(String text, int max) {
        String line = StorableText.repaired(text)
                .strip()
                .lines()
                .findFirst()
                .orElse("")
                .strip();
        if (line.length() <= max) {
            return line;
        }
        int end = max - 1;
        // half a character is none, and databases refuse it
        end = Character.isHighSurrogate(line.charAt(end - 1)) ? end - 1 : end;
        return line.substring(0, end) + "…";
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
