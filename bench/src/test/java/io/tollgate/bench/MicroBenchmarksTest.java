package io.tollgate.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.bench.simulation.RulesBenchmark;
import java.util.Collection;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.VerboseMode;

/** No time is asserted: only that each benchmark of JMH runs and does what it says. */
@Timeout(120)
final class MicroBenchmarksTest {
    @Test
    void run_eachOnce_failsNowhere() throws Exception {
        System.setProperty("jmh.ignoreLock", "true"); // nothing is measured, so builds side by side don't matter
        Options once = new OptionsBuilder()
                .include("io\\.tollgate\\.bench\\..*")
                .mode(Mode.SingleShotTime)
                .param("waiting", "200")
                .param("sets", "1", "50")
                .forks(0)
                .threads(1)
                .warmupIterations(0)
                .measurementIterations(1)
                .shouldFailOnError(true)
                .verbosity(VerboseMode.SILENT)
                .build();

        Collection<RunResult> results = new Runner(once).run();

        assertThat(results.stream().map(result -> result.getParams().getBenchmark()))
                .containsOnly(Stream.of(IdBenchmark.class, PositionBenchmark.class, RulesBenchmark.class)
                        .flatMap(type -> Stream.of(type.getDeclaredMethods())
                                .filter(method -> method.isAnnotationPresent(Benchmark.class))
                                .map(method -> type.getName() + "." + method.getName()))
                        .toArray(String[]::new));
    }
}
