package io.tollgate.comfyui;

import io.tollgate.queue.backend.RunRequest;
import io.tollgate.queue.job.AssetId;
import io.tollgate.queue.media.ContentTypes;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Brings the input files of runs to the server, each once: one that was brought is not brought again while the
 * websocket lives; after that the server may be another one, and is asked first. Safe for use by many threads.
 */
final class Uploads {
    private static final int MOST = 10_000;

    private final ComfyApi api;
    private final Executor executor;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<AssetId, Upload> known = new LinkedHashMap<>(16, 0.75f, true);
    private int session;

    private record Upload(int session, CompletableFuture<String> name) {}

    Uploads(ComfyApi api, Executor executor) {
        this.api = api;
        this.executor = executor;
    }

    /** From now on nobody knows what the server still has. */
    void reconnected() {
        lock.lock();
        try {
            session++;
        } finally {
            lock.unlock();
        }
    }

    /** The server says that these are gone. */
    void forget(Collection<AssetId> assets) {
        lock.lock();
        try {
            assets.forEach(known::remove);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Makes sure that the files are there.
     *
     * @return their names at the server; completes exceptionally with {@link ComfyException}, or with an
     *     {@link IOException} if a file can't be read here
     */
    CompletableFuture<Map<AssetId, String>> bring(Collection<AssetId> assets, RunRequest.Files files) {
        Map<AssetId, CompletableFuture<String>> names = new LinkedHashMap<>();
        assets.forEach(asset -> names.put(asset, bring(asset, files)));
        return CompletableFuture.allOf(names.values().toArray(CompletableFuture[]::new))
                .thenApply(all -> {
                    Map<AssetId, String> ready = new LinkedHashMap<>();
                    names.forEach((asset, name) -> ready.put(asset, name.join()));
                    return ready;
                });
    }

    private CompletableFuture<String> bring(AssetId asset, RunRequest.Files files) {
        CompletableFuture<String> name;
        lock.lock();
        try {
            Upload before = known.get(asset);
            if (before != null && before.session() == session && !before.name().isCompletedExceptionally()) {
                return before.name();
            }
            name = before != null && before.name().isDone() && !before.name().isCompletedExceptionally()
                    ? checked(asset, before.name().join(), files)
                    : fresh(asset, files);
            known.put(asset, new Upload(session, name));
            if (known.size() > MOST) {
                known.remove(known.keySet().iterator().next());
            }
        } finally {
            lock.unlock();
        }
        return name;
    }

    private CompletableFuture<String> checked(AssetId asset, String name, RunRequest.Files files) {
        return api.hasInput(name)
                .thenCompose(there -> there ? CompletableFuture.completedFuture(name) : fresh(asset, files));
    }

    private CompletableFuture<String> fresh(AssetId asset, RunRequest.Files files) {
        return CompletableFuture.supplyAsync(
                        () -> {
                            try {
                                Path file = files.open(asset);
                                return new Opened(file, contentType(file));
                            } catch (IOException e) {
                                throw new UncheckedIOException(e);
                            }
                        },
                        executor)
                .thenCompose(opened -> api.upload(
                        opened.file(),
                        "tollgate-" + asset + ContentTypes.extension(opened.contentType()),
                        opened.contentType()));
    }

    private record Opened(Path file, String contentType) {}

    private static String contentType(Path file) throws IOException {
        try (InputStream bytes = new BufferedInputStream(Files.newInputStream(file))) {
            return ContentTypes.sniff(bytes);
        }
    }
}
