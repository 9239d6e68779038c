package io.tollgate.app.client;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Reads server-sent events, https://html.spec.whatwg.org/multipage/server-sent-events.html, as far as servers of ours
 * use them. Comments and retry times are passed over. Used by one thread.
 */
final class EventReader implements AutoCloseable {
    private final InputStream stream;
    private final int maxBytes;

    /**
     * One event.
     *
     * @param id by which one goes on behind it; empty if it has none
     * @param name what it is, {@code message} if nothing is said
     */
    record Event(String id, String name, String data) {}

    /** @param maxBytes the most that one event may have */
    EventReader(InputStream stream, int maxBytes) {
        this.stream = new BufferedInputStream(stream);
        this.maxBytes = maxBytes;
    }

    /** The next event; empty at the end of the stream, what began before it is dropped. */
    Optional<Event> next() throws IOException {
        String id = "";
        String name = "message";
        StringBuilder data = new StringBuilder();
        int size = 0;
        for (Optional<String> line = line(); line.isPresent(); line = line()) {
            String text = line.get();
            size += text.length();
            if (size > maxBytes) {
                throw new IOException("an event has more than " + maxBytes + " bytes");
            }
            if (text.isEmpty()) {
                if (!data.isEmpty()) {
                    return Optional.of(new Event(id, name, data.toString()));
                }
                id = "";
                name = "message";
                size = 0;
                continue;
            }
            int colon = text.indexOf(':');
            String field = colon < 0 ? text : text.substring(0, colon);
            String value = colon < 0 ? "" : text.substring(colon + 1).replaceFirst("^ ", "");
            switch (field) {
                case "id" -> id = value;
                case "event" -> name = value;
                case "data" -> data.append(data.isEmpty() ? "" : "\n").append(value);
                default -> {
                    // a comment, or nothing that is known
                }
            }
        }
        return Optional.empty();
    }

    private Optional<String> line() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int read = stream.read(); read >= 0; read = stream.read()) {
            if (read == '\n') {
                String text = line.toString(StandardCharsets.UTF_8);
                return Optional.of(text.endsWith("\r") ? text.substring(0, text.length() - 1) : text);
            }
            if (line.size() >= maxBytes) {
                throw new IOException("an event has more than " + maxBytes + " bytes");
            }
            line.write(read);
        }
        return Optional.empty();
    }

    @Override
    public void close() throws IOException {
        stream.close();
    }
}
