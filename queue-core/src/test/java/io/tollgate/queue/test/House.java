package io.tollgate.queue.test;

import io.tollgate.credits.account.UserId;
import io.tollgate.credits.ledger.Amount;
import io.tollgate.credits.ledger.GrantSource;
import io.tollgate.credits.pricing.Tariff;
import io.tollgate.credits.test.MutableClock;
import io.tollgate.queue.JobHandle;
import io.tollgate.queue.Tollgate;
import io.tollgate.queue.TollgateBuilder;
import io.tollgate.queue.dispatch.DispatchSettings;
import io.tollgate.queue.event.JobEvent;
import io.tollgate.queue.gate.JobRequest;
import io.tollgate.queue.job.JobId;
import io.tollgate.queue.job.JobPolicy;
import io.tollgate.queue.job.JobRecord;
import io.tollgate.queue.job.JobRules;
import io.tollgate.queue.job.JobState;
import io.tollgate.queue.job.ModelName;
import io.tollgate.queue.job.NodeId;
import io.tollgate.queue.job.QueueName;
import io.tollgate.queue.job.RetryPolicy;
import io.tollgate.queue.job.WorkflowName;
import io.tollgate.queue.memory.MemoryMediaStore;
import io.tollgate.queue.memory.MemoryStore;
import io.tollgate.queue.workflow.InputSpec;
import io.tollgate.queue.workflow.Workflow;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/** One store, one clock, one thread, and the nodes on them. */
public final class House implements AutoCloseable {
    public static final UserId ANN = new UserId("ann");
    public static final QueueName IMAGE = new QueueName("image");
    private static final long PATIENCE_SECONDS = 30;

    public final MutableClock clock = new MutableClock();
    public final ManualScheduler executor = new ManualScheduler(clock);
    public final JobPolicy policy;
    public final MemoryStore memory;
    public final ShakyStore shaky;
    public final MemoryMediaStore media = new MemoryMediaStore();
    public final ScriptedBackend gpu;
    public final List<JobEvent> events = new ArrayList<>();
    private final List<Tollgate> nodes = new ArrayList<>();

    public House() {
        this(JobPolicy.DEFAULT, 1);
    }

    public House(JobPolicy policy, int slots) {
        this.policy = policy;
        this.memory = new MemoryStore(new JobRules(policy), clock);
        this.shaky = new ShakyStore(memory);
        this.gpu = new ScriptedBackend("gpu-1", slots);
    }

    /** A workflow "draw" with a prompt, a seed and a photo, none of them needed. */
    public static Workflow draw() {
        return draw("draw", "model-a", 1, RetryPolicy.DEFAULT);
    }

    public static Workflow draw(String name, String model, int outputs, RetryPolicy retry) {
        return new Workflow(
                new WorkflowName(name),
                "Draw",
                "Draws.",
                IMAGE,
                new ModelName(model),
                Tariff.of(Amount.credits(10)),
                List.of(
                        new InputSpec.Text("prompt", "", false, Optional.of("a boat"), 200),
                        new InputSpec.Seed("seed", ""),
                        new InputSpec.Files(
                                "photo", "", false, InputSpec.Media.IMAGE, Set.of("image/png"), 1, 1, 1_000_000)),
                Map.of(JobSpecs.TYPE, Map.of("operation", "draw")),
                Set.of(),
                Map.of(),
                outputs,
                Duration.ofMinutes(10),
                retry);
    }

    /** A node that has begun to work, with the workflow "draw" and the one backend. */
    public Tollgate open() {
        return open(builder -> builder.workflows(draw()).backend(gpu));
    }

    public Tollgate open(Consumer<TollgateBuilder> more) {
        Tollgate node = build(more);
        node.start();
        executor.runReady();
        return node;
    }

    /** A node that has not begun to work. */
    public Tollgate build(Consumer<TollgateBuilder> more) {
        TollgateBuilder builder = Tollgate.builder()
                .clock(clock)
                .threads(executor, executor)
                .policy(policy)
                .store(shaky.store())
                .media(media)
                .node(new NodeId("node-1"))
                .listener(events::add);
        more.accept(builder);
        Tollgate node = builder.build();
        nodes.add(node);
        return node;
    }

    /** Spans that fit tests which are about lasting runs: as shipped. */
    public static DispatchSettings settings() {
        return DispatchSettings.DEFAULT;
    }

    public void credit(UserId user, int credits) {
        join(nodes.get(0)
                .credits()
                .grant(
                        user,
                        GrantSource.BONUS,
                        "test-" + user,
                        Amount.credits(credits),
                        Optional.empty(),
                        "test",
                        "for a test"));
    }

    public JobHandle submit(Tollgate node) {
        return submit(node, JobRequest.of(ANN, "draw"));
    }

    public JobHandle submit(Tollgate node, JobRequest request) {
        JobHandle handle = node.submit(request);
        executor.runReady();
        return handle;
    }

    public void advance(Duration span) {
        executor.advance(span);
    }

    public void settle() {
        executor.runReady();
    }

    public JobRecord record(JobId id) {
        return memory.find(id).orElseThrow();
    }

    public JobState.Kind kind(JobHandle handle) {
        return record(handle.id()).job().kind();
    }

    /** What a user can spend now. */
    public Amount available(UserId user) {
        return memory.account(user).orElseThrow().available();
    }

    /** Stops a node, while time passes. */
    public void stop(Tollgate node) {
        CompletableFuture<Void> closing = CompletableFuture.runAsync(node::close);
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (!closing.isDone()) {
            if (System.nanoTime() > end) {
                throw new AssertionError("it does not close");
            }
            executor.advance(Duration.ofSeconds(1));
            try {
                closing.get(5, TimeUnit.MILLISECONDS);
            } catch (TimeoutException notYet) {
                // let more time pass
            } catch (InterruptedException | ExecutionException e) {
                throw new AssertionError("it does not close well", e);
            }
        }
        closing.join();
        executor.runReady();
        nodes.remove(node);
    }

    public <E extends JobEvent> List<E> heard(Class<E> kind) {
        return events.stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    /** The answer of a stage that is complete. */
    public <T> T join(java.util.concurrent.CompletionStage<T> stage) {
        executor.runReady();
        CompletableFuture<T> future = stage.toCompletableFuture();
        if (!future.isDone()) {
            throw new AssertionError("it has no answer yet");
        }
        return future.join();
    }

    @Override
    public void close() {
        List.copyOf(nodes).forEach(this::stop);
    }
}
