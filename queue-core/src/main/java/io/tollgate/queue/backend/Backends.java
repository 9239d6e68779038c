package io.tollgate.queue.backend;

import io.tollgate.queue.event.Events;
import io.tollgate.queue.event.JobEvent;
import io.tollgate.queue.event.Timers;
import io.tollgate.queue.job.BackendId;
import io.tollgate.queue.job.JobCommand.Load;
import io.tollgate.queue.job.JobCommand.Offer;
import io.tollgate.queue.job.ModelName;
import io.tollgate.queue.job.Needs;
import io.tollgate.queue.job.QueueName;
import io.tollgate.queue.job.Slot;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;

/**
 * The backends of this node: who they are, whether they are well, and which of their slots are free. A backend that
 * could not be reached gets no more work until it answers a probe; probes come at growing distances. Safe for use by
 * many threads.
 */
public final class Backends {
    /** The first and the longest wait between two probes of a backend that doesn't answer. */
    static final Duration FIRST_PROBE = Duration.ofSeconds(1);

    static final Duration LAST_PROBE = Duration.ofSeconds(30);

    /** The most runs of one backend whose outputs are fetched while others have their slots. */
    public static final int COLLECTING_AT_MOST = 4;

    /** How long a backend may take to answer a probe. */
    static final Duration PROBE_TIMEOUT = Duration.ofSeconds(15);

    /** How many things that a backend lacks are named; the others are counted. */
    private static final int MISSING_NAMED = 5;

    private final ReentrantLock lock = new ReentrantLock();
    private final Map<BackendId, Entry> entries = new LinkedHashMap<>();
    private final Timers timers;
    private final Events events;
    private final CompletableFuture<Void> met = new CompletableFuture<>();
    private boolean closed;

    private static final class Entry {
        final GenerationBackend backend;
        final Set<Integer> taken = new HashSet<>();
        int leaving;
        int collecting;
        int slots;
        Optional<ModelName> warm = Optional.empty();
        BackendStatus.State state = BackendStatus.State.STARTING;
        boolean paused;
        boolean seen;
        String reason = "";
        Duration nextProbe = FIRST_PROBE;
        boolean probing;
        Timers.Timer probe = Timers.Timer.NONE;

        Entry(GenerationBackend backend) {
            this.backend = backend;
            this.slots = backend.slots() + backend.prefetch();
        }

        /** What it has to do, of other people too. */
        Load load() {
            return new Load(busy() + Math.max(0, backend.others()), backend.slots(), warm);
        }

        /** How many more runs it would take now. */
        int room() {
            return Math.min(slots, backend.wanted().runs()) - busy();
        }

        boolean takesWork() {
            return state == BackendStatus.State.READY && !paused;
        }

        /** The slots that are taken, but for those that are about to be given back. */
        int busy() {
            return Math.max(0, taken.size() - leaving);
        }
    }

    public Backends(Timers timers, Events events) {
        this.timers = timers;
        this.events = events;
    }

    /**
     * Adds a backend, which gets no work before its first answer to a {@linkplain #probe probe}.
     *
     * @throws IllegalArgumentException if there is one of that name
     */
    public void add(GenerationBackend backend) {
        register(backend);
        BackendId id = backend.id();
        backend.watch(new BackendWatcher() {
            @Override
            public void changed() {
                events.tell(new JobEvent.BackendChanged(id, "changed", "what it has, or has to do"));
            }

            @Override
            public void reachable() {
                probe(id);
            }

            @Override
            public void unreachable(String reason) {
                Backends.this.unreachable(id, reason);
            }
        });
    }

    private void register(GenerationBackend backend) {
        lock.lock();
        try {
            if (entries.putIfAbsent(backend.id(), new Entry(backend)) != null) {
                throw new IllegalArgumentException("there are two backends named '" + backend.id() + "'");
            }
        } finally {
            lock.unlock();
        }
    }

    /** All of them, in the order in which they were added. */
    public List<GenerationBackend> all() {
        lock.lock();
        try {
            return entries.values().stream().map(entry -> entry.backend).toList();
        } finally {
            lock.unlock();
        }
    }

    public Optional<GenerationBackend> find(BackendId id) {
        lock.lock();
        try {
            return Optional.ofNullable(entries.get(id)).map(entry -> entry.backend);
        } finally {
            lock.unlock();
        }
    }

    /** Notes who is in a slot now. */
    public void update(Slot slot) {
        lock.lock();
        try {
            Entry entry = entries.get(slot.backend());
            if (entry != null) {
                if (slot.isFree()) {
                    entry.taken.remove(slot.index());
                } else {
                    entry.taken.add(slot.index());
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /** Notes that a run of this model goes there, so that the backend will have it loaded. */
    public void claimed(BackendId id, ModelName model) {
        lock.lock();
        try {
            Entry entry = entries.get(id);
            if (entry != null) {
                entry.warm = Optional.of(model);
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Notes that a run there is done and wants to leave its slot before its outputs are fetched.
     *
     * @return whether it may: a server that hands out files slowly must not run ahead without end
     */
    public boolean mayCollect(BackendId id) {
        lock.lock();
        try {
            Entry entry = entries.get(id);
            if (entry == null || entry.collecting >= COLLECTING_AT_MOST) {
                return false;
            }
            entry.collecting++;
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Notes that the outputs of a run that left its slot early are fetched, or given up. */
    public void collected(BackendId id) {
        lock.lock();
        try {
            Entry entry = entries.get(id);
            if (entry != null) {
                entry.collecting--;
            }
        } finally {
            lock.unlock();
        }
    }

    /** Notes that a run there has ended, and will give its slot back once that is stored. */
    public void leaving(BackendId id) {
        leaving(id, 1);
    }

    /** Notes that what {@link #leaving} told is stored, or could not be. */
    public void left(BackendId id) {
        leaving(id, -1);
    }

    private void leaving(BackendId id, int more) {
        lock.lock();
        try {
            Entry entry = entries.get(id);
            if (entry != null) {
                entry.leaving += more;
            }
        } finally {
            lock.unlock();
        }
    }

    /** The backends that would take a job of this queue now or will in a moment. */
    public List<Offer> offers(QueueName queue) {
        lock.lock();
        try {
            return ready(queue).stream()
                    .map(entry -> new Offer(
                            entry.backend.id(),
                            entry.backend.capabilities().type(),
                            entry.backend.capabilities().tags(),
                            entry.slots,
                            entry.load(),
                            entry.backend.wanted()))
                    .toList();
        } finally {
            lock.unlock();
        }
    }

    /** How many jobs of this queue could start now, or will in a moment. */
    public int freeSlots(QueueName queue) {
        lock.lock();
        try {
            return ready(queue).stream()
                    .mapToInt(entry -> Math.max(0, entry.room()))
                    .sum();
        } finally {
            lock.unlock();
        }
    }

    /** The slots of each backend that is given work and serves this queue for jobs with such needs, free or taken. */
    public Map<BackendId, Integer> serving(QueueName queue, Needs needs) {
        lock.lock();
        try {
            Map<BackendId, Integer> serving = new HashMap<>();
            for (Entry entry : entries.values()) {
                if (entry.takesWork() && canRun(entry.backend, queue, needs)) {
                    serving.put(entry.backend.id(), entry.backend.slots());
                }
            }
            return serving;
        } finally {
            lock.unlock();
        }
    }

    private List<Entry> ready(QueueName queue) {
        List<Entry> ready = new ArrayList<>();
        for (Entry entry : entries.values()) {
            if (entry.takesWork()
                    && entry.room() > 0
                    && entry.backend.capabilities().serves(queue)) {
                ready.add(entry);
            }
        }
        return ready;
    }

    /**
     * Why no backend, well or not, could run a job of this queue with these needs; empty if one could. One that never
     * answered may have anything that its kind can have.
     */
    public Optional<String> whyNever(QueueName queue, Needs needs) {
        lock.lock();
        try {
            List<String> lacks = new ArrayList<>();
            for (Entry entry : entries.values()) {
                Capabilities has = entry.backend.capabilities();
                if (!has.serves(queue) || !needs.types().contains(has.type())) {
                    continue;
                }
                Set<String> missing = needs.missing(has.type(), has.tags());
                if (missing.isEmpty() || !entry.seen) {
                    return Optional.empty();
                }
                lacks.add(entry.backend.id() + " lacks " + listed(missing));
            }
            return Optional.of(
                    lacks.isEmpty()
                            ? "queue '" + queue + "' has none of kind "
                                    + String.join(" or ", new TreeSet<>(needs.types()))
                            : String.join("; ", lacks));
        } finally {
            lock.unlock();
        }
    }

    private static String listed(Set<String> missing) {
        String first = missing.stream().limit(MISSING_NAMED).collect(Collectors.joining(", "));
        int more = missing.size() - MISSING_NAMED;
        return more > 0 ? first + " and " + more + " more" : first;
    }

    private static boolean canRun(GenerationBackend backend, QueueName queue, Needs needs) {
        Capabilities has = backend.capabilities();
        return has.serves(queue) && needs.areMetBy(has.type(), has.tags());
    }

    /** Gives a backend no more work, or work again; what runs there is left alone. */
    public boolean pause(BackendId id, boolean paused) {
        lock.lock();
        try {
            Entry entry = entries.get(id);
            if (entry == null) {
                return false;
            }
            entry.paused = paused;
        } finally {
            lock.unlock();
        }
        events.tell(new JobEvent.BackendChanged(id, paused ? "paused" : "resumed", "by an operator"));
        return true;
    }

    /** How they are. */
    public List<BackendStatus> status() {
        lock.lock();
        try {
            return entries.values().stream().map(Backends::status).toList();
        } finally {
            lock.unlock();
        }
    }

    private static BackendStatus status(Entry entry) {
        return new BackendStatus(
                entry.backend.id(),
                entry.backend.capabilities().type(),
                entry.backend.capabilities().queues(),
                entry.slots,
                entry.taken.size(),
                Math.max(0, entry.backend.others()),
                entry.warm,
                entry.paused ? BackendStatus.State.PAUSED : entry.state,
                entry.reason);
    }

    /** Asks all of them whether they are well. */
    public void probeAll() {
        all().forEach(backend -> probe(backend.id()));
    }

    /** Completes when each has answered once, or was found not to. */
    public CompletionStage<Void> met() {
        lock.lock();
        try {
            if (allMet()) {
                return CompletableFuture.completedFuture(null);
            }
            return met.copy();
        } finally {
            lock.unlock();
        }
    }

    private boolean allMet() {
        return entries.values().stream().noneMatch(entry -> entry.state == BackendStatus.State.STARTING);
    }

    /** Tells those that wait for it. Called without the lock. */
    private void maybeMet() {
        boolean all;
        lock.lock();
        try {
            all = allMet();
        } finally {
            lock.unlock();
        }
        if (all) {
            met.complete(null);
        }
    }

    /** Notes that a backend could not be reached: it gets no more work, and is asked until it answers. */
    public void unreachable(BackendId id, String reason) {
        lock.lock();
        try {
            Entry entry = entries.get(id);
            if (entry == null || entry.state == BackendStatus.State.UNREACHABLE) {
                return; // it is being asked already
            }
            entry.state = BackendStatus.State.UNREACHABLE;
            entry.warm = Optional.empty();
            entry.reason = reason;
            entry.nextProbe = FIRST_PROBE;
            if (!entry.probing) {
                probeLater(entry, id);
            }
        } finally {
            lock.unlock();
        }
        events.tell(new JobEvent.BackendChanged(id, BackendStatus.State.UNREACHABLE.word(), reason));
    }

    /** Asks nobody any more. */
    public void stopProbing() {
        lock.lock();
        try {
            closed = true;
            entries.values().forEach(entry -> entry.probe.cancel());
        } finally {
            lock.unlock();
        }
    }

    /** Sets the alarm for the next probe, in place of one that is set. Called under the lock. */
    private void probeLater(Entry entry, BackendId id) {
        entry.probe.cancel();
        if (!closed) {
            entry.probe = timers.after(entry.nextProbe, "probing backend " + id, () -> probe(id));
        }
    }

    private void probe(BackendId id) {
        GenerationBackend backend;
        lock.lock();
        try {
            Entry entry = entries.get(id);
            if (entry == null || entry.probing || closed) {
                return;
            }
            entry.probing = true;
            backend = entry.backend;
        } finally {
            lock.unlock();
        }
        CompletableFuture<Duration> answer;
        try {
            answer = backend.probe().toCompletableFuture().copy();
        } catch (RuntimeException problem) {
            answer = CompletableFuture.failedFuture(problem);
        }
        CompletableFuture<Duration> first = answer;
        Timers.Timer alarm = timers.after(
                PROBE_TIMEOUT,
                "probing backend " + id,
                () -> first.completeExceptionally(
                        new TimeoutException("no answer in " + PROBE_TIMEOUT.toSeconds() + " s")));
        CompletionStage<Duration> unused = first.whenComplete((took, problem) -> {
            alarm.cancel();
            if (problem == null) {
                answered(id);
                maybeMet();
            } else {
                Throwable cause = problem instanceof CompletionException && problem.getCause() != null
                        ? problem.getCause()
                        : problem;
                silent(id, String.valueOf(cause.getMessage()));
                maybeMet();
            }
        });
    }

    private void answered(BackendId id) {
        lock.lock();
        try {
            Entry entry = entries.get(id);
            if (entry == null) {
                return;
            }
            entry.probing = false;
            entry.seen = true;
            if (entry.state == BackendStatus.State.READY) {
                return;
            }
            entry.state = BackendStatus.State.READY;
            entry.reason = "";
        } finally {
            lock.unlock();
        }
        events.tell(new JobEvent.BackendChanged(id, BackendStatus.State.READY.word(), "it answers"));
    }

    private void silent(BackendId id, String reason) {
        boolean news;
        lock.lock();
        try {
            Entry entry = entries.get(id);
            if (entry == null) {
                return;
            }
            news = entry.state != BackendStatus.State.UNREACHABLE;
            entry.state = BackendStatus.State.UNREACHABLE;
            entry.warm = Optional.empty();
            entry.reason = reason;
            entry.probing = false;
            probeLater(entry, id);
            Duration doubled = entry.nextProbe.multipliedBy(2);
            entry.nextProbe = doubled.compareTo(LAST_PROBE) > 0 ? LAST_PROBE : doubled;
        } finally {
            lock.unlock();
        }
        if (news) {
            events.tell(new JobEvent.BackendChanged(id, BackendStatus.State.UNREACHABLE.word(), reason));
        }
    }
}
