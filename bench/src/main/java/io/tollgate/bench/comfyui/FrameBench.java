package io.tollgate.bench.comfyui;

import io.tollgate.bench.Directories;
import io.tollgate.bench.Heap;
import io.tollgate.comfyui.sim.ComfyVersion;
import io.tollgate.queue.JobHandle;
import io.tollgate.queue.event.JobEvent;
import io.tollgate.queue.job.JobId;
import io.tollgate.queue.workflow.RawInput;
import io.tollgate.queue.workflow.Workflow;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Whether many frames of busy servers hold up the jobs of an idle one, and what they leave in memory. */
final class FrameBench {
    /** Sends each step, as releases before 0.4.0 do. */
    private static final String CHATTY = "0.3.64";

    private static final int FRAMES_PER_STEP = 2; // progress_state and progress
    private static final double LOUD_SECONDS = 10;

    /** A node that sleeps between steps oversleeps by about so much. */
    private static final double OVERSLEPT = 0.9;

    private static final int PROBES = 60;
    private static final int WARM_UPS = 300;
    private static final long BETWEEN_PROBES_MILLIS = 60;
    private static final String IDLE = "idle";
    private static final double MIB = 1 << 20;

    private final Path home;
    private final int servers;
    private final int steps;
    private final Map<JobId, AtomicLong> progress = new ConcurrentHashMap<>();
    private final Map<JobId, Long> endsHeard = new ConcurrentHashMap<>();
    private final RoundTable table = new RoundTable(
            "dispatch to an idle server",
            "frames/s",
            "p50 (ms)",
            "p99 (ms)",
            "CPU of Tollgate (cores)",
            "CPU of the servers",
            "frames dropped");
    private final RoundTable rest = new RoundTable(
            "with frames", "heap first (MiB)", "middle", "last", "progress events a job and s", "end heard after (ms)");

    /** @param rate frames a second of each server, at least 2 */
    FrameBench(Path home, int servers, int rate) {
        this.home = home;
        this.servers = servers;
        this.steps = Math.max(1, (int) Math.round(LOUD_SECONDS * rate / FRAMES_PER_STEP));
    }

    String run(int rounds) throws Exception {
        List<ComfyVersion> releases = new ArrayList<>();
        List<Workflow> workflows = new ArrayList<>(List.of(Graphs.sleeping(IDLE)));
        for (int i = 0; i < servers; i++) {
            releases.add(ComfyVersion.parse(CHATTY));
            workflows.add(Graphs.chatty(name(i), LOUD_SECONDS * OVERSLEPT, steps));
        }
        releases.add(ComfyVersion.V0_27_0);
        Path dir = home.resolve("frames-house");
        try (Servers others = Servers.start(home, releases)) {
            List<House.Server> behind = new ArrayList<>();
            for (int i = 0; i < servers; i++) {
                behind.add(new House.Server(name(i), others.urls().get(i), 0));
            }
            behind.add(new House.Server(IDLE, others.urls().get(servers), 0));
            try (House house = new House(dir, behind, workflows, this::heard)) {
                probe(house, WARM_UPS, 0);
                for (int round = 0; round < rounds; round++) {
                    quiet(house, others);
                    loud(house, others);
                }
                house.checkUnharmed();
            }
        } finally {
            Directories.delete(dir);
        }
        return table.text() + "\n" + rest.text();
    }

    private static String name(int server) {
        return "busy-" + server;
    }

    private void heard(JobEvent event) {
        if (event instanceof JobEvent.Progressed told) {
            progress.computeIfAbsent(told.job(), any -> new AtomicLong()).incrementAndGet();
        } else if (event instanceof JobEvent.Ended ended) {
            endsHeard.put(ended.job().id(), System.nanoTime());
        }
    }

    /** What both processes have used until now, and when that was. */
    private record Meter(long at, long own, long theirs) {
        static Meter now(Servers others) throws IOException {
            return new Meter(
                    System.nanoTime(), Servers.cpuNanos(), others.report().cpuNanos());
        }
    }

    private void quiet(House house, Servers others) throws Exception {
        Meter before = Meter.now(others);
        Map<JobId, Long> asked = probe(house, PROBES, BETWEEN_PROBES_MILLIS);
        Meter after = Meter.now(others);
        note("without frames", house, others.report(), asked, before, after);
        table.add("without frames", "frames/s", 0);
    }

    private void loud(House house, Servers others) throws Exception {
        long droppedBefore = others.report().dropped();
        List<JobHandle> busy = new ArrayList<>();
        for (int i = 0; i < servers; i++) {
            busy.add(house.submit(House.request(name(i))));
        }
        while (!busy.stream().allMatch(job -> progress.containsKey(job.id()))) {
            TimeUnit.MILLISECONDS.sleep(10);
        }
        double first = Heap.live() / MIB;
        Meter before = Meter.now(others);
        Map<JobId, Long> asked = new LinkedHashMap<>(probe(house, PROBES / 2, BETWEEN_PROBES_MILLIS));
        double middle = Heap.live() / MIB;
        asked.putAll(probe(house, PROBES / 2, BETWEEN_PROBES_MILLIS));
        Meter after = Meter.now(others);
        double last = Heap.live() / MIB;
        for (JobHandle job : busy) {
            house.done(job);
        }
        Servers.Report report = others.report();
        note("with frames", house, report, asked, before, after);
        table.add("with frames", "frames dropped", (double) (report.dropped() - droppedBefore));
        rest.add("live heap and news", "heap first (MiB)", first);
        rest.add("live heap and news", "middle", middle);
        rest.add("live heap and news", "last", last);
        tell(house, report, busy);
    }

    /** Submits jobs to the idle server one after the other; tells when each was asked for. */
    private Map<JobId, Long> probe(House house, int count, long pauseMillis) throws Exception {
        Map<JobId, Long> asked = new LinkedHashMap<>();
        for (int i = 0; i < count; i++) {
            TimeUnit.MILLISECONDS.sleep(pauseMillis);
            long at = System.nanoTime();
            JobHandle job = house.submit(House.request(IDLE)
                    .with(Graphs.SECONDS, new RawInput.Numeric(BigDecimal.ZERO))
                    .with(Graphs.NAME, "probe"));
            asked.put(job.id(), at);
            house.done(job);
        }
        return asked;
    }

    private void note(
            String row, House house, Servers.Report report, Map<JobId, Long> asked, Meter before, Meter after) {
        List<Double> millis = new ArrayList<>();
        asked.forEach((job, at) -> millis.add((posted(house, report, job) - at) / 1e6));
        Spread spread = Spread.of(millis);
        double wall = after.at() - before.at();
        table.add(row, "p50 (ms)", spread.median());
        table.add(row, "p99 (ms)", spread.at(0.99));
        table.add(row, "CPU of Tollgate (cores)", (after.own() - before.own()) / wall);
        table.add(row, "CPU of the servers", (after.theirs() - before.theirs()) / wall);
    }

    private static long posted(House house, Servers.Report report, JobId job) {
        Long at = report.posts().get(house.claim(job).runId());
        if (at == null) {
            throw new IllegalStateException("never posted: " + job);
        }
        return at;
    }

    private void tell(House house, Servers.Report report, List<JobHandle> busy) {
        double rate = 0;
        List<Double> told = new ArrayList<>();
        List<Double> late = new ArrayList<>();
        for (JobHandle job : busy) {
            String run = house.claim(job.id()).runId();
            long start = report.starts().getOrDefault(run, 0L);
            long end = report.ends().getOrDefault(run, 0L);
            double seconds = (end - start) / 1e9;
            rate += FRAMES_PER_STEP * steps / seconds;
            // the first comes at once: what counts is how close they follow each other
            told.add((progress.getOrDefault(job.id(), new AtomicLong()).get() - 1) / seconds);
            late.add((endsHeard.getOrDefault(job.id(), end) - end) / 1e6);
        }
        table.add("with frames", "frames/s", rate);
        rest.add(
                "live heap and news",
                "progress events a job and s",
                Spread.of(told).most());
        rest.add("live heap and news", "end heard after (ms)", Spread.of(late).most());
    }
}
