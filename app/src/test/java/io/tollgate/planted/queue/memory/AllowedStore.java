package io.tollgate.planted.queue.memory;

/** Memory may know any room. */
public final class AllowedStore {
    public io.tollgate.planted.queue.dispatch.Upstairs upstairs() {
        return new io.tollgate.planted.queue.dispatch.Upstairs();
    }
}
