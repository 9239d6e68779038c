package io.tollgate.comfyui;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** What the server can do, asked once for each connection of the websocket. Safe for use by many threads. */
final class ServerFeatures {
    /** An id that no prompt has. */
    private static final String NO_PROMPT = "00000000-0000-4000-8000-000000000000";

    private final ComfyApi api;
    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable CompletableFuture<Features> known;

    ServerFeatures(ComfyApi api) {
        this.api = api;
    }

    /** What the server can do; asks if nobody did since it was forgotten. */
    CompletableFuture<Features> now() {
        CompletableFuture<Features> asked = new CompletableFuture<>();
        lock.lock();
        try {
            if (known != null && !known.isCompletedExceptionally()) {
                return known;
            }
            known = asked;
        } finally {
            lock.unlock();
        }
        CompletableFuture<Void> unused = api.systemStats()
                .thenCompose(told -> Features.isReadable(told)
                        ? CompletableFuture.completedFuture(Features.of(told, true, true))
                        : probed(told))
                .handle((can, problem) -> {
                    if (problem == null) {
                        asked.complete(can);
                    } else {
                        asked.completeExceptionally(problem);
                    }
                    return null;
                });
        return asked;
    }

    private CompletableFuture<Features> probed(String told) {
        return api.exists("/features")
                .thenCombine(
                        api.knows(NO_PROMPT).handle((known, problem) -> problem == null && known.isPresent()),
                        (hasFeatures, hasJobs) -> Features.of(told, hasFeatures, hasJobs));
    }

    /** It may be another server now. */
    void forget() {
        lock.lock();
        try {
            known = null;
        } finally {
            lock.unlock();
        }
    }

    /** It turned out to give prompts ids of its own. */
    void correctOwnIds() {
        lock.lock();
        try {
            if (known != null) {
                known = known.thenApply(Features::withoutOwnIds);
            }
        } finally {
            lock.unlock();
        }
    }

    /** It turned out to be less. */
    void correct(Features less) {
        lock.lock();
        try {
            known = CompletableFuture.completedFuture(less);
        } finally {
            lock.unlock();
        }
    }
}
