package io.tollgate.app.crash;

import io.tollgate.app.config.ConfigLoader;
import io.tollgate.app.config.TollgateConfig;
import io.tollgate.app.container.Access;
import io.tollgate.app.container.ServiceContainer;
import io.tollgate.credits.account.UserId;
import io.tollgate.credits.ledger.Amount;
import io.tollgate.credits.ledger.GrantSource;
import io.tollgate.queue.Tollgate;
import io.tollgate.queue.event.JobListener;
import io.tollgate.queue.job.Delivery;
import io.tollgate.queue.job.JobId;
import io.tollgate.queue.job.JobStore;
import io.tollgate.queue.test.StoredDeliveries;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** The program as it is, with a backend of ours, and one user who has credits. */
final class Node implements AutoCloseable {
    static final UserId USER = new UserId("crash");
    static final Amount GRANTED = Amount.credits(1_000_000);
    static final Halts NO_HALTS = new Halts("nowhere:1", name -> {});
    private static final long PATIENCE_SECONDS = 90;

    private final ServiceContainer container;
    private final Semaphore commits = new Semaphore(0);

    private Node(ServiceContainer container) {
        this.container = container;
        jobs().onCommit(changes -> commits.release());
    }

    /** Starts on {@code directory}, with the server at {@code port}. */
    static Node open(Path directory, int port) {
        return open(directory, port, event -> {}, InstantSource.system(), NO_HALTS);
    }

    static Node open(Path directory, int port, JobListener listener, InstantSource clock, Halts halts) {
        ServiceContainer container = ServiceContainer.open(
                config(directory, port), Access.WORK, "crash node", new NodeModule(listener, clock, halts));
        try {
            container
                    .tollgate()
                    .credits()
                    .grant(USER, GrantSource.BONUS, "crash:grant", GRANTED, Optional.empty(), "test", "to be spent")
                    .toCompletableFuture()
                    .join();
            return new Node(container);
        } catch (RuntimeException e) {
            container.close();
            throw e;
        }
    }

    private static TollgateConfig config(Path directory, int port) {
        Path file;
        try {
            file = Path.of(
                    Objects.requireNonNull(Node.class.getResource("crash.conf")).toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
        return ConfigLoader.load(
                        Optional.of(file),
                        Map.of(),
                        Map.of(
                                "data-dir", directory.toString(),
                                "workflows.dir",
                                        file.resolveSibling("workflows").toString(),
                                "backends.survivor.url", "http://127.0.0.1:" + port),
                        Set.of(SurvivingBackend.TYPE))
                .config();
    }

    Tollgate tollgate() {
        return container.tollgate();
    }

    JobStore jobs() {
        return container.jobs();
    }

    /** Waits until every job has ended. */
    void awaitIdle() throws InterruptedException {
        try {
            await("no job is live", () -> live().isEmpty());
        } catch (AssertionError e) {
            live().forEach(job -> e.addSuppressed(
                    new AssertionError(jobs().find(job).map(String::valueOf).orElse("gone"))));
            throw e;
        }
    }

    private List<JobId> live() {
        List<JobId> live = new ArrayList<>();
        jobs().forEachLive(job -> live.add(job.id()));
        return live;
    }

    /** Waits until every delivery is made or given up. */
    void awaitDelivered() throws InterruptedException {
        await(
                "nothing is owed",
                () -> StoredDeliveries.of(jobs(), Optional.of(Delivery.State.PENDING), 1)
                                .isEmpty()
                        && StoredDeliveries.of(jobs(), Optional.of(Delivery.State.WAITING), 1)
                                .isEmpty());
    }

    /** Waits for what a commit may bring about. */
    void await(String what, BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("not within " + PATIENCE_SECONDS + " s: " + what);
            }
            commits.tryAcquire(200, TimeUnit.MILLISECONDS); // not every change is a commit
            commits.drainPermits();
        }
    }

    @Override
    public void close() {
        container.close();
    }
}
