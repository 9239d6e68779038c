package io.tollgate.app.crash;

import com.google.inject.AbstractModule;
import com.google.inject.multibindings.MapBinder;
import com.google.inject.multibindings.Multibinder;
import io.tollgate.app.config.ConfigLoader;
import io.tollgate.app.config.TollgateConfig;
import io.tollgate.app.container.Access;
import io.tollgate.app.container.BackendFactory;
import io.tollgate.app.container.ServiceContainer;
import io.tollgate.credits.account.UserId;
import io.tollgate.credits.ledger.Amount;
import io.tollgate.credits.ledger.GrantSource;
import io.tollgate.queue.JobHandle;
import io.tollgate.queue.Tollgate;
import io.tollgate.queue.event.JobEvent;
import io.tollgate.queue.event.JobListener;
import io.tollgate.queue.gate.JobRequest;
import io.tollgate.queue.job.JobStore;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A node in a process of its own, to be killed: the program as it is, with a backend of ours. Says on standard output,
 * a line each, what it was told is durable:
 *
 * <pre>
 * READY       it runs
 * ACK ID      a job was acknowledged
 * END ID      a job is over
 * IDLE        no job is left (only without load)
 * </pre>
 */
final class CrashNode {
    static final UserId USER = new UserId("crash");
    static final Amount GRANTED = Amount.credits(1_000_000);
    private static final int LOADERS = 3;

    /** What an embedder's module looks like: another kind of backend, and somebody who listens. */
    private static final class SurvivingModule extends AbstractModule {
        private final JobListener listener;

        SurvivingModule(JobListener listener) {
            this.listener = listener;
        }

        @Override
        protected void configure() {
            MapBinder.newMapBinder(binder(), String.class, BackendFactory.class)
                    .addBinding(SurvivingBackend.TYPE)
                    .toInstance((id, config, queues, folder) ->
                            new SurvivingBackend(id, config.url().orElseThrow(), config.slots()));
            Multibinder.newSetBinder(binder(), JobListener.class).addBinding().toInstance(listener);
        }
    }

    private CrashNode() {}

    /** Arguments: the data directory, the server's port, and how many jobs to submit (0: only finish what is there). */
    public static void main(String... args) throws Exception {
        TollgateConfig config = config(Path.of(args[0]), args[1]);
        long jobs = Long.parseLong(args[2]);
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
        try (ServiceContainer container = ServiceContainer.open(
                config, Access.WORK, "crash node", new SurvivingModule(event -> tell(event, out)))) {
            container
                    .tollgate()
                    .credits()
                    .grant(USER, GrantSource.BONUS, "crash:grant", GRANTED, Optional.empty(), "test", "to be spent")
                    .toCompletableFuture()
                    .join();
            out.println("READY");
            if (jobs == 0) {
                awaitIdle(container.jobs());
                out.println("IDLE");
            } else {
                load(container.tollgate(), jobs, out);
            }
            while (System.in.read() >= 0) {
                // whoever started it holds its input open
            }
        }
    }

    /** The configuration of a node on {@code directory} whose backend is the server at {@code port}. */
    static TollgateConfig config(Path directory, String port) throws URISyntaxException {
        Path file = Path.of(CrashNode.class.getResource("crash.conf").toURI());
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

    private static void awaitIdle(JobStore store) throws InterruptedException {
        Semaphore commits = new Semaphore(0);
        store.onCommit(changes -> commits.release());
        while (isBusy(store)) {
            commits.tryAcquire(1, TimeUnit.SECONDS);
            commits.drainPermits();
        }
    }

    private static boolean isBusy(JobStore store) {
        boolean[] busy = new boolean[1];
        store.forEachLive(job -> busy[0] = true);
        return busy[0];
    }

    private static void tell(JobEvent event, PrintStream out) {
        if (event instanceof JobEvent.Ended ended) {
            out.println("END " + ended.job().id());
        }
    }

    private static void load(Tollgate tollgate, long jobs, PrintStream out) {
        AtomicLong left = new AtomicLong(jobs);
        for (int i = 0; i < LOADERS; i++) {
            Random random = new Random();
            Thread loader = new Thread(() -> {
                while (left.getAndDecrement() > 0) {
                    JobHandle handle = tollgate.submit(JobRequest.of(USER, "sleep")
                            .with("ms", random.nextInt(60))
                            .with("fail", random.nextInt(10) == 0));
                    out.println("ACK " + handle.id());
                }
            });
            loader.setDaemon(true);
            loader.start();
        }
    }
}
