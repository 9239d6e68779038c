package io.tollgate.planted.queue;

/** The face of the planted queue; it may make threads and know memory. */
public final class Face {
    Thread threadAllowed() {
        return new Thread(io.tollgate.planted.queue.memory.AllowedStore::new);
    }
}
