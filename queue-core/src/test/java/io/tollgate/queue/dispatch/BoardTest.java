package io.tollgate.queue.dispatch;

import io.tollgate.queue.backend.Backends;
import io.tollgate.queue.event.Events;
import io.tollgate.queue.event.JobListener;
import io.tollgate.queue.event.JobListenerContract;
import io.tollgate.queue.event.Timers;
import io.tollgate.queue.lane.RunTimes;
import io.tollgate.queue.test.House;
import java.time.Duration;

/** Holds the board to the contract of all listeners. */
final class BoardTest extends JobListenerContract {
    private final House house = new House();
    private final Events events = new Events(house.executor);
    private final Board board = new Board(
            new Lines(),
            new Backends(new Timers(house.executor, events), events),
            house.policy,
            new RunTimes(Duration.ofSeconds(10)),
            house.clock);

    @Override
    protected JobListener listener() {
        return board::follow;
    }
}
