package io.tollgate.app.container;

import static java.nio.file.StandardWatchEventKinds.ENTRY_CREATE;
import static java.nio.file.StandardWatchEventKinds.ENTRY_DELETE;
import static java.nio.file.StandardWatchEventKinds.ENTRY_MODIFY;

import io.tollgate.queue.workflow.Catalogue;
import io.tollgate.queue.workflow.InvalidWorkflowException;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has the catalogue read again when a file in the operator's directory came, went or changed. It waits until a look
 * finds nothing new, so that a copy of several files is read once, and whole. The directory may come and go. What is
 * broken is told by who reads it, and the old catalogue stays. Safe for use by many threads.
 */
final class CatalogueWatch {
    private static final Logger LOG = LoggerFactory.getLogger(CatalogueWatch.class);
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(500);
    private static final Duration STOP_WITHIN = Duration.ofSeconds(5);

    private final Path directory;
    private final Supplier<Catalogue> reload;
    private final ReentrantLock lock = new ReentrantLock();
    private final Quiet quiet = new Quiet();
    private @Nullable WatchService watch;
    private @Nullable WatchKey key;
    private @Nullable Future<?> next;
    private boolean closed;

    /**
     * Watches nothing yet.
     *
     * @param directory where the workflows are, there or not
     * @param reload reads them; throws {@link InvalidWorkflowException} when one is wrong, after telling so
     */
    CatalogueWatch(Path directory, Supplier<Catalogue> reload) {
        this.directory = directory;
        this.reload = reload;
    }

    /** Looks twice a second until it is closed: {@code timers} says when, {@code io} does it. */
    Service service(ScheduledExecutorService timers, Executor io) {
        return Service.of("catalogue watch", STOP_WITHIN, () -> again(timers, io), this::close);
    }

    private void again(ScheduledExecutorService timers, Executor io) {
        lock.lock();
        try {
            if (!closed) {
                next = timers.schedule(
                        () -> io.execute(() -> {
                            if (look()) {
                                again(timers, io);
                            }
                        }),
                        BETWEEN_LOOKS.toMillis(),
                        TimeUnit.MILLISECONDS);
            }
        } catch (RejectedExecutionException e) {
            LOG.debug("workflows are no longer watched", e); // the program ends
        } finally {
            lock.unlock();
        }
    }

    /** Looks once, and has the catalogue read if something changed before and nothing since. False: look no more. */
    boolean look() {
        lock.lock();
        try {
            if (closed) {
                return false;
            }
            if (quiet.after(news())) {
                read();
            }
            return true;
        } catch (IOException | UnsupportedOperationException e) {
            LOG.atWarn()
                    .setMessage("workflows are not watched; a restart reads them")
                    .addKeyValue("directory", directory)
                    .addKeyValue("problem", e.toString())
                    .log();
            return false;
        } finally {
            lock.unlock();
        }
    }

    private boolean news() throws IOException {
        boolean news = false;
        if (watch == null) {
            watch = FileSystems.getDefault().newWatchService();
        }
        if (key == null && Files.isDirectory(directory)) {
            key = directory.register(watch, ENTRY_CREATE, ENTRY_DELETE, ENTRY_MODIFY);
            news = true; // what happened before nobody saw
        }
        for (WatchKey found = watch.poll(); found != null; found = watch.poll()) {
            news |= !found.pollEvents().isEmpty();
            if (!found.reset()) {
                key = null; // the directory went away
                news = true;
            }
        }
        return news;
    }

    private void read() {
        try {
            Catalogue now = reload.get();
            LOG.atInfo()
                    .setMessage("workflows read anew")
                    .addKeyValue("workflows", now.all().size())
                    .log();
        } catch (InvalidWorkflowException e) {
            LOG.debug("the old workflows stay", e); // told already, with all problems
        } catch (RuntimeException e) {
            LOG.atWarn()
                    .setMessage("workflows can't be read; the old ones stay")
                    .addKeyValue("problem", e.toString())
                    .log();
        }
    }

    /** Looks no more. Waits for a look that is under way; twice is fine. */
    void close() {
        lock.lock();
        try {
            closed = true;
            if (next != null) {
                next.cancel(false);
            }
            if (watch != null) {
                watch.close();
                watch = null;
                key = null;
            }
        } catch (IOException e) {
            LOG.debug("closing the watch", e);
        } finally {
            lock.unlock();
        }
    }

    /** Knows when it is quiet again after news. Confined to whoever holds the lock. */
    static final class Quiet {
        private boolean before;

        /** Whether there was news before, and this time none: true once for each time of news. */
        boolean after(boolean news) {
            boolean due = before && !news;
            before = news;
            return due;
        }
    }
}
