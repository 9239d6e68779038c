package io.tollgate.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import io.tollgate.queue.Operations.LimitStatus;
import io.tollgate.queue.Operations.LineDepth;
import io.tollgate.queue.Operations.QueueStatus;
import io.tollgate.queue.Tollgate;
import io.tollgate.queue.backend.BackendStatus;
import io.tollgate.queue.job.Lane;
import io.tollgate.queue.job.QueueSwitch;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.locks.ReentrantLock;

/**
 * How things stand: lines, slots, backends, limits. {@link #update} measures; lines and backends are read from memory
 * each time, and what only the store knows at most once in {@link #STORE_READ_EVERY}. If the store can't be reached,
 * what it said last stays. Safe for use by many threads.
 */
public final class TollgateGauges {
    /** How old what is read from the store may be. */
    public static final Duration STORE_READ_EVERY = Duration.ofSeconds(10);

    private final Tollgate tollgate;
    private final InstantSource clock;
    private final ReentrantLock lock = new ReentrantLock();
    private Instant nextRead = Instant.MIN; // guarded by lock

    private final MultiGauge depth;
    private final MultiGauge ready;
    private final MultiGauge oldest;
    private final MultiGauge mode;
    private final MultiGauge running;
    private final MultiGauge modelRunning;
    private final MultiGauge modelLimit;
    private final MultiGauge backendState;
    private final MultiGauge slots;
    private final MultiGauge taken;
    private final MultiGauge others;
    private final Counter misses;

    /** @param clock the time that the jobs' instants are of */
    public TollgateGauges(MeterRegistry registry, Tollgate tollgate, InstantSource clock) {
        this.tollgate = tollgate;
        this.clock = clock;
        depth = gauge(registry, "tollgate.queue.depth", "Jobs that wait, those in their backoff too.");
        ready = gauge(registry, "tollgate.queue.ready", "Jobs that wait and may be claimed.");
        oldest = gauge(registry, "tollgate.queue.oldest.seconds", "How long the job waits that came first.");
        mode = gauge(registry, "tollgate.queue.mode", "1 for the mode that a queue is in.");
        running = gauge(registry, "tollgate.queue.running", "Jobs that run, on all nodes.");
        modelRunning = gauge(registry, "tollgate.model.running", "Jobs of a model that run, on all nodes.");
        modelLimit = gauge(registry, "tollgate.model.limit", "The most jobs of a model that may run at once.");
        backendState = gauge(registry, "tollgate.backend.state", "1 for the state that a backend is in.");
        slots = gauge(registry, "tollgate.backend.slots", "The most attempts that a backend takes at once.");
        taken = gauge(registry, "tollgate.backend.slots.taken", "Slots that are taken.");
        others = gauge(registry, "tollgate.backend.others", "Runs of other people there, as far as known.");
        misses = Counter.builder("tollgate.metrics.store.misses")
                .description("How often the store could not be read for metrics.")
                .register(registry);
        Gauge.builder("tollgate.attempts.driving", tollgate, Tollgate::driving)
                .description("Attempts that this node drives.")
                .strongReference(true)
                .register(registry);
    }

    private static MultiGauge gauge(MeterRegistry registry, String name, String what) {
        return MultiGauge.builder(name).description(what).register(registry);
    }

    /** Measures anew. */
    public void update() {
        lock.lock();
        try {
            Instant now = clock.instant();
            lines(now);
            backends();
            // a clock that was set back must not keep what is old for long
            if (!now.isBefore(nextRead) || nextRead.isAfter(now.plus(STORE_READ_EVERY))) {
                nextRead = now.plus(STORE_READ_EVERY);
                readStore();
            }
        } finally {
            lock.unlock();
        }
    }

    private void lines(Instant now) {
        List<Row<?>> depths = new ArrayList<>();
        List<Row<?>> readies = new ArrayList<>();
        List<Row<?>> ages = new ArrayList<>();
        for (LineDepth line : tollgate.operations().depths()) {
            String queue = line.queue().value();
            for (Lane lane : Lane.values()) {
                Tags tags = Tags.of("queue", queue, "lane", lane.word());
                depths.add(Row.of(tags, line.waiting().getOrDefault(lane, 0)));
                readies.add(Row.of(tags, line.ready().getOrDefault(lane, 0)));
            }
            double age = line.oldest()
                    .map(since -> Math.max(0, Duration.between(since, now).toMillis() / 1000.0))
                    .orElse(0.0);
            ages.add(Row.of(Tags.of("queue", queue), age));
        }
        depth.register(depths, true);
        ready.register(readies, true);
        oldest.register(ages, true);
    }

    private void backends() {
        List<Row<?>> states = new ArrayList<>();
        List<Row<?>> all = new ArrayList<>();
        List<Row<?>> inUse = new ArrayList<>();
        List<Row<?>> foreign = new ArrayList<>();
        for (BackendStatus backend : tollgate.operations().backends()) {
            Tags tags = Tags.of("backend", backend.id().value());
            for (BackendStatus.State state : BackendStatus.State.values()) {
                states.add(Row.of(tags.and("state", state.word()), backend.state() == state ? 1 : 0));
            }
            all.add(Row.of(tags, backend.slots()));
            inUse.add(Row.of(tags, backend.taken()));
            foreign.add(Row.of(tags, backend.others()));
        }
        backendState.register(states, true);
        slots.register(all, true);
        taken.register(inUse, true);
        others.register(foreign, true);
    }

    private void readStore() {
        List<QueueStatus> queues;
        List<LimitStatus> limits;
        try {
            queues = tollgate.operations().queues();
            limits = tollgate.operations().limits();
        } catch (RuntimeException unreadable) { // a page that says the rest is worth more than none
            misses.increment();
            return;
        }
        List<Row<?>> modes = new ArrayList<>();
        List<Row<?>> runs = new ArrayList<>();
        for (QueueStatus queue : queues) {
            Tags tags = Tags.of("queue", queue.queue().value());
            for (QueueSwitch.Mode each : QueueSwitch.Mode.values()) {
                String word = each.name().toLowerCase(Locale.ROOT);
                modes.add(Row.of(tags.and("mode", word), queue.mode() == each ? 1 : 0));
            }
            runs.add(Row.of(tags, queue.running()));
        }
        mode.register(modes, true);
        running.register(runs, true);
        List<Row<?>> ofModel = new ArrayList<>();
        List<Row<?>> most = new ArrayList<>();
        for (LimitStatus limit : limits) {
            Tags tags = Tags.of("model", limit.model().value());
            ofModel.add(Row.of(tags, limit.running()));
            most.add(Row.of(tags, limit.maxConcurrent()));
        }
        modelRunning.register(ofModel, true);
        modelLimit.register(most, true);
    }
}
