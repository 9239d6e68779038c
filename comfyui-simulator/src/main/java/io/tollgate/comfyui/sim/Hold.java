package io.tollgate.comfyui.sim;

import java.time.Duration;
import java.util.concurrent.TimeoutException;

/**
 * A node class at which the worker waits. A held node looks at the interrupt flag, as one that reports progress does.
 * Closing releases it. Safe for use by many threads.
 */
public final class Hold implements AutoCloseable {

    private final ComfySimulator simulator;
    private final String nodeClass;

    Hold(ComfySimulator simulator, String nodeClass) {
        this.simulator = simulator;
        this.nodeClass = nodeClass;
    }

    /**
     * Waits until the worker has come to such a node in the present life of the server, at least so many times.
     *
     * @param times counted over all holds of this class, at least 1
     * @throws TimeoutException if it takes longer
     */
    public void awaitReached(int times, Duration timeout) throws InterruptedException, TimeoutException {
        if (!simulator.awaitReached(nodeClass, times, timeout)) {
            throw new TimeoutException("no run came to " + nodeClass + " within " + timeout);
        }
    }

    /** Lets the worker go on, now and with later nodes of this class. */
    public void release() {
        simulator.release(nodeClass);
    }

    @Override
    public void close() {
        release();
    }
}
