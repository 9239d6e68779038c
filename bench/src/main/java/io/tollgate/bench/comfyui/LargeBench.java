package io.tollgate.bench.comfyui;

import io.tollgate.bench.Directories;
import io.tollgate.bench.Heap;
import io.tollgate.comfyui.sim.ComfySimulator;
import io.tollgate.queue.JobHandle;
import io.tollgate.queue.job.JobRecord;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** Whether a large output goes through a process that could not hold a sixth of it. */
final class LargeBench {
    private static final String QUEUE = "large";
    private static final int HEAP_MEGABYTES = 64;
    private static final long LONGEST_MINUTES = 2;
    private static final long SAMPLE_MILLIS = 100;
    private static final double MIB = 1 << 20;

    private final Path home;
    private final int megabytes;
    private final RoundTable table = new RoundTable("large output", "s", "live before (MiB)", "most live (MiB)");

    LargeBench(Path home, int megabytes) {
        this.home = home;
        this.megabytes = megabytes;
    }

    String run(int rounds) throws Exception {
        try (ComfySimulator simulator =
                ComfySimulator.builder().home(home.resolve("large-server")).start()) {
            for (int round = 0; round < rounds; round++) {
                String row = megabytes + " MB with -Xmx" + HEAP_MEGABYTES + "m";
                String[] numbers = child(simulator.url()).split(" ", -1);
                table.add(row, "s", Double.parseDouble(numbers[0]));
                table.add(row, "live before (MiB)", Double.parseDouble(numbers[1]));
                table.add(row, "most live (MiB)", Double.parseDouble(numbers[2]));
            }
        }
        return table.text();
    }

    /** Runs it in a process of its own, with little memory. Returns what that tells. */
    private String child(URI url) throws IOException, InterruptedException {
        Path dir = home.resolve("large-house");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx" + HEAP_MEGABYTES + "m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        LargeBench.class.getName(),
                        url.toString(),
                        dir.toString(),
                        Long.toString(megabytes * 1_000_000L))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader said = process.inputReader(StandardCharsets.UTF_8)) {
            String told = said.lines().collect(Collectors.joining());
            if (!process.waitFor(LONGEST_MINUTES, TimeUnit.MINUTES) || process.exitValue() != 0) {
                throw new IllegalStateException("the large output did not go through: " + told);
            }
            return told;
        } finally {
            process.destroyForcibly();
            Directories.delete(dir);
        }
    }

    /** The other process: takes a server, a folder and a size; says seconds, live heap before and the most while. */
    public static void main(String... args) throws Exception {
        long bytes = Long.parseLong(args[2]);
        try (House house = new House(
                Path.of(args[1]),
                List.of(new House.Server(QUEUE, URI.create(args[0]), 0)),
                List.of(Graphs.video(QUEUE, bytes)),
                event -> {})) {
            double before = Heap.live() / MIB;
            long start = System.nanoTime();
            JobHandle job = house.submit(House.request(QUEUE));
            List<Double> live = new ArrayList<>();
            while (!job.result().isDone()) {
                live.add(Heap.live() / MIB);
                TimeUnit.MILLISECONDS.sleep(SAMPLE_MILLIS);
            }
            double seconds = (System.nanoTime() - start) / 1e9;
            JobRecord record = house.done(job);
            long stored = record.outputs().get(0).sizeBytes();
            if (stored != bytes) {
                throw new IllegalStateException("stored " + stored + " bytes of " + bytes);
            }
            house.checkUnharmed();
            System.out.printf(
                    Locale.ROOT,
                    "%.3f %.1f %.1f",
                    seconds,
                    before,
                    Spread.of(live).most());
        }
    }
}
