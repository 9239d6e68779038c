package io.tollgate.bench.simulation;

import io.tollgate.queue.job.JobPolicy.Order;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Simulates days of a busy installation and prints what became of its jobs. */
@Command(
        name = "simulate",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Days of a busy installation in virtual time, by the real rules.")
public final class Simulate implements Callable<Integer> {
    @Option(names = "--jobs", defaultValue = "1000000", description = "jobs a run (${DEFAULT-VALUE})")
    private int jobs;

    @Option(names = "--users", defaultValue = "50000", description = "users (${DEFAULT-VALUE})")
    private int users;

    @Option(names = "--models", defaultValue = "50", description = "models (${DEFAULT-VALUE})")
    private int models;

    @Option(names = "--backends", defaultValue = "100", description = "backends of one slot (${DEFAULT-VALUE})")
    private int backends;

    @Option(
            names = "--loads",
            split = ",",
            defaultValue = "0.8,0.95,1.1",
            description = "what arrives, as a part of what can be done (${DEFAULT-VALUE})")
    private List<Double> loads = List.of();

    @Option(
            names = "--orders",
            split = ",",
            defaultValue = "FIFO,FAIR",
            description = "fifo, fair or both (${DEFAULT-VALUE})")
    private List<Order> orders = List.of();

    @Option(names = "--noisy", defaultValue = "0.3", description = "one user's part of the jobs (${DEFAULT-VALUE})")
    private double noisy;

    @Option(names = "--vip", defaultValue = "0.03", description = "part of the users that go first (${DEFAULT-VALUE})")
    private double vip;

    @Option(
            names = "--jobs-per-user",
            defaultValue = "1000000000",
            description = "jobs of one user that may live; what comes on top is refused (no limit)")
    private int jobsPerUser;

    @Option(names = "--bound", defaultValue = "PT1H", description = "wait before a promotion (${DEFAULT-VALUE})")
    private Duration bound = Duration.ZERO;

    @Option(
            names = "--ask-every",
            defaultValue = "50",
            description = "of how many jobs one is promised a start (${DEFAULT-VALUE})")
    private int askEvery;

    @Option(names = "--seed", defaultValue = "1", description = "of all that is drawn (${DEFAULT-VALUE})")
    private long seed;

    @Option(names = "--json", description = "file for the figures as JSON")
    private @Nullable Path json;

    @Override
    public Integer call() throws Exception {
        PrintStream out = System.out;
        SimulationReport report = new SimulationReport();
        for (double load : loads) {
            for (Order order : orders) {
                Settings settings = new Settings(
                        seed,
                        jobs,
                        users,
                        models,
                        backends,
                        load,
                        order,
                        noisy,
                        true,
                        jobsPerUser,
                        vip,
                        bound,
                        askEvery);
                Result result = Simulation.run(settings);
                out.print(report.section(result, Simulation.run(settings.withoutNoise())));
                out.flush();
            }
        }
        if (json != null) {
            report.writeJson(json);
            out.println("\nwritten: " + json);
        }
        return 0;
    }
}
