package io.tollgate.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** No time is asserted: only that every contender does the work it is measured by. */
@Timeout(120)
final class RaceTest {
    private static final int JOBS = 50;

    @TempDir
    Path dir;

    static List<Contender> contenders() {
        return SystemBench.contenders();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("contenders")
    void start_withJobsBeforeAndAfter_runsEachOnceAndLeavesNoneOpen(Contender contender) throws Exception {
        try (Session session = contender.open(dir)) {
            session.submitAll(1, JOBS / 2);
            assertThat(session.openJobs()).isEqualTo(JOBS / 2);
            Seen seen = new Seen(JOBS);

            Session.Engine engine = session.start(4, seen);
            try {
                for (int number = JOBS / 2 + 1; number <= JOBS; number++) {
                    session.submit(number);
                }
                assertThat(seen.all.await(60, TimeUnit.SECONDS)).isTrue();
            } finally {
                engine.close();
            }

            assertThat(seen.started).hasSize(JOBS);
            assertThat(seen.finished).hasSize(JOBS);
            assertThat(seen.twice).isEmpty();
            assertThat(session.openJobs()).isZero();
            session.checkBooks();
        }
    }

    @Test
    void run_allScenarios_givesASampleOfEachAndLeavesNoFiles() throws Exception {
        Settings settings = new Settings(1, 0, JOBS, Duration.ofSeconds(20), 10);
        Contender floor = new FloorContender();

        List<Sample> samples = new Race(dir, settings, silent()).run(List.of(floor), List.of(Scenario.values()));

        assertThat(samples).extracting(Sample::scenario).containsExactly(Scenario.values());
        assertThat(samples)
                .filteredOn(sample -> sample.scenario() != Scenario.IDLE)
                .allSatisfy(sample -> {
                    assertThat(sample.jobs()).isEqualTo(JOBS);
                    assertThat(sample.values().get(Sample.RATE)).isPositive();
                });
        assertThat(samples.get(4).values()).containsOnlyKeys("p50", "p99");
        try (var left = Files.list(dir)) {
            assertThat(left).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "UPDATE entry SET amount = amount + 1 WHERE id = (SELECT max(id) FROM entry)",
                "DELETE FROM entry WHERE id = (SELECT max(id) FROM entry)",
                "UPDATE account SET balance = balance + 1 WHERE id = 2",
                "UPDATE job SET state = 2 WHERE id = 1",
                "DELETE FROM entry WHERE posting = 2"
            })
    void checkBooks_afterTampering_throws(String tampering) throws Exception {
        try (Session session = new FloorContender().open(dir)) {
            session.submitAll(1, JOBS);
        }
        try (Connection connection = Sqlite.connect(dir);
                Statement statement = connection.createStatement()) {
            FloorTables.checkBooks(connection);

            assertThat(statement.executeUpdate(tampering)).isPositive();

            assertThatThrownBy(() -> FloorTables.checkBooks(connection))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageStartingWith("floor: ");
        }
    }

    @Test
    void run_contenderThatLosesAJob_throws() {
        Settings settings = new Settings(1, 0, JOBS, Duration.ofSeconds(20), 10);

        assertThatThrownBy(() ->
                        new Race(dir, settings, silent()).run(List.of(new Forgetful()), List.of(Scenario.SUBMIT_1)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("forgetful: 49 jobs are open, not 50");
    }

    @Test
    void table_ofTwoContenders_showsMedianAndRatioToFloor() {
        Contender floor = new FloorContender();
        Contender other = new Forgetful();
        List<Sample> samples = List.of(
                sample(floor, 1, 1_000, 0.2),
                sample(floor, 2, 4_000, 0.1),
                sample(floor, 3, 2_000, 0.3),
                sample(other, 1, 500, 0.1));

        String table = new Report(samples, List.of(floor, other), Map.of()).table();

        assertThat(table.lines().map(line -> line.trim().replaceAll(" {2,}", " | ")))
                .containsExactly(
                        "submit, 1 caller (jobs/s)",
                        "contender | ledger | min | median | max | x floor | CPU us/job | others' CPU | quietest (others) | rounds",
                        "floor | yes | 1,000 | 2,000 | 4,000 | 1.00 | 7.00 | 20 % | 4,000 (10 %) | 3",
                        "forgetful | no | 500 | 500 | 500 | 0.25 | 7.00 | 10 % | 500 (10 %) | 1");
        assertThat(table.lines().skip(1).map(String::length).distinct()).hasSize(1);
    }

    @Test
    void percentile_ofFourValues_isTheNearestRank() {
        double[] ascending = {1, 2, 3, 4};

        assertThat(Turn.percentile(ascending, 0.50)).isEqualTo(2);
        assertThat(Turn.percentile(ascending, 0.99)).isEqualTo(4);
    }

    private static Sample sample(Contender contender, int round, double rate, double others) {
        return new Sample(contender.name(), Scenario.SUBMIT_1, round, 10, Map.of(Sample.RATE, rate), 7, others);
    }

    private static PrintStream silent() {
        return new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
    }

    private static final class Seen implements Session.Work {
        final Set<Long> started = ConcurrentHashMap.newKeySet();
        final Set<Long> finished = ConcurrentHashMap.newKeySet();
        final Set<Long> twice = ConcurrentHashMap.newKeySet();
        final CountDownLatch all;

        Seen(int jobs) {
            all = new CountDownLatch(jobs);
        }

        @Override
        public void started(long number) {
            if (!started.add(number)) {
                twice.add(number);
            }
        }

        @Override
        public void finished(long number) {
            if (!finished.add(number)) {
                twice.add(number);
            }
            all.countDown();
        }
    }

    /** Acknowledges each job and loses one. */
    private static final class Forgetful implements Contender {
        @Override
        public String name() {
            return "forgetful";
        }

        @Override
        public boolean hasLedger() {
            return false;
        }

        @Override
        public Session open(Path home) {
            return new Session() {
                private final Set<Long> jobs = ConcurrentHashMap.newKeySet();

                @Override
                public void submit(long number) {
                    if (number != 7) {
                        jobs.add(number);
                    }
                }

                @Override
                public void submitAll(long first, int count) {
                    throw new UnsupportedOperationException();
                }

                @Override
                public Engine start(int workers, Work work) {
                    throw new UnsupportedOperationException();
                }

                @Override
                public long openJobs() {
                    return jobs.size();
                }

                @Override
                public void close() {}
            };
        }
    }
}
