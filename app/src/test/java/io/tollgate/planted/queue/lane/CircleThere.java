package io.tollgate.planted.queue.lane;

public final class CircleThere {
    io.tollgate.planted.queue.event.CircleBack back() {
        return new io.tollgate.planted.queue.event.CircleBack();
    }
}
