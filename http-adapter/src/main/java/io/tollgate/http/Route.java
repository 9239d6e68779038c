package io.tollgate.http;

import io.tollgate.queue.access.Scope;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * One thing that can be asked.
 *
 * @param method in capitals
 * @param template the path, such as {@code /api/v2/jobs/{id}}; what stands in braces is any one segment
 * @param access who may ask
 * @param handling does it
 */
record Route(String method, String template, Access access, Handling handling) {
    /**
     * Who may ask.
     *
     * @param keyed whether a key is needed
     * @param scope what the key must allow
     */
    record Access(boolean keyed, Optional<Scope> scope) {
        /** Anybody. */
        static final Access OPEN = new Access(false, Optional.empty());

        /** Whoever has a key. */
        static final Access KEY = new Access(true, Optional.empty());

        /** Whose key allows it. */
        static Access of(Scope scope) {
            return new Access(true, Optional.of(scope));
        }
    }

    /** Does what a call asks. May block on disks and the store, but waits for nothing else. */
    @FunctionalInterface
    interface Handling {
        CompletionStage<Answer> handle(Call call) throws Exception;
    }

    /** Does it at once. */
    @FunctionalInterface
    interface Direct {
        Answer handle(Call call) throws Exception;
    }

    static Route of(String method, String template, Access access, Direct handling) {
        return new Route(method, template, access, call -> CompletableFuture.completedFuture(handling.handle(call)));
    }

    static Route later(String method, String template, Access access, Handling handling) {
        return new Route(method, template, access, handling);
    }

    List<String> segments() {
        return Router.segments(template);
    }
}
