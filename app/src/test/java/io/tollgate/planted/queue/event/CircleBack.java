package io.tollgate.planted.queue.event;

public final class CircleBack {
    io.tollgate.planted.queue.lane.CircleThere there() {
        return new io.tollgate.planted.queue.lane.CircleThere();
    }
}
