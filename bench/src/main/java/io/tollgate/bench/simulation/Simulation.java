package io.tollgate.bench.simulation;

import io.tollgate.credits.CreditPolicy;
import io.tollgate.credits.account.UserId;
import io.tollgate.credits.ledger.HoldId;
import io.tollgate.credits.pricing.Tariff;
import io.tollgate.queue.backend.Backends;
import io.tollgate.queue.dispatch.Board;
import io.tollgate.queue.dispatch.DispatchSettings;
import io.tollgate.queue.dispatch.Lines;
import io.tollgate.queue.event.Events;
import io.tollgate.queue.event.JobEvent;
import io.tollgate.queue.event.Timers;
import io.tollgate.queue.job.AssetId;
import io.tollgate.queue.job.Attempt;
import io.tollgate.queue.job.BackendId;
import io.tollgate.queue.job.ContentHash;
import io.tollgate.queue.job.JobChanges;
import io.tollgate.queue.job.JobCommand;
import io.tollgate.queue.job.JobCommand.Claimed;
import io.tollgate.queue.job.JobCommand.SubmitResult;
import io.tollgate.queue.job.JobDecision;
import io.tollgate.queue.job.JobId;
import io.tollgate.queue.job.JobPolicy;
import io.tollgate.queue.job.JobRecord;
import io.tollgate.queue.job.JobRules;
import io.tollgate.queue.job.JobSpec;
import io.tollgate.queue.job.Lane;
import io.tollgate.queue.job.ModelName;
import io.tollgate.queue.job.NodeId;
import io.tollgate.queue.job.Output;
import io.tollgate.queue.job.QueueName;
import io.tollgate.queue.job.QueuedJob;
import io.tollgate.queue.job.RunId;
import io.tollgate.queue.job.SubmissionLimits;
import io.tollgate.queue.lane.Eta;
import io.tollgate.queue.lane.RunTimes;
import io.tollgate.queue.lane.WaitingLine;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.stream.Stream;

/*
 * Jobs arrive as a Poisson process and run for log-normal times. Each job's user, model and run time are drawn when it
 * arrives, from one stream, so that runs with another order, or without the noisy user, have the same jobs.
 *
 * Real are: the rules (submit, claim, mark, succeed, promote) with their limits and keys, the line of waiting jobs, the
 * choice of backends, and what the board says of expected starts. The loop here does in virtual time what QueueManager
 * does in real time. Not simulated: failures, retries, cancels, what a commit takes.
 */
/** Days of a queue in virtual time. Used once, by one thread. */
final class Simulation {
    private static final QueueName QUEUE = new QueueName("studio");
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private static final NodeId NODE = new NodeId("simulation");
    private static final UserId NOISY = new UserId("noisy");
    private static final int CLAIM_AT_MOST = 64; // as QueueManager
    private static final int SWEEP_AT_MOST = 256;
    private static final double MARGIN = 0.1;
    private static final int LOOK_EVERY = 16;

    private final Settings settings;
    private final World world;
    private final SplittableRandom random;
    private final JobRules rules;
    private final LiveRows rows = new LiveRows(user -> user.value().startsWith("vip"));
    private final Lines lines = new Lines();
    private final WaitingLine line = lines.line(QUEUE);
    private final Backends backends;
    private final Board board;
    private final Map<BackendId, Set<String>> tags = new HashMap<>();
    private final Map<JobId, Arrival> arrivals = new HashMap<>();
    private final PriorityQueue<Run> running = new PriorityQueue<>(Comparator.comparingLong(Run::endsAt));
    private final Map<String, Deque<Arrival>> oldest =
            new HashMap<>(); // by model, of any lane; started ones leave late
    private final int[] runningOf;
    private long now; // milliseconds since the start
    private long ids;

    private final Waits vip = new Waits();
    private final Waits regular = new Waits();
    private final Waits quiet = new Waits();
    private final Waits noisy = new Waits();
    private final Promises promises = new Promises();
    private final Promises quietPromises = new Promises();
    private final Promises noisyPromises = new Promises();
    private final double[] arrived; // work that came in the measured time, by model, in milliseconds
    private double worked;
    private long measuredFrom = Long.MAX_VALUE;
    private long measuredTo = Long.MAX_VALUE;
    private long lastMeasured;
    private long claims;
    private long looks;
    private long usable;
    private int promoted;
    private double longestWait;
    private double longestPassed;
    private int passedBeyondBound;
    private int refused;
    private int most;

    /** A job on its way through. */
    private static final class Arrival {
        private final JobId id;
        private final World.Model model;
        private final boolean isNoisy;
        private final boolean counts;
        private final long at;
        private final long runs;
        private long seq;
        private double promised = Double.NaN;
        private boolean started;

        Arrival(JobId id, World.Model model, boolean isNoisy, boolean counts, long at, long runs) {
            this.id = id;
            this.model = model;
            this.isNoisy = isNoisy;
            this.counts = counts;
            this.at = at;
            this.runs = runs;
        }
    }

    private record Run(Arrival arrival, Attempt attempt, long startedAt, long endsAt) {}

    private Simulation(Settings settings) {
        this.settings = settings;
        world = World.of(settings.seed(), settings.models(), settings.backends());
        random = new SplittableRandom(settings.seed());
        runningOf = new int[settings.models()];
        arrived = new double[settings.models()];
        Map<ModelName, Integer> limits = new HashMap<>();
        world.models().forEach(model -> limits.put(model.name(), model.limit()));
        JobPolicy policy = new JobPolicy(
                CreditPolicy.PLAIN,
                new SubmissionLimits(settings.jobsPerUser(), Integer.MAX_VALUE, Integer.MAX_VALUE),
                limits,
                Map.of(),
                Map.of(QUEUE, settings.order()),
                JobPolicy.DEFAULT.relaxedShare(),
                JobPolicy.DEFAULT.lostAtMost());
        rules = new JobRules(policy);
        Events events = new Events(Runnable::run);
        ScheduledThreadPoolExecutor nobody = new ScheduledThreadPoolExecutor(1);
        nobody.shutdown(); // and so starts no thread: all are well at their first probe, nothing needs a timer
        backends = new Backends(new Timers(nobody, events), events);
        for (int i = 0; i < settings.backends(); i++) {
            SimulatedBackend backend = SimulatedBackend.of(i, world.tags(i));
            backends.add(backend);
            tags.put(backend.id(), backend.capabilities().tags());
            execute(new JobCommand.ProvideSlots(backend.id(), 1));
        }
        backends.probeAll();
        board = new Board(lines, backends, policy, new RunTimes(Duration.ofSeconds(30)), this::instant);
    }

    static Result run(Settings settings) {
        return new Simulation(settings).run();
    }

    private Result run() {
        long began = System.nanoTime();
        double arrivesAt = 0;
        double rate = settings.load() * world.capacity();
        for (int i = 0; i < settings.jobs(); i++) {
            arrivesAt += -Math.log(1 - random.nextDouble()) / rate * 1_000;
            boolean isNoisy = random.nextDouble() < settings.noisyShare();
            int user = random.nextInt(settings.users() - 1);
            World.Model model = model(random.nextDouble());
            long runs = runTime(model);
            if (i == (int) (settings.jobs() * MARGIN)) {
                passUntil((long) arrivesAt);
                startMeasuring((long) arrivesAt);
            } else if (i == (int) (settings.jobs() * (1 - MARGIN))) {
                passUntil((long) arrivesAt);
                measure((long) arrivesAt);
                measuredTo = (long) arrivesAt;
            }
            if (isNoisy && !settings.noisy()) {
                continue;
            }
            passUntil((long) arrivesAt);
            submit(isNoisy, user, model, runs);
        }
        long lastArrival = now;
        passUntil(Long.MAX_VALUE);
        double span = measuredTo - measuredFrom;
        double[] limits = World.limits(world.models());
        for (int i = 0; i < limits.length; i++) {
            limits[i] *= span;
        }
        double ideal = Capacity.most(arrived, limits, world.backends(), span);
        return new Result(
                settings,
                vip,
                regular,
                quiet,
                noisy,
                worked / (span * settings.backends()),
                worked / ideal,
                looks == 0 ? 0 : (double) usable / looks,
                promoted,
                longestWait,
                longestPassed,
                passedBeyondBound,
                promises,
                quietPromises,
                noisyPromises,
                refused,
                most,
                lastArrival / 3_600_000.0,
                (System.nanoTime() - began) / 1e9);
    }

    private World.Model model(double part) {
        double sum = 0;
        for (World.Model model : world.models()) {
            sum += model.share();
            if (part < sum) {
                return model;
            }
        }
        return world.models().get(world.models().size() - 1);
    }

    /** Log-normal, as run times of image models mostly are. */
    private long runTime(World.Model model) {
        double variance = Math.log(1 + model.variation() * model.variation());
        // Box and Muller, from two numbers always
        double gauss = Math.sqrt(-2 * Math.log(1 - random.nextDouble())) * Math.cos(2 * Math.PI * random.nextDouble());
        return Math.max(1, Math.round(1_000 * model.mean() * Math.exp(gauss * Math.sqrt(variance) - variance / 2)));
    }

    private Instant instant() {
        return START.plusMillis(now);
    }

    /** Lets all happen that happens up to {@code until}. */
    private void passUntil(long until) {
        while (true) {
            long ends = running.isEmpty() ? Long.MAX_VALUE : running.element().endsAt;
            long overdue = line.nextOverdueAt(settings.bound())
                    .map(at -> Math.max(now, Duration.between(START, at).toMillis()))
                    .orElse(Long.MAX_VALUE);
            long next = Math.min(ends, overdue);
            if (next > until || next == Long.MAX_VALUE) {
                break;
            }
            measure(next);
            now = next;
            if (ends == next) {
                end(running.remove());
            }
            promote();
            claim();
        }
        if (until != Long.MAX_VALUE) {
            measure(until);
            now = until;
        }
    }

    private void submit(boolean isNoisy, int user, World.Model model, long runs) {
        boolean best = !isNoisy && user < settings.users() * settings.vipShare();
        UserId owner = isNoisy ? NOISY : new UserId((best ? "vip-" : "user-") + user);
        boolean counts = measuredFrom <= now && now < measuredTo;
        Arrival arrival = new Arrival(new JobId(nextId()), model, isNoisy, counts, now, runs);
        JobSpec spec = new JobSpec(
                arrival.id,
                owner,
                Optional.empty(),
                model.workflow(),
                QUEUE,
                model.name(),
                model.needs(),
                Map.of(),
                Tariff.of(model.price()),
                0,
                instant(),
                Instant.MAX,
                Optional.empty(),
                List.of(),
                List.of(),
                Map.of());
        SubmitResult answer = execute(new JobCommand.Submit(List.of(spec), Optional.empty()));
        if (!(answer instanceof SubmitResult.Accepted accepted)) {
            refused++;
            return;
        }
        QueuedJob job = accepted.jobs().get(0);
        arrival.seq = job.seq();
        arrivals.put(arrival.id, arrival);
        oldest.computeIfAbsent(model.tag(), any -> new ArrayDeque<>()).add(arrival);
        most = Math.max(most, rows.live());
        if (counts) {
            arrived[model.number()] += runs;
            if (arrival.seq % settings.askEvery() == 0) {
                arrival.promised = promise(job);
            }
        }
        promote();
        claim();
    }

    private double promise(QueuedJob job) {
        JobRecord record = new JobRecord(
                job, rows.hold(new HoldId(job.id().value())).orElseThrow(), List.of(), List.of(), List.of());
        Optional<Eta> eta = board.view(record).eta();
        return eta.map(when -> Duration.between(instant(), when.start()).toMillis() / 1_000.0)
                .orElse(-1.0);
    }

    private void promote() {
        for (JobId job : line.overdue(instant().minus(settings.bound()), SWEEP_AT_MOST)) {
            if (execute(new JobCommand.Promote(job))) {
                promoted++;
            }
        }
    }

    private void claim() {
        int room = Math.min(backends.freeSlots(QUEUE), CLAIM_AT_MOST);
        if (room == 0 || rows.waiting() == 0) {
            return;
        }
        List<RunId> runIds =
                Stream.generate(() -> new RunId(nextId())).limit(room).toList();
        List<Claimed> claimed = execute(
                new JobCommand.Claim(QUEUE, NODE, backends.offers(QUEUE), runIds, DispatchSettings.DEFAULT.leaseTtl()));
        for (Claimed each : claimed) {
            Objects.requireNonNull(arrivals.get(each.job().id())).started = true;
        }
        for (Claimed each : claimed) {
            start(each);
        }
        if (claims++ % LOOK_EVERY == 0) {
            usable += usableSlots();
            looks++;
        }
    }

    private void start(Claimed claimed) {
        Arrival arrival = Objects.requireNonNull(arrivals.remove(claimed.job().id()));
        execute(new JobCommand.Mark(claimed.attempt().ref(), Attempt.Phase.STARTED, Optional.empty()));
        Attempt started = rows.attempt(arrival.id).orElseThrow();
        board.follow(new JobEvent.Claimed(claimed.job(), started));
        double wait = (now - arrival.at) / 1_000.0;
        longestWait = Math.max(longestWait, wait);
        notePassed(arrival, started.backend());
        runningOf[arrival.model.number()]++;
        running.add(new Run(arrival, started, now, now + arrival.runs));
        if (!arrival.counts) {
            return;
        }
        boolean isVip = claimed.job().lane() == Lane.VIP;
        (isVip ? vip : regular).add(wait);
        if (!isVip) {
            (arrival.isNoisy ? noisy : quiet).add(wait);
        }
        if (!Double.isNaN(arrival.promised)) {
            promises.judge(arrival.promised, wait);
            if (!isVip) {
                (arrival.isNoisy ? noisyPromises : quietPromises).judge(arrival.promised, wait);
            }
        }
    }

    /** Looks for jobs that came before this one and could have had its slot. */
    private void notePassed(Arrival taken, BackendId backend) {
        Set<String> has = Objects.requireNonNull(tags.get(backend));
        for (String tag : has) {
            Deque<Arrival> waiting = oldest.get(tag);
            if (waiting == null) {
                continue;
            }
            while (!waiting.isEmpty() && waiting.element().started) {
                waiting.remove();
            }
            Arrival first = waiting.peek();
            if (first != null && first.seq < taken.seq && runningOf[first.model.number()] < first.model.limit()) {
                double age = (now - first.at) / 1_000.0;
                longestPassed = Math.max(longestPassed, age);
                passedBeyondBound += now - first.at > settings.bound().toMillis() ? 1 : 0;
            }
        }
    }

    private void end(Run run) {
        Output output = new Output(
                new AssetId(run.arrival.id.value()),
                run.arrival.id,
                0,
                "picture.png",
                Optional.empty(),
                "image/png",
                1,
                new ContentHash(ContentHash.Function.BLAKE3, "0".repeat(64)),
                Optional.empty(),
                Optional.empty());
        execute(new JobCommand.Succeed(run.attempt.ref(), List.of(output), 1, List.of()));
        runningOf[run.arrival.model.number()]--;
    }

    private <R> R execute(JobCommand<R> command) {
        JobDecision<R> decision = rules.decide(command, rows, instant());
        JobChanges changes = decision.changes();
        rows.apply(changes);
        changes.slots().forEach(backends::update);
        for (JobChanges.Move move : changes.moves()) {
            lines.follow(move, instant());
            if (move.after().kind().isTerminal()) {
                board.follow(new JobEvent.Ended(
                        move.after(), changes.attempts().stream().findFirst(), List.of()));
            }
        }
        return decision.result();
    }

    /** How many slots are free that a waiting job could have. */
    private int usableSlots() {
        if (rows.waiting() == 0 || backends.freeSlots(QUEUE) == 0) {
            return 0;
        }
        int usable = 0;
        for (JobCommand.Offer offer : backends.offers(QUEUE)) {
            for (NavigableMap<?, QueuedJob> waiting : rows.lines()) {
                QueuedJob head = waiting.firstEntry().getValue();
                int model = Integer.parseInt(head.spec().model().value().substring(1));
                if (head.spec().needs().areMetBy(offer.type(), offer.tags())
                        && runningOf[model] < world.models().get(model).limit()) {
                    usable++;
                    break;
                }
            }
        }
        return usable;
    }

    private UUID nextId() {
        ids++;
        return new UUID(0x7000L, ids);
    }

    private void startMeasuring(long from) {
        measuredFrom = from;
        lastMeasured = from;
        for (Run run : running) {
            arrived[run.arrival.model.number()] += run.endsAt - from;
        }
        for (Arrival waiting : arrivals.values()) {
            arrived[waiting.model.number()] += waiting.runs;
        }
    }

    /** Adds up what is worked until {@code until}, from the last time this was called. */
    private void measure(long until) {
        long to = Math.min(until, measuredTo);
        if (measuredFrom == Long.MAX_VALUE || to <= lastMeasured) {
            return;
        }
        worked += (double) running.size() * (to - lastMeasured);
        lastMeasured = to;
    }
}
