package io.tollgate.planted.queue.job;

final class LooksUp {
    io.tollgate.planted.queue.dispatch.Upstairs upstairs() {
        return new io.tollgate.planted.queue.dispatch.Upstairs();
    }
}
