package io.tollgate.planted.queue.job;

final class KnowsFace {
    io.tollgate.planted.queue.Face face() {
        return new io.tollgate.planted.queue.Face();
    }
}
