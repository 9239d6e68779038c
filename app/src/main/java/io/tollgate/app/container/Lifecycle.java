package io.tollgate.app.container;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The services in the order in which they were made, which is the order of their dependencies: what a service needs was
 * made before it. They start in that order and stop in reverse, each within its deadline. Safe for use by many threads.
 */
public final class Lifecycle {
    private static final Logger LOG = LoggerFactory.getLogger(Lifecycle.class);

    private final ReentrantLock lock = new ReentrantLock();
    private final Deque<Service> services = new ArrayDeque<>();
    private final List<Service> unstarted = new ArrayList<>();

    /** Takes a service in that was just made. */
    public void add(Service service) {
        lock.lock();
        try {
            services.addLast(service);
            unstarted.add(service);
        } finally {
            lock.unlock();
        }
    }

    /** Starts what isn't yet, in order. If one can't, all are stopped and its exception is thrown. */
    void start() {
        lock.lock();
        try {
            while (!unstarted.isEmpty()) {
                unstarted.remove(0).start();
            }
        } catch (RuntimeException | Error e) {
            stop();
            throw e;
        } finally {
            lock.unlock();
        }
    }

    /** Stops all of them, the last made first. What one throws is logged and holds up no other. Twice is fine. */
    void stop() {
        lock.lock();
        try {
            unstarted.clear();
            while (!services.isEmpty()) {
                stop(services.removeLast());
            }
        } finally {
            lock.unlock();
        }
    }

    private static void stop(Service service) {
        FutureTask<Void> stopping = new FutureTask<>(service::close, null);
        Thread thread = new Thread(stopping, "tollgate-stop-" + service.name().replace(' ', '-'));
        thread.setDaemon(true);
        thread.start();
        boolean interrupted = false;
        long deadline = System.nanoTime() + service.stopWithin().toNanos();
        while (true) {
            try {
                stopping.get(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
                break;
            } catch (InterruptedException e) {
                interrupted = true; // whoever interrupts wants an end, and this is one
            } catch (TimeoutException e) {
                stopping.cancel(true);
                LOG.atWarn()
                        .setMessage("service did not stop in time")
                        .addKeyValue("service", service.name())
                        .addKeyValue("within", service.stopWithin())
                        .log();
                break;
            } catch (ExecutionException e) {
                LOG.atWarn()
                        .setMessage("service did not stop well")
                        .addKeyValue("service", service.name())
                        .addKeyValue("problem", String.valueOf(e.getCause()))
                        .log();
                break;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
