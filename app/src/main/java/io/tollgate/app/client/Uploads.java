package io.tollgate.app.client;

import com.fasterxml.jackson.databind.JsonNode;
import io.tollgate.queue.job.ContentHash;
import io.tollgate.queue.media.Hashing;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.function.DoubleConsumer;

/** Brings files to a server. What it has already isn't sent again. Safe for use by many threads. */
public final class Uploads {
    private static final String END = "\r\n";
    private static final int SLOWEST_BYTES_PER_SECOND = 16 << 10;

    private final ApiClient client;
    private final Hashing hashing;

    /**
     * A file that the server has now.
     *
     * @param sent whether its bytes were sent just now
     */
    public record Brought(JsonNode asset, boolean sent) {}

    /** Will bring files by {@code client}, known by what {@code hashing} makes of them. */
    public Uploads(ApiClient client, Hashing hashing) {
        this.client = client;
        this.hashing = hashing;
    }

    /**
     * Brings a file.
     *
     * @param progress hears how much is sent, from 0 to 1
     * @throws IOException if the file can't be read
     */
    public Brought bring(Path file, DoubleConsumer progress) throws IOException {
        long size = Files.size(file);
        String hash = hash(file).toString();
        String name = String.valueOf(file.getFileName());
        try {
            // asks again before it sends again: an upload whose answer was lost may have arrived
            return client.repeated(() -> known(hash, name, size, file, progress));
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private Brought known(String hash, String name, long size, Path file, DoubleConsumer progress) {
        try {
            Map<String, String> wanted = Map.of("hash", hash, "file_path", name);
            JsonNode asset = client.post(Route.api("assets", "from-hash"), wanted);
            progress.accept(1);
            return new Brought(asset, false);
        } catch (CallFailedException e) {
            if (!e.code().equals("blob_not_found")) {
                throw e;
            }
        }
        return new Brought(send(hash, name, size, file, progress), true);
    }

    private JsonNode send(String hash, String name, long size, Path file, DoubleConsumer progress) {
        String boundary = "tollgate-" + UUID.randomUUID();
        byte[] head = ("--" + boundary + END + "Content-Disposition: form-data; name=\"expected_hash\"" + END + END
                        + hash
                        + END + "--" + boundary + END + "Content-Disposition: form-data; name=\"file\"; filename=\""
                        + quoted(name) + "\"" + END + "Content-Type: application/octet-stream" + END + END)
                .getBytes(StandardCharsets.UTF_8);
        byte[] tail = (END + "--" + boundary + "--" + END).getBytes(StandardCharsets.UTF_8);
        BodyPublisher body = BodyPublishers.concat(
                BodyPublishers.ofByteArray(head),
                BodyPublishers.ofInputStream(() -> counted(file, size, progress)),
                BodyPublishers.ofByteArray(tail));
        Duration within = ApiClient.ANSWER_WITHIN.plusSeconds(size / SLOWEST_BYTES_PER_SECOND);
        HttpRequest.Builder request = client.request(Route.api("assets"))
                .timeout(within)
                .header("Content-Type", "multipart/form-data; boundary=" + boundary)
                .POST(BodyPublishers.fromPublisher(body, head.length + size + tail.length));
        return client.json(request);
    }

    /** As browsers write names: what would end the name is percent-encoded. */
    private static String quoted(String name) {
        return name.replace("\"", "%22").replace("\r", "%0D").replace("\n", "%0A");
    }

    private static InputStream counted(Path file, long size, DoubleConsumer progress) {
        InputStream bytes;
        try {
            bytes = Files.newInputStream(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new FilterInputStream(bytes) {
            private long sent;

            @Override
            public int read(byte[] into, int from, int length) throws IOException {
                int count = super.read(into, from, length);
                if (count > 0) {
                    sent += count;
                    progress.accept((double) sent / size);
                }
                return count;
            }
        };
    }

    private ContentHash hash(Path file) throws IOException {
        Hashing.Running running = hashing.start();
        try (InputStream bytes = Files.newInputStream(file)) {
            byte[] buffer = new byte[1 << 16];
            for (int count = bytes.read(buffer); count >= 0; count = bytes.read(buffer)) {
                running.update(buffer, 0, count);
            }
        }
        return ContentHash.of(hashing.function(), running.digest());
    }
}
