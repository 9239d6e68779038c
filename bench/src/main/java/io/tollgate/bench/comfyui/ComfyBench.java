package io.tollgate.bench.comfyui;

import io.tollgate.bench.Directories;
import io.tollgate.bench.Machine;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Measures what Tollgate adds between ComfyUI servers and their jobs, on simulated servers. */
@Command(
        name = "comfyui",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Idle gaps, many frames, large outputs and long histories of simulated ComfyUI servers.")
public final class ComfyBench implements Callable<Integer> {
    /** What can be measured by itself. */
    enum Part {
        GAP,
        FRAMES,
        LARGE,
        HISTORY
    }

    @Option(names = "--parts", split = ",", description = "some of: gap, frames, large, history (all)")
    private List<Part> parts = List.of(Part.values());

    @Option(names = "--rounds", defaultValue = "3", description = "measured rounds (${DEFAULT-VALUE})")
    private int rounds;

    @Option(names = "--gap-jobs", defaultValue = "16", description = "jobs of a client and round (${DEFAULT-VALUE})")
    private int gapJobs;

    @Option(names = "--servers", defaultValue = "8", description = "servers that send frames (${DEFAULT-VALUE})")
    private int servers;

    @Option(names = "--rate", defaultValue = "1000", description = "frames a second of each (${DEFAULT-VALUE})")
    private int rate;

    @Option(names = "--megabytes", defaultValue = "400", description = "size of the large output (${DEFAULT-VALUE})")
    private int megabytes;

    @Option(names = "--entries", defaultValue = "10000", description = "entries of the history (${DEFAULT-VALUE})")
    private int entries;

    @Option(names = "--dir", description = "where databases and files go (a new directory under java.io.tmpdir)")
    private @Nullable Path dir;

    /** Makes it, to be filled by the command line. */
    public ComfyBench() {}

    @Override
    public Integer call() throws Exception {
        PrintStream out = System.out;
        Path home = Files.createTempDirectory(
                dir == null ? Path.of(System.getProperty("java.io.tmpdir")) : Files.createDirectories(dir),
                "tollgate-bench-");
        try {
            Machine.about(home).forEach((key, value) -> out.println(key + ": " + value));
            for (Part part : parts) {
                out.printf(
                        Locale.ROOT,
                        "%n%s, load average before: %.1f%n%n",
                        part.name().toLowerCase(Locale.ROOT),
                        ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage());
                out.print(run(part, home));
                out.flush();
            }
        } finally {
            Directories.delete(home);
        }
        return 0;
    }

    private String run(Part part, Path home) throws Exception {
        return switch (part) {
            case GAP -> new GapBench(home, gapJobs).run(rounds);
            case FRAMES -> new FrameBench(home, servers, rate).run(rounds);
            case LARGE -> new LargeBench(home, megabytes).run(rounds);
            case HISTORY -> new HistoryBench(home, entries).run(rounds);
        };
    }
}
