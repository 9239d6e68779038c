package io.tollgate.queue.access;

import java.util.UUID;

/** The public name of an API key, which opens nothing: a UUIDv7. */
public record KeyId(UUID value) {
    /**
     * Reads the usual 36 characters.
     *
     * @throws IllegalArgumentException if they are no UUID
     */
    public static KeyId parse(String text) {
        UUID id = UUID.fromString(text);
        if (!id.toString().equalsIgnoreCase(text)) { // it also takes "1-1-1-1-1"
            throw new IllegalArgumentException("not an id: '" + text + "'");
        }
        return new KeyId(id);
    }

    @Override
    public String toString() {
        return value.toString();
    }
}
