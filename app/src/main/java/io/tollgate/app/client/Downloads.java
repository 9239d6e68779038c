package io.tollgate.app.client;

import io.tollgate.queue.job.ContentHash;
import io.tollgate.queue.media.Hashing;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.UUID;
import java.util.function.DoubleConsumer;

/**
 * Fetches files from a server: to a file beside the target that takes its name when all of it came and is what it
 * should be. A connection that breaks is made again behind what came. Safe for use by many threads.
 */
public final class Downloads {
    private static final Duration LONGEST_SILENCE = Duration.ofSeconds(60);
    private static final Duration LONGEST = Duration.ofDays(1);

    private final ApiClient client;
    private final Hashing hashing;
    private final Backoff backoff;

    /** Will fetch by {@code client}. */
    public Downloads(ApiClient client, Hashing hashing, Backoff backoff) {
        this.client = client;
        this.hashing = hashing;
        this.backoff = backoff;
    }

    /**
     * Fetches a file; one of the same name is replaced.
     *
     * @param size how long it must be
     * @param hash what it must be, unless it is of a function that isn't known here
     * @param progress hears how much came, from 0 to 1
     * @throws CallFailedException if it doesn't come, or is another
     * @throws IOException if it can't be written
     */
    public void fetch(String asset, long size, ContentHash hash, Path target, DoubleConsumer progress)
            throws IOException {
        Path part = target.resolveSibling("." + target.getFileName() + "." + UUID.randomUUID() + ".part");
        Files.createFile(part); // with the rights that files have here, unlike a temporary one
        try {
            for (int failures = 1; Files.size(part) < size || size == 0; ) {
                long before = Files.size(part);
                try {
                    more(asset, size, part, progress);
                    break;
                } catch (CallFailedException e) {
                    if (Files.size(part) > before) {
                        failures = 1;
                    }
                    if (!e.isPassing() || failures >= backoff.tries()) {
                        throw e;
                    }
                    Duration wait = backoff.afterFailure(failures++);
                    client.tell(e.getMessage() + "; going on in " + Math.max(1, wait.toSeconds()) + " s");
                    Backoff.pause(wait);
                }
            }
            check(asset, size, hash, part);
            Files.move(part, target, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(part);
        }
    }

    private void more(String asset, long size, Path part, DoubleConsumer progress) throws IOException {
        long have = Files.size(part);
        HttpRequest.Builder request =
                client.request(Route.api("assets", asset, "content")).setHeader("Accept", "*/*");
        if (have > 0) {
            request.header("Range", "bytes=" + have + "-");
        }
        HttpResponse<InputStream> answer = client.send(request.GET().build());
        boolean goesOn = answer.statusCode() == 206;
        try (InputStream bytes = new WatchedStream(answer.body(), LONGEST_SILENCE, LONGEST, client.timer());
                OutputStream out = goesOn
                        ? Files.newOutputStream(part, StandardOpenOption.APPEND)
                        : Files.newOutputStream(part, StandardOpenOption.TRUNCATE_EXISTING)) {
            long count = goesOn ? have : 0;
            byte[] buffer = new byte[1 << 16];
            for (int read = next(bytes, buffer); read >= 0; read = next(bytes, buffer)) {
                count += read;
                if (count > size) {
                    throw CallFailedException.hopeless("file " + asset + " is longer than the server said", null);
                }
                out.write(buffer, 0, read);
                progress.accept((double) count / size);
            }
            if (count < size) {
                throw CallFailedException.passing("file " + asset + " was cut off", null);
            }
        }
    }

    private int next(InputStream bytes, byte[] buffer) {
        try {
            return bytes.read(buffer);
        } catch (IOException e) {
            throw client.unreachable(e);
        }
    }

    private void check(String asset, long size, ContentHash hash, Path part) throws IOException {
        if (Files.size(part) != size) {
            throw CallFailedException.hopeless("file " + asset + " is not as long as the server said", null);
        }
        if (hash.function() != hashing.function()) {
            return;
        }
        Hashing.Running running = hashing.start();
        try (InputStream bytes = Files.newInputStream(part)) {
            byte[] buffer = new byte[1 << 16];
            for (int read = bytes.read(buffer); read >= 0; read = bytes.read(buffer)) {
                running.update(buffer, 0, read);
            }
        }
        if (!ContentHash.of(hashing.function(), running.digest()).equals(hash)) {
            throw CallFailedException.hopeless(
                    "file " + asset + " is not what the server said: its hash is another; nothing was kept", null);
        }
    }
}
