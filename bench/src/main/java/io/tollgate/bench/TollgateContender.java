package io.tollgate.bench;

import io.tollgate.queue.Tollgate;
import io.tollgate.queue.dispatch.DispatchSettings;
import io.tollgate.queue.event.JobEvent;
import io.tollgate.queue.gate.JobRequest;
import io.tollgate.queue.job.JobChanges;
import io.tollgate.queue.job.JobCommand.SubmitResult;
import io.tollgate.queue.media.LocalMediaStore;
import io.tollgate.queue.media.MediaStore;
import io.tollgate.queue.memory.MemoryMediaStore;
import io.tollgate.sql.SqliteStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Tollgate as a whole: a request passes the gate, its credits are held, it is claimed for a slot, handed to a backend
 * that is done at once, and captured. Each job stores one tiny output.
 */
final class TollgateContender implements Contender {
    /** Where outputs are kept. */
    enum Media {
        MEMORY,
        /** Each output is a file that is made durable before its job ends. */
        FILES
    }

    private static final int FILE_THREADS = 8;
    private static final long EVENTS_WITHIN_NANOS = 10_000_000_000L;

    /** A database may be filled long before its turn: nobody is promoted because of that. */
    private static final DispatchSettings DISPATCH = new DispatchSettings(
            DispatchSettings.DEFAULT.leaseTtl(),
            DispatchSettings.DEFAULT.submitTimeout(),
            DispatchSettings.DEFAULT.lookGrace(),
            DispatchSettings.DEFAULT.lookAgain(),
            Duration.ofDays(1),
            DispatchSettings.DEFAULT.sweep(),
            DispatchSettings.DEFAULT.stopGrace());

    private final String name;
    private final Media media;
    private final Workload workload;

    TollgateContender(String name, Media media) {
        this(name, media, Workload.RACE);
    }

    TollgateContender(String name, Media media, Workload workload) {
        this.name = name;
        this.media = media;
        this.workload = workload;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public boolean hasLedger() {
        return true;
    }

    @Override
    public Open open(Path dir) throws Exception {
        Open session = new Open(dir, media, workload, 0);
        workload.grant(session.node.store);
        return session;
    }

    @Override
    public Open reopen(Path dir, long submitted) throws Exception {
        return new Open(dir, media, workload, submitted);
    }

    @Override
    public Contender filler() {
        return new StoreContender(workload);
    }

    /** The whole of it on one database. */
    static final class Open implements Session {
        private final Path dir;
        private final MediaStore media;
        private final Workload workload;
        private final ExecutorService io = Executors.newFixedThreadPool(FILE_THREADS, Node.DAEMONS);
        private Node node;
        private Tollgate tollgate;
        private final AtomicLong submitted;
        private final AtomicLong committedEnds = new AtomicLong();
        private final AtomicLong toldEnds = new AtomicLong();
        private volatile @Nullable Work work;

        private Open(Path dir, Media media, Workload workload, long submitted) throws IOException {
            this.dir = dir;
            this.workload = workload;
            this.submitted = new AtomicLong(submitted);
            this.media = media == Media.MEMORY
                    ? new MemoryMediaStore()
                    : new LocalMediaStore(Files.createDirectories(dir.resolve("media")));
            this.node = Node.open(dir, workload);
            this.tollgate = build(1);
        }

        private Tollgate build(int slots) {
            return Tollgate.builder()
                    .store(node.store)
                    .policy(workload.policy())
                    .media(media)
                    .workflows(workload.recipes())
                    .backend(new InstantBackend(slots, this::started))
                    .threads(node.work, io)
                    .dispatch(DISPATCH)
                    .listener(this::heard)
                    .build();
        }

        /** The whole of it, until the next restart. */
        Tollgate tollgate() {
            return tollgate;
        }

        /** Its database's store, until the next restart. */
        SqliteStore store() {
            return node.store;
        }

        private void started(long number) {
            Work now = work;
            if (now != null) {
                now.started(number);
            }
        }

        private void heard(JobEvent event) {
            Work now = work;
            if (event instanceof JobEvent.Ended ended && now != null) {
                toldEnds.incrementAndGet();
                now.finished(Noop.number(ended.job().spec()));
            } else if (event instanceof JobEvent.Fault fault) {
                node.failed(fault.problem());
            }
        }

        @Override
        public void submit(long number) {
            accepted(submitLater(number).join());
        }

        @Override
        public void submitAll(long first, int count) {
            Noop.submitAll(first, count, this::submitLater, this::accepted);
        }

        private CompletableFuture<SubmitResult> submitLater(long number) {
            return tollgate.submitAsync(JobRequest.of(
                                    workload.user(number),
                                    workload.workflow(number).value())
                            .with(Noop.NUMBER, number))
                    .toCompletableFuture();
        }

        private void accepted(SubmitResult result) {
            if (!(result instanceof SubmitResult.Accepted)) {
                throw new IllegalStateException("tollgate refused: " + result);
            }
            submitted.incrementAndGet();
        }

        @Override
        public Engine start(int workers, Work engineWork) {
            restart(workers); // slots are given when it is built
            work = engineWork;
            tollgate.start();
            return () -> {
                tollgate.close();
                awaitEvents();
            };
        }

        /** Closes all of it, the store too, and opens it again; it runs no jobs. */
        void restart(int slots) {
            tollgate.close();
            node.close();
            work = null;
            node = Node.open(dir, workload);
            committedEnds.set(0);
            toldEnds.set(0);
            node.store.onCommit(this::countEnds);
            tollgate = build(slots);
        }

        private void countEnds(List<JobChanges> commit) {
            for (JobChanges changes : commit) {
                for (JobChanges.Move move : changes.moves()) {
                    if (move.after().endedAt().isPresent()) {
                        committedEnds.incrementAndGet();
                    }
                }
            }
        }

        /** Events are told after the commit, on other threads: the last of them may still be on their way. */
        private void awaitEvents() {
            long deadline = System.nanoTime() + EVENTS_WITHIN_NANOS;
            while (toldEnds.get() < committedEnds.get() && deadline - System.nanoTime() > 0) {
                LockSupport.parkNanos(1_000_000);
            }
        }

        @Override
        public long openJobs() {
            return Workload.open(node.store);
        }

        @Override
        public void checkBooks() {
            node.checkUnharmed();
            workload.checkBooks(node.store, submitted.get());
        }

        @Override
        public void close() {
            tollgate.close();
            io.shutdownNow();
            node.close();
        }
    }
}
