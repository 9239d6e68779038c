package io.tollgate.bench.comfyui;

import io.tollgate.bench.Directories;
import io.tollgate.comfyui.sim.Arrival;
import io.tollgate.comfyui.sim.ComfySimulator;
import io.tollgate.comfyui.sim.Execution;
import io.tollgate.queue.JobHandle;
import io.tollgate.queue.workflow.RawInput;
import java.math.BigDecimal;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** How long a busy server has nothing to do between two jobs, for Tollgate and for clients that are simpler. */
final class GapBench {
    private static final String QUEUE = "gap";
    private static final int WARM_UPS = 4_000;
    /** Spreads the lengths of jobs evenly, so that no client can be in step with them. */
    private static final double GOLDEN = 0.618033988749895;

    private final Path home;
    private final int jobs;
    private final RoundTable gaps = new RoundTable("idle gap (ms)", "p50", "p90", "most");
    private final RoundTable parts =
            new RoundTable("of Tollgate's gap (ms, p50 of each)", Gaps.Parts.WORDS.toArray(String[]::new));
    private int early;
    private int pairs;
    private long seeds;

    /** @param jobs of each client and round, at least 2 */
    GapBench(Path home, int jobs) {
        this.home = home;
        this.jobs = jobs;
    }

    /** Somebody who runs prompts one after the other. */
    private interface Turn {
        void run() throws Exception;
    }

    String run(int rounds) throws Exception {
        try (ComfySimulator simulator =
                ComfySimulator.builder().home(home.resolve("gap-server")).start()) {
            URI url = simulator.url();
            simulator.timeScale(0); // code that is compiled, as on a server that works all day
            plain(PlainClient.listening(url), WARM_UPS);
            tollgate(simulator, 0, WARM_UPS);
            simulator.timeScale(1);
            for (int round = 0; round < rounds; round++) {
                int fewer = Math.max(2, jobs / 2); // they take a second each
                turn(
                        simulator,
                        "polling each 1 s",
                        () -> plain(PlainClient.polling(url, Duration.ofSeconds(1)), fewer));
                turn(
                        simulator,
                        "polling each 100 ms",
                        () -> plain(PlainClient.polling(url, Duration.ofMillis(100)), jobs));
                turn(simulator, "bare websocket", () -> plain(PlainClient.listening(url), jobs));
                turn(simulator, "Tollgate", () -> note(tollgate(simulator, 0, jobs)));
                turn(simulator, "Tollgate, prefetch 1", () -> tollgate(simulator, 1, jobs));
            }
        }
        return gaps.text() + "\n" + parts.text() + "\noutputs fetched before the next prompt was posted: " + early
                + " of " + pairs + "\n";
    }

    private void turn(ComfySimulator simulator, String name, Turn turn) throws Exception {
        int before = simulator.executions().size();
        turn.run();
        Spread spread = Spread.of(Gaps.between(since(simulator, before)));
        gaps.add(name, "p50", spread.median());
        gaps.add(name, "p90", spread.at(0.9));
        gaps.add(name, "most", spread.most());
    }

    private static List<Execution> since(ComfySimulator simulator, int before) {
        List<Execution> all = simulator.executions();
        return all.subList(before, all.size());
    }

    /** From 50 to 200 ms. */
    private static double seconds(int job) {
        return 0.05 + 0.15 * (job * GOLDEN % 1);
    }

    private void plain(PlainClient client, int count) throws Exception {
        try (client) {
            for (int i = 0; i < count; i++) {
                client.run(Graphs.sleeping(seconds(i), ++seeds, "plain"));
            }
        }
    }

    /**
     * What the server saw of a turn of Tollgate's.
     *
     * @param claims when the claim of a run was durable, by run id
     * @param files how the name of a run's output begins
     */
    private record Seen(
            List<Execution> ran, List<Arrival> arrived, Map<String, Long> claims, Map<String, String> files) {}

    private Seen tollgate(ComfySimulator simulator, int prefetch, int count) throws Exception {
        int ranBefore = simulator.executions().size();
        int arrivedBefore = simulator.arrivals().size();
        Path dir = home.resolve("gap-house");
        Map<String, Long> claims = new HashMap<>();
        Map<String, String> files = new HashMap<>();
        try (House house = new House(
                dir,
                List.of(new House.Server(QUEUE, simulator.url(), prefetch)),
                List.of(Graphs.sleeping(QUEUE)),
                event -> {})) {
            List<JobHandle> handles = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                handles.add(house.submit(House.request(QUEUE)
                        .with(
                                Graphs.SECONDS,
                                new RawInput.Numeric(BigDecimal.valueOf(Math.round(seconds(i) * 1000), 3)))
                        .with(Graphs.NAME, name(i))));
            }
            for (int i = 0; i < count; i++) {
                JobHandle job = handles.get(i);
                house.done(job);
                House.Claim claim = house.claim(job.id());
                claims.put(claim.runId(), claim.atNanos());
                files.put(claim.runId(), name(i) + "_");
            }
            house.checkUnharmed();
        } finally {
            Directories.delete(dir);
        }
        List<Arrival> arrived = simulator.arrivals();
        return new Seen(since(simulator, ranBefore), arrived.subList(arrivedBefore, arrived.size()), claims, files);
    }

    private static String name(int job) {
        return "gap-" + job;
    }

    private void note(Seen seen) {
        List<Gaps.Parts> waits = Gaps.parts(seen.ran(), seen.arrived(), seen.claims());
        for (int i = 0; i < Gaps.Parts.WORDS.size(); i++) {
            int part = i;
            parts.add(
                    "Tollgate",
                    Gaps.Parts.WORDS.get(i),
                    Spread.of(waits.stream().map(gap -> gap.millis().get(part)).toList())
                            .median());
        }
        early += Gaps.fetchedEarly(seen.ran(), seen.arrived(), seen.files());
        pairs += seen.ran().size() - 1;
    }
}
