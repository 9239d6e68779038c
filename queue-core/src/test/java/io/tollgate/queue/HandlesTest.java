package io.tollgate.queue;

import io.tollgate.queue.dispatch.Lines;
import io.tollgate.queue.event.Events;
import io.tollgate.queue.event.JobListener;
import io.tollgate.queue.event.JobListenerContract;
import io.tollgate.queue.event.Timers;
import io.tollgate.queue.test.House;

/** Holds those who follow jobs to the contract of all listeners. */
final class HandlesTest extends JobListenerContract {
    private final House house = new House();
    private final Events events = new Events(house.executor);
    private final Handles handles =
            new Handles(house.memory, new Lines(), new Timers(house.executor, events), house.executor, events);

    @Override
    protected JobListener listener() {
        return handles::follow;
    }
}
