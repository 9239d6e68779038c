package io.tollgate.queue.backend;

import io.tollgate.queue.event.Progress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;

/** Writes down what it hears of one run, and in which order. Safe for use by many threads. */
public class RecordingListener implements RunListener {
    private static final long PATIENCE_SECONDS = 30;

    private final ReentrantLock lock = new ReentrantLock();
    private final List<String> calls = new ArrayList<>();
    private final List<Progress> progress = new ArrayList<>();
    private final CountDownLatch started = new CountDownLatch(1);
    private final CompletableFuture<RunOutcome> outcome = new CompletableFuture<>();

    @Override
    public void started() {
        note("started");
        started.countDown();
    }

    @Override
    public void progress(Progress now) {
        lock.lock();
        try {
            calls.add("progress");
            progress.add(now);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void ended(RunOutcome how) {
        note("ended");
        outcome.complete(how);
    }

    private void note(String call) {
        lock.lock();
        try {
            calls.add(call);
        } finally {
            lock.unlock();
        }
    }

    /** What was called until now, in order: {@code started}, {@code progress}, {@code ended}. */
    public List<String> calls() {
        lock.lock();
        try {
            return List.copyOf(calls);
        } finally {
            lock.unlock();
        }
    }

    /** The progress told until now, in order. */
    public List<Progress> progress() {
        lock.lock();
        try {
            return List.copyOf(progress);
        } finally {
            lock.unlock();
        }
    }

    /** Waits until the run began. */
    public void awaitStarted() throws InterruptedException {
        if (!started.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            throw new AssertionError("the run did not start; calls: " + calls());
        }
    }

    /** Waits until the run is over. */
    public RunOutcome awaitEnded() throws InterruptedException {
        try {
            return outcome.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new AssertionError("the run did not end; calls: " + calls(), e);
        }
    }
}
