package io.tollgate.bench.comfyui;

import io.tollgate.bench.Directories;
import io.tollgate.comfyui.sim.ComfySimulator;
import io.tollgate.comfyui.sim.ComfyVersion;
import io.tollgate.queue.workflow.RawInput;
import io.tollgate.queue.workflow.Workflow;
import java.math.BigDecimal;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Whether what a server remembers of earlier prompts makes a small job slower, on a new release and on an old one. */
final class HistoryBench {
    private static final int JOBS = 25;
    private static final int AT_ONCE = 64;
    private static final long LONGEST_FILL_SECONDS = 120;
    private static final List<ComfyVersion> RELEASES =
            List.of(ComfyVersion.V0_27_0, ComfyVersion.parse("0.3.44")); // the second gives prompts ids of its own

    private final Path home;
    private final int entries;
    private final RoundTable table = new RoundTable("submission to end of a small job (ms)", "p50", "p90", "most");

    /** @param entries how many there are when there are many */
    HistoryBench(Path home, int entries) {
        this.home = home;
        this.entries = entries;
    }

    String run(int rounds) throws Exception {
        Map<String, ComfySimulator> simulators = new LinkedHashMap<>();
        Path dir = home.resolve("history-house");
        try {
            for (ComfyVersion release : RELEASES) {
                simulators.put(release + "-empty", started(release, "-empty"));
                ComfySimulator full = started(release, "-full");
                simulators.put(release + "-full", full);
                fill(full);
            }
            measure(dir, simulators, rounds);
        } finally {
            simulators.values().forEach(ComfySimulator::close);
            Directories.delete(dir);
        }
        return table.text();
    }

    private ComfySimulator started(ComfyVersion release, String which) {
        return ComfySimulator.builder()
                .version(release)
                .home(home.resolve("history-" + release + which))
                .start();
    }

    private void measure(Path dir, Map<String, ComfySimulator> simulators, int rounds) throws Exception {
        List<House.Server> servers = new ArrayList<>();
        List<Workflow> workflows = new ArrayList<>();
        simulators.forEach((name, simulator) -> {
            servers.add(new House.Server(name, simulator.url(), 0));
            workflows.add(Graphs.sleeping(name));
        });
        try (House house = new House(dir, servers, workflows, event -> {})) {
            for (int round = 0; round <= rounds; round++) {
                Map<String, List<Double>> millis = new LinkedHashMap<>();
                for (int job = 0; job < JOBS; job++) {
                    for (String name : simulators.keySet()) {
                        millis.computeIfAbsent(name, any -> new ArrayList<>()).add(job(house, name));
                    }
                }
                if (round > 0) { // the first warms up
                    millis.forEach(this::note);
                }
            }
            house.checkUnharmed();
        }
    }

    private static double job(House house, String queue) throws Exception {
        long start = System.nanoTime();
        house.done(house.submit(House.request(queue)
                .with(Graphs.SECONDS, new RawInput.Numeric(BigDecimal.ZERO))
                .with(Graphs.NAME, "small")));
        return (System.nanoTime() - start) / 1e6;
    }

    private void note(String name, List<Double> millis) {
        String row = name.replace("-empty", ", few entries")
                .replace("-full", String.format(Locale.ROOT, ", %,d entries", entries));
        Spread spread = Spread.of(millis);
        table.add(row, "p50", spread.median());
        table.add(row, "p90", spread.at(0.9));
        table.add(row, "most", spread.most());
    }

    /** Runs as many prompts of somebody else as there shall be entries. */
    private void fill(ComfySimulator simulator) throws Exception {
        URI prompt = simulator.url().resolve("/prompt");
        HttpClient http =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        for (int from = 0; from < entries; from += AT_ONCE) {
            List<CompletableFuture<?>> answers = new ArrayList<>();
            for (int i = from; i < Math.min(entries, from + AT_ONCE); i++) {
                String graph =
                        "{\"1\": {\"class_type\": \"SleepSink\", \"inputs\": {\"seconds\": 0, \"seed\": " + i + "}}}";
                answers.add(http.sendAsync(
                        HttpRequest.newBuilder(prompt)
                                .POST(HttpRequest.BodyPublishers.ofString(
                                        "{\"client_id\": \"else\", \"prompt\": " + graph + "}"))
                                .build(),
                        HttpResponse.BodyHandlers.discarding()));
            }
            CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new))
                    .get(LONGEST_FILL_SECONDS, TimeUnit.SECONDS);
        }
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(LONGEST_FILL_SECONDS);
        while (simulator.pending() + simulator.running() > 0) {
            if (System.nanoTime() - deadline > 0) {
                throw new IllegalStateException("the history is not full yet");
            }
            TimeUnit.MILLISECONDS.sleep(20);
        }
        if (simulator.executions().size() < entries) {
            throw new IllegalStateException("only " + simulator.executions().size() + " entries");
        }
    }
}
