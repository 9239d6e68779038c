package io.tollgate.bench;

import io.tollgate.bench.comfyui.ComfyBench;
import io.tollgate.bench.simulation.Simulate;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * The whole-system benchmark; with {@code jmh} as its first argument, JMH with the arguments that follow, and with
 * {@code simulate} the {@linkplain Simulate simulation}, with {@code scale} how cost {@linkplain Scale grows}, with
 * {@code comfyui} what lies {@linkplain ComfyBench between it and servers}.
 */
@Command(
        name = "bench",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Compares job queues on one file system and one set of SQLite settings.")
public final class SystemBench implements Callable<Integer> {
    @Option(names = "--rounds", defaultValue = "3", description = "measured rounds (${DEFAULT-VALUE})")
    private int rounds;

    @Option(names = "--warm-ups", defaultValue = "1", description = "rounds before them (${DEFAULT-VALUE})")
    private int warmUps;

    @Option(names = "--jobs", defaultValue = "20000", description = "most jobs a scenario (${DEFAULT-VALUE})")
    private int jobs;

    @Option(names = "--seconds", defaultValue = "5", description = "longest time a scenario (${DEFAULT-VALUE})")
    private double seconds;

    @Option(names = "--idle-jobs", defaultValue = "200", description = "least jobs of idle (${DEFAULT-VALUE})")
    private int idleJobs;

    @Option(names = "--dir", description = "where the databases go (a new directory under java.io.tmpdir)")
    private @Nullable Path dir;

    @Option(names = "--json", description = "file for the results as JSON")
    private @Nullable Path json;

    @Option(
            names = "--contenders",
            split = ",",
            description = "some of: floor, tollgate, tollgate-files, store, db-scheduler, JobRunr (all)")
    private @Nullable List<String> contenders;

    @Option(
            names = "--scenarios",
            split = ",",
            description = "some of: submit-1, submit-64, complete-1, complete-64, idle (these), turnover-64")
    private @Nullable List<String> scenarios;

    private SystemBench() {}

    /** Runs what the arguments say and ends the process: 0 when done, 1 if a contender did wrong work, 2 on misuse. */
    public static void main(String[] args) throws Exception {
        if (args.length > 0 && args[0].equals("jmh")) {
            org.openjdk.jmh.Main.main(Arrays.copyOfRange(args, 1, args.length));
        } else {
            CommandLine command = new CommandLine(new SystemBench())
                    .addSubcommand(new Simulate())
                    .addSubcommand(new Scale())
                    .addSubcommand(new ComfyBench());
            System.exit(command.setCaseInsensitiveEnumValuesAllowed(true).execute(args));
        }
    }

    /** Who takes part, the floor first. */
    static List<Contender> contenders() {
        return List.of(
                new FloorContender(),
                new TollgateContender(TollgateContender.Variant.PLAIN),
                new TollgateContender(TollgateContender.Variant.AHEAD),
                new TollgateContender(TollgateContender.Variant.FILES),
                new StoreContender(),
                new DbSchedulerContender(),
                new JobRunrContender());
    }

    @Override
    public Integer call() throws Exception {
        Settings settings = new Settings(rounds, warmUps, jobs, Duration.ofNanos((long) (seconds * 1e9)), idleJobs);
        List<Contender> racers = pickContenders();
        List<Scenario> picked = scenarios == null
                ? Scenario.RACE
                : scenarios.stream().map(Scenario::of).toList();
        Path home = dir == null ? Files.createTempDirectory("tollgate-bench-") : dir;
        Map<String, Object> about = new LinkedHashMap<>(Machine.about(home));
        about.put(
                "settings",
                settings.rounds() + " rounds after " + settings.warmUps() + " warm-ups, at most " + settings.jobs()
                        + " jobs or " + settings.limit().toMillis() / 1e3 + " s a scenario");
        PrintStream out = System.out;
        about.forEach((key, value) -> out.println(key + ": " + value));
        out.println();
        List<Sample> samples = new Race(home, settings, out).run(racers, picked);
        Report report = new Report(samples, racers, about);
        out.println();
        out.print(report.table());
        if (json != null) {
            report.writeJson(json);
            out.println("\nwritten: " + json);
        }
        if (dir == null) {
            Files.deleteIfExists(home);
        }
        return 0;
    }

    private List<Contender> pickContenders() {
        List<Contender> all = contenders();
        if (contenders == null) {
            return all;
        }
        for (String name : contenders) {
            if (all.stream().noneMatch(contender -> contender.name().equals(name))) {
                throw new IllegalArgumentException("no contender '" + name + "', there are "
                        + all.stream().map(Contender::name).toList());
            }
        }
        List<String> names = contenders;
        return all.stream()
                .filter(contender -> names.contains(contender.name()))
                .toList();
    }
}
