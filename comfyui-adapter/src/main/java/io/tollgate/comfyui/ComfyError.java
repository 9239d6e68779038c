package io.tollgate.comfyui;

import io.tollgate.queue.job.Failure;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What can go wrong with a ComfyUI server: a call, or a run. Each knows what that means to the queue. */
sealed interface ComfyError {
    /** One line for people: no secrets, no prompts, no paths. */
    String message();

    /** What it means for an attempt that ends with it. */
    default Failure failure() {
        return new Failure(kind(), message(), place());
    }

    Failure.Kind kind();

    /** The node that failed, if one did. */
    default Optional<Failure.Place> place() {
        return Optional.empty();
    }

    /** Whether what was asked certainly never reached the server. */
    default boolean neverArrived() {
        return false;
    }

    /** Whether the same question may well be answered soon. */
    default boolean isPassing() {
        return false;
    }

    /** Whether it gives reason to ask whether the server lives. */
    default boolean saysDead() {
        return isPassing();
    }

    /** The call did not get through to the server: nothing was asked of it, and later it may well be. */
    sealed interface Away extends ComfyError {
        @Override
        default Failure.Kind kind() {
            return Failure.Kind.UNREACHABLE;
        }

        @Override
        default boolean neverArrived() {
            return true;
        }

        @Override
        default boolean isPassing() {
            return true;
        }
    }

    /** We have too much to ask at once: it says nothing about the server. */
    record Congested(String reason) implements Away {
        @Override
        public String message() {
            return "too many calls at once: " + reason;
        }

        @Override
        public boolean saysDead() {
            return false;
        }
    }

    /** No connection could be opened. */
    record Unreachable(String reason) implements Away {
        @Override
        public String message() {
            return "the server can't be reached: " + reason;
        }
    }

    /** No whole answer in time. It may have arrived. */
    record TimedOut(String what, long millis) implements ComfyError {
        @Override
        public String message() {
            return "no answer to " + what + " in " + millis + " ms";
        }

        @Override
        public Failure.Kind kind() {
            return Failure.Kind.TIMEOUT;
        }

        @Override
        public boolean isPassing() {
            return true;
        }
    }

    /** The connection ended in the middle, as when a server dies. It may have arrived. */
    record Broken(String reason) implements ComfyError {
        @Override
        public String message() {
            return "the connection broke: " + reason;
        }

        @Override
        public Failure.Kind kind() {
            return Failure.Kind.UNREACHABLE;
        }

        @Override
        public boolean isPassing() {
            return true;
        }
    }

    /** The server, or a proxy before it, has too much to do or can't reach what is behind it. */
    record Busy(int status, String what) implements ComfyError {
        @Override
        public String message() {
            return "the server is busy: status " + status + " to " + what;
        }

        @Override
        public Failure.Kind kind() {
            return Failure.Kind.UNREACHABLE;
        }

        @Override
        public boolean neverArrived() {
            return status == 429;
        }

        @Override
        public boolean isPassing() {
            return true;
        }
    }

    /** The server, or a proxy before it, does not let us in. */
    record Forbidden(int status, String what) implements ComfyError {
        @Override
        public String message() {
            return "the server does not let us in: status " + status + " to " + what;
        }

        @Override
        public Failure.Kind kind() {
            return Failure.Kind.UNREACHABLE;
        }

        @Override
        public boolean neverArrived() {
            return true;
        }
    }

    /**
     * What we sent is more than the server takes, or what it sent more than we read.
     *
     * @param refused whether it is the server that refused what we sent
     */
    record TooLarge(String reason, boolean refused) implements ComfyError {
        @Override
        public String message() {
            return reason;
        }

        @Override
        public Failure.Kind kind() {
            return Failure.Kind.PROTOCOL;
        }
    }

    /** An answer that makes no sense. */
    record Protocol(String message) implements ComfyError {
        @Override
        public Failure.Kind kind() {
            return Failure.Kind.PROTOCOL;
        }
    }

    /** The answer makes no sense; says how it begins. */
    static Protocol protocol(String what, byte[] body) {
        return protocol(what, body, List.of());
    }

    /**
     * The answer makes no sense; says how it begins.
     *
     * @param secrets texts of the user's, which the message doesn't repeat
     */
    static Protocol protocol(String what, byte[] body, Collection<String> secrets) {
        return new Protocol("can't read the answer to " + what
                + (bringsPrompts(what) ? "" : ", which begins: " + start(body, secrets)));
    }

    /**
     * The answer has a status that makes no sense; says how it begins.
     *
     * @param secrets texts of the user's, which the message doesn't repeat
     */
    static Protocol protocol(String what, int status, byte[] body, Collection<String> secrets) {
        return new Protocol(
                "status " + status + " to " + what + (bringsPrompts(what) ? "" : ": " + start(body, secrets)));
    }

    /** Whether the answer may hold other people's prompts, so that nothing of it is shown. */
    private static boolean bringsPrompts(String what) {
        return what.startsWith("GET /queue") || what.startsWith("GET /history") || what.startsWith("GET /api/jobs");
    }

    private static String start(byte[] body, Collection<String> secrets) {
        return Json.start(
                secrets.isEmpty()
                        ? body
                        : Wording.without(new String(body, StandardCharsets.UTF_8), secrets)
                                .getBytes(StandardCharsets.UTF_8));
    }

    /**
     * A graph was refused.
     *
     * @param kind whose fault that is
     * @param reason all that is wrong, on one line
     * @param missing the tags of what the server lacks
     * @param inputGone whether it is only that a file we uploaded isn't there any more
     */
    record Refused(Failure.Kind kind, String reason, Set<String> missing, boolean inputGone) implements ComfyError {
        public Refused {
            missing = Set.copyOf(missing);
        }

        /** What it means now that the server was asked what it has: what it lists isn't missing, the graph is wrong. */
        Refused judged(Set<String> lacked) {
            return kind == Failure.Kind.INCAPABLE && lacked.isEmpty()
                    ? new Refused(Failure.Kind.BAD_WORKFLOW, reason, Set.of(), inputGone)
                    : new Refused(kind, reason, lacked, inputGone);
        }

        @Override
        public String message() {
            return "the server refused it: " + reason;
        }
    }

    /** A node failed. */
    record ExecutionFailed(Failure.Kind kind, String node, String nodeClass, String reason) implements ComfyError {
        private static final List<Failure.Kind> KINDS =
                List.of(Failure.Kind.BACKEND, Failure.Kind.BAD_INPUT, Failure.Kind.OUT_OF_MEMORY);

        public ExecutionFailed {
            if (!KINDS.contains(kind)) {
                throw new IllegalArgumentException("a node does not fail like that: " + kind);
            }
        }

        @Override
        public String message() {
            return "node " + node + " (" + nodeClass + ") failed: " + reason;
        }

        @Override
        public Optional<Failure.Place> place() {
            return Optional.of(new Failure.Place(node, nodeClass));
        }
    }

    /** Somebody stopped the run at its server, and it wasn't us. */
    record Interrupted() implements ComfyError {
        @Override
        public String message() {
            return "stopped at its server";
        }

        @Override
        public Failure.Kind kind() {
            return Failure.Kind.BACKEND;
        }
    }
}
