package io.tollgate.app.cli;

import io.tollgate.app.config.LoadedConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Measures this machine: how many jobs a second, and how soon one starts. */
@Command(
        name = "bench",
        description = {
            "Measures how many jobs this machine takes and completes, and how soon one starts.",
            "Works on a database of its own, on the file system of the data directory, and deletes it."
        })
public final class BenchCommand extends TollgateCommand {
    private static final int MOST_SECONDS = 10;
    private static final int MOST_QUEUED = 200_000;
    private static final int MOST_STARTS = 1_000;

    @Option(
            names = "--seconds",
            paramLabel = "S",
            defaultValue = "4",
            description = "How long each of the four rates is measured, 1 to 10 (default: 4).")
    private int seconds = 4;

    @Option(
            names = "--queued",
            paramLabel = "N",
            defaultValue = "50000",
            description = "How many jobs are queued to measure positions, 100 to 200000 (default: 50000);"
                    + " fewer if that would take longer than three times --seconds.")
    private int queued = 50_000;

    @Option(
            names = "--starts",
            paramLabel = "N",
            defaultValue = "200",
            description = "How many jobs are timed from their submission to their start, 10 to 1000 (default: 200).")
    private int starts = 200;

    @Override
    protected void execute() throws Exception {
        check("--seconds", seconds, 1, MOST_SECONDS);
        check("--queued", queued, 100, MOST_QUEUED);
        check("--starts", starts, 10, MOST_STARTS);
        LoadedConfig loaded = config();
        Path home = existing(loaded.config().dataDir().toAbsolutePath());
        Path dir = Files.createTempDirectory(home, "tollgate-bench-");
        Map<String, Object> document = new LinkedHashMap<>();
        Map<String, Object> machine = machine(dir);
        try (Progress progress = progress()) {
            document.putAll(new MachineBench(dir, Duration.ofSeconds(seconds), queued, starts, progress).run());
        } finally {
            delete(dir);
        }
        document.put("machine", machine);
        Table table = new Table("measure", "value");
        document.forEach((name, value) -> table.row(name, shown(value)));
        output().result(document, table);
    }

    private static void check(String option, int value, int least, int most) {
        if (value < least || value > most) {
            throw new CommandFailed(option + " must be " + least + " to " + most + ", not " + value);
        }
    }

    /** The directory, or the nearest above it that there is: measuring makes none that stays. */
    private static Path existing(Path directory) {
        Path nearest = directory;
        while (nearest != null && !Files.isDirectory(nearest)) {
            nearest = nearest.getParent();
        }
        if (nearest == null) {
            throw new CommandFailed("there is no directory above " + directory);
        }
        return nearest;
    }

    private static Map<String, Object> machine(Path dir) throws IOException {
        Map<String, Object> machine = new LinkedHashMap<>();
        machine.put("java", System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version"));
        machine.put(
                "os",
                System.getProperty("os.name") + " " + System.getProperty("os.version") + " "
                        + System.getProperty("os.arch"));
        machine.put("cpus", Runtime.getRuntime().availableProcessors());
        machine.put("max_heap_bytes", Runtime.getRuntime().maxMemory());
        machine.put("file_system", Files.getFileStore(dir).type());
        return machine;
    }

    private static String shown(Object value) {
        return value instanceof Double number ? String.format(Locale.ROOT, "%.2f", number) : value.toString();
    }

    private static void delete(Path dir) throws IOException {
        List<Path> files;
        try (Stream<Path> walk = Files.walk(dir)) {
            files = walk.sorted(Comparator.reverseOrder()).toList();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        for (Path file : files) {
            Files.deleteIfExists(file);
        }
    }
}
