package io.tollgate.bench;

import io.tollgate.credits.pricing.Tariff;
import io.tollgate.queue.job.AssetId;
import io.tollgate.queue.job.ContentHash;
import io.tollgate.queue.job.IdSource;
import io.tollgate.queue.job.InputValue;
import io.tollgate.queue.job.JobChanges;
import io.tollgate.queue.job.JobCommand;
import io.tollgate.queue.job.JobCommand.Claimed;
import io.tollgate.queue.job.JobCommand.DriveResult;
import io.tollgate.queue.job.JobCommand.Offer;
import io.tollgate.queue.job.JobCommand.SubmitResult;
import io.tollgate.queue.job.JobId;
import io.tollgate.queue.job.JobSpec;
import io.tollgate.queue.job.Needs;
import io.tollgate.queue.job.NodeId;
import io.tollgate.queue.job.Output;
import io.tollgate.queue.job.RunId;
import io.tollgate.queue.job.UuidV7;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * Tollgate's store alone: the same units of rows (job, hold, slot, attempt, posting, entries, history, output), but no
 * gate, no phases and no driver. What it is slower than the floor is the price of the fuller books; what it is faster
 * than {@link TollgateContender} is the price of the layers above. Claims are fetched ahead, as the floor does.
 */
final class StoreContender implements Contender {
    private static final int AHEAD = 128;
    private static final int CLAIM = 64;
    private static final Duration LEASE = Duration.ofHours(1);
    private static final ContentHash HASH = new ContentHash(ContentHash.Function.BLAKE3, "0".repeat(64));

    private final Workload workload;

    StoreContender() {
        this(Workload.RACE);
    }

    StoreContender(Workload workload) {
        this.workload = workload;
    }

    @Override
    public String name() {
        return "store";
    }

    @Override
    public boolean hasLedger() {
        return true;
    }

    @Override
    public Session open(Path dir) {
        Open session = new Open(dir, workload, 0);
        workload.grant(session.node.store);
        return session;
    }

    @Override
    public Session reopen(Path dir, long submitted) {
        return new Open(dir, workload, submitted);
    }

    private static final class Open implements Session {
        private static final Needs NEEDS = new Needs(Set.of(Noop.BACKEND_TYPE), Set.of());
        private static final List<Offer> OFFERS = List.of(new Offer(InstantBackend.ID, Noop.BACKEND_TYPE, Set.of()));

        private final Node node;
        private final Workload workload;
        private final IdSource ids = new UuidV7(InstantSource.system(), new SecureRandom());
        private final AtomicLong submitted;
        private final LinkedBlockingQueue<Optional<Claimed>> claimed = new LinkedBlockingQueue<>();
        private final AtomicInteger wishes = new AtomicInteger();
        private final AtomicBoolean running = new AtomicBoolean();

        Open(Path dir, Workload workload, long submitted) {
            this.workload = workload;
            this.submitted = new AtomicLong(submitted);
            node = Node.open(dir, workload);
            node.store.onCommit(this::committed);
        }

        private void committed(List<JobChanges> changes) {
            if (changes.stream().anyMatch(change -> !change.moves().isEmpty())) {
                claim();
            }
        }

        /** Claims, if no claim is under way; else has that one followed by another. */
        private void claim() {
            if (running.get() && wishes.getAndIncrement() == 0) {
                claimNow();
            }
        }

        private void claimNow() {
            int seen = wishes.get();
            List<RunId> runIds =
                    Stream.generate(() -> new RunId(ids.next())).limit(CLAIM).toList();
            node.store
                    .execute(new JobCommand.Claim(Noop.QUEUE, new NodeId("bench"), OFFERS, runIds, LEASE))
                    .whenComplete((jobs, problem) -> {
                        if (problem != null) {
                            node.failed(problem);
                            return;
                        }
                        jobs.forEach(job -> claimed.add(Optional.of(job)));
                        if (wishes.addAndGet(-seen) > 0) {
                            if (running.get()) {
                                claimNow();
                            } else {
                                wishes.set(0);
                            }
                        }
                    });
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
            Instant now = Instant.now();
            JobSpec spec = new JobSpec(
                    new JobId(ids.next()),
                    workload.user(number),
                    Optional.empty(),
                    workload.workflow(number),
                    Noop.QUEUE,
                    workload.model(number),
                    NEEDS,
                    Map.of(Noop.NUMBER, new InputValue.Whole(number)),
                    Tariff.of(Noop.PRICE),
                    0,
                    now,
                    now.plus(Duration.ofHours(24)),
                    Optional.empty(),
                    List.of(),
                    List.of(),
                    Map.of());
            return node.store
                    .execute(new JobCommand.Submit(List.of(spec), Optional.empty()))
                    .toCompletableFuture();
        }

        private void accepted(SubmitResult result) {
            if (!(result instanceof SubmitResult.Accepted)) {
                throw new IllegalStateException("the store refused: " + result);
            }
            submitted.incrementAndGet();
        }

        @Override
        public Engine start(int workers, Work work) {
            node.store
                    .execute(new JobCommand.ProvideSlots(InstantBackend.ID, workers + AHEAD))
                    .toCompletableFuture()
                    .join();
            running.set(true);
            claim();
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < workers; i++) {
                Thread thread = new Thread(() -> runJobs(work), "store-worker-" + i);
                thread.start();
                threads.add(thread);
            }
            return () -> {
                running.set(false);
                awaitClaims();
                for (int i = 0; i < workers; i++) {
                    claimed.add(Optional.empty()); // behind what was claimed, which is run: it has slots
                }
                threads.forEach(Open::join);
            };
        }

        private void awaitClaims() {
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
            while (wishes.get() > 0 && deadline - System.nanoTime() > 0) {
                LockSupport.parkNanos(100_000);
            }
        }

        private static void join(Thread thread) {
            try {
                thread.join(TimeUnit.SECONDS.toMillis(60));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        private void runJobs(Work work) {
            try {
                for (Optional<Claimed> next = claimed.take(); next.isPresent(); next = claimed.take()) {
                    run(next.get(), work);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (RuntimeException e) {
                node.failed(e);
            }
        }

        private void run(Claimed next, Work work) {
            long number = Noop.number(next.job().spec());
            work.started(number);
            Output output = new Output(
                    new AssetId(ids.next()),
                    next.job().id(),
                    0,
                    "out.txt",
                    Optional.empty(),
                    "text/plain",
                    Noop.output(number).length,
                    HASH,
                    Optional.empty(),
                    Optional.empty());
            DriveResult result = node.store
                    .execute(new JobCommand.Succeed(next.attempt().ref(), List.of(output), 1, List.of()))
                    .toCompletableFuture()
                    .join();
            if (!(result instanceof DriveResult.Done)) {
                throw new IllegalStateException("job " + number + " could not be ended: " + result);
            }
            work.finished(number);
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
            node.close();
        }
    }
}
