package io.tollgate.app.crash;

import io.tollgate.credits.CreditService;
import io.tollgate.credits.ledger.GrantSource;
import io.tollgate.credits.ledger.StoreException;
import io.tollgate.queue.JobHandle;
import io.tollgate.queue.RefusedException;
import io.tollgate.queue.Tollgate;
import io.tollgate.queue.event.JobEvent;
import io.tollgate.queue.gate.JobRequest;
import io.tollgate.queue.job.Delivery;
import io.tollgate.queue.job.DeliveryEvent;
import io.tollgate.queue.job.DeliveryTarget;
import io.tollgate.queue.job.JobCommand;
import io.tollgate.queue.job.JobCommand.ResolveResult;
import io.tollgate.queue.job.JobId;
import io.tollgate.queue.job.JobSpec;
import io.tollgate.queue.job.QueueSwitch;
import io.tollgate.queue.test.StoredDeliveries;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;

/**
 * A {@link Node} in a process of its own, to be killed. Says on standard output, a line each, what it was told is
 * durable:
 *
 * <pre>
 * READY       it runs
 * ACK ID      a job was acknowledged
 * REFUSED WHY the store could not take a job, or cannot say whether it did
 * END ID      a job is over
 * DID WHAT    an operator's deed was acknowledged (only with the script)
 * IDLE        no job is left
 * AT NAME     it passed a point (only with the script)
 * </pre>
 */
final class CrashNode {
    private static final int LOADERS = 3;
    private static final long AFTER_REFUSAL_NANOS = 50_000_000;
    private static final Duration SHORT_LIFE = Duration.ofMillis(1_500);
    private static final List<Mood> WILD =
            List.of(Mood.HONEST, Mood.HONEST, Mood.SLOW, Mood.LOST, Mood.HIDDEN, Mood.DROPPED, Mood.TWICE);

    private final PrintStream out =
            new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
    private final Map<String, CompletableFuture<Void>> heard = new ConcurrentHashMap<>();

    private CrashNode() {}

    /**
     * Arguments: the data directory, the server's port, what to do, and for the script where to stop dead.
     *
     * <ul>
     *   <li>{@code load} submits jobs without end
     *   <li>{@code wild} the same, with a server in all moods
     *   <li>{@code script} does one of each, then waits until all is done
     *   <li>{@code finish} waits until all that is there is done
     * </ul>
     */
    public static void main(String... args) throws Exception {
        new CrashNode().run(args);
    }

    private void run(String... args) throws Exception {
        boolean script = args[2].equals("script");
        Halts halts = script ? new Halts(args[3], point -> out.println("AT " + point)) : Node.NO_HALTS;
        try (Node node =
                Node.open(Path.of(args[0]), Integer.parseInt(args[1]), this::heard, InstantSource.system(), halts)) {
            out.println("READY");
            switch (args[2]) {
                case "load" -> load(node.tollgate(), List.of(Mood.HONEST));
                case "wild" -> load(node.tollgate(), WILD);
                case "script" -> script(node);
                default -> {}
            }
            if (script || args[2].equals("finish")) {
                node.awaitIdle();
                if (script) {
                    node.awaitDelivered();
                }
                out.println("IDLE");
            }
            while (System.in.read() >= 0) {
                // whoever started it holds its input open
            }
        }
    }

    private void heard(JobEvent event) {
        if (event instanceof JobEvent.Ended ended) {
            out.println("END " + ended.job().id());
            heard("ended", ended.job().id()).complete(null);
        } else if (event instanceof JobEvent.Promoted promoted) {
            heard("promoted", promoted.job().id()).complete(null);
        } else if (event instanceof JobEvent.PhaseChanged changed) {
            heard(changed.attempt().phase().name(), changed.attempt().job()).complete(null);
        }
    }

    private CompletableFuture<Void> heard(String what, JobId job) {
        return heard.computeIfAbsent(what + " " + job, first -> new CompletableFuture<>());
    }

    private void load(Tollgate tollgate, List<Mood> moods) {
        for (int i = 0; i < LOADERS; i++) {
            Random random = new Random();
            Thread loader = new Thread(() -> {
                while (true) {
                    JobRequest request = JobRequest.of(Node.USER, "sleep")
                            .with("ms", random.nextInt(60))
                            .with(
                                    "mood",
                                    moods.get(random.nextInt(moods.size())).word())
                            .with("fail", random.nextInt(10) == 0);
                    try {
                        submit(tollgate, request);
                    } catch (StoreException e) {
                        out.println("REFUSED " + e.getMessage());
                        LockSupport.parkNanos(AFTER_REFUSAL_NANOS);
                    } catch (RefusedException e) { // enough wait already: nobody asks the disk, so ask it
                        grant(tollgate);
                        LockSupport.parkNanos(AFTER_REFUSAL_NANOS);
                    }
                }
            });
            loader.setDaemon(true);
            loader.start();
        }
    }

    private void grant(Tollgate tollgate) {
        try {
            tollgate.credits()
                    .grant(
                            Deeds.OTHER,
                            GrantSource.BONUS,
                            "load:" + UUID.randomUUID(),
                            Deeds.GRANTED,
                            Optional.empty(),
                            "test",
                            "whether the disk is there")
                    .toCompletableFuture()
                    .join();
        } catch (CompletionException e) {
            if (!(e.getCause() instanceof StoreException refused)) {
                throw e;
            }
            out.println("REFUSED " + refused.getMessage());
        }
    }

    /** One of each that a node does in a day, so that every point is passed. */
    private void script(Node node) throws InterruptedException {
        Tollgate tollgate = node.tollgate();
        deed(Deeds.LIMIT, tollgate.operations().setLimit(Deeds.MODEL, OptionalInt.of(Deeds.LIMIT_SET), "test"));
        deed(Deeds.PAUSE, tollgate.operations().switchQueue(Deeds.LOT, QueueSwitch.Mode.PAUSED, "test"));
        JobId promoted = submit(tollgate, JobRequest.of(Node.USER, "parked").with("ms", 30))
                .id();
        JobId expired = submitShortLived(node, promoted);

        JobRequest sleep = JobRequest.of(Node.USER, "sleep").with("ms", 30);
        JobRequest delivered = sleep.deliveredTo(new DeliveryTarget("file", "out"));
        JobHandle first = submit(tollgate, delivered);
        submit(tollgate, sleep.with("fail", true));
        submit(tollgate, sleep.with("makes", 0));
        submit(tollgate, delivered.with("mood", Mood.LOST.word()).with("ms", 200));
        submit(tollgate, sleep.with("mood", Mood.TWICE.word()));
        submit(
                tollgate,
                JobRequest.of(Node.USER, "pair")
                        .with("ms", 30)
                        .deliveredTo(new DeliveryTarget("file", "out", EnumSet.allOf(DeliveryEvent.class))));
        JobHandle stopped = submit(tollgate, sleep.with("ms", 5_000));
        heard("STARTED", stopped.id()).join();
        tollgate.cancel(stopped.id(), "test").toCompletableFuture().join();
        submit(tollgate, sleep.with("ms", 2_500)); // longer than a heartbeat

        bookkeep(tollgate);
        resolveOne(tollgate, sleep.with("mood", Mood.HIDDEN.word()).with("ms", 10_000));
        heard("ended", first.id()).join();
        node.awaitDelivered();
        Delivery made = StoredDeliveries.of(node.jobs(), Optional.of(Delivery.State.DELIVERED), 1)
                .get(0);
        deed(Deeds.REDELIVER, tollgate.operations().redeliver(made.id()));
        heard("promoted", promoted).join();
        heard("ended", expired).join();
        out.println("DID " + Deeds.ABOUT_TO_OPEN);
        deed(Deeds.OPEN, tollgate.operations().switchQueue(Deeds.LOT, QueueSwitch.Mode.OPEN, "test"));
    }

    /** A job like the other one, but one that may not wait for long. */
    private JobId submitShortLived(Node node, JobId other) {
        JobSpec like = node.jobs().find(other).orElseThrow().job().spec();
        Instant now = InstantSource.system().instant();
        JobSpec spec = new JobSpec(
                new JobId(UUID.randomUUID()),
                like.user(),
                like.batch(),
                like.workflow(),
                like.queue(),
                like.model(),
                like.needs(),
                like.inputs(),
                like.tariff(),
                like.priority(),
                now,
                now.plus(SHORT_LIFE),
                like.origin(),
                like.targets(),
                like.tags(),
                like.metadata());
        node.jobs()
                .execute(new JobCommand.Submit(List.of(spec), Optional.empty()))
                .toCompletableFuture()
                .join();
        out.println("ACK " + spec.id());
        return spec.id();
    }

    private void bookkeep(Tollgate tollgate) {
        CreditService credits = tollgate.credits();
        deed(
                Deeds.GRANT,
                credits.grant(
                        Deeds.OTHER,
                        GrantSource.BONUS,
                        "crash:other",
                        Deeds.GRANTED,
                        Optional.empty(),
                        "test",
                        "bought by somebody else"));
        deed(Deeds.ADJUST, credits.adjust(Deeds.OTHER, Deeds.ADJUSTED, "test", "a correction", "crash:adjust"));
        deed(Deeds.TIER, credits.assignTier(Deeds.OTHER, Deeds.TIER_GIVEN, Optional.empty(), "test", "a thank you"));
    }

    /** Ends a job by hand while nobody can say what became of its run, which is not for long. */
    private void resolveOne(Tollgate tollgate, JobRequest hidden) {
        ResolveResult result;
        do {
            JobId job = submit(tollgate, hidden).id();
            heard("UNKNOWN", job).join();
            result = tollgate.operations()
                    .resolve(job, false, "test", "nobody knows")
                    .toCompletableFuture()
                    .join();
        } while (!(result instanceof ResolveResult.Resolved));
        out.println("DID " + Deeds.RESOLVE);
    }

    private void deed(String name, CompletionStage<?> answer) {
        answer.toCompletableFuture().join();
        out.println("DID " + name);
    }

    private JobHandle submit(Tollgate tollgate, JobRequest request) {
        JobHandle handle = tollgate.submit(request);
        out.println("ACK " + handle.id());
        return handle;
    }
}
