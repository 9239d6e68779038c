package io.tollgate.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** No time is asserted: only that what is measured is what it says. */
@Timeout(120)
final class ScaleTest {
    private static final Figure.Target HALF = new Figure.Target(Figure.Rule.KEEPS_UP, 0.5);

    @TempDir
    Path dir;

    private final ScaleReport report = new ScaleReport();

    @ParameterizedTest
    @EnumSource
    void run_onePart_measuresItAtItsLoadsAndLeavesNoFiles(Scale.Part part) throws Exception {
        Settings turns = new Settings(1, 0, 40, Duration.ofSeconds(20), 3);
        ScaleSettings settings = new ScaleSettings(10, 120, 20, 70, 30, 3, turns, 5);

        Scale.run(settings, List.of(part), dir, report, silent());

        List<String> loads = switch (part) {
            case QUEUED, HEAP -> List.of("10 queued", "120 queued");
            case POSITION -> List.of("120 queued, at 1 %", "120 queued, at 50 %", "120 queued, at 99 %");
            case STARTUP -> List.of("120 queued");
            case FINISHED -> List.of("0 done", "20 done", "70 done");
            case USERS -> List.of("1,000 users", "30 users");
            case MODELS -> List.of("1 models", "3 models");
        };
        assertThat(report.figures()).isNotEmpty().allSatisfy(figure -> {
            assertThat(figure.name().part()).isEqualTo(part.word());
            assertThat(loads).containsAll(figure.loads());
        });
        assertThat(report.figures())
                .anySatisfy(figure -> assertThat(figure.loads()).isEqualTo(loads));
        assertThat(report.table().lines()).hasSizeGreaterThan(report.figures().size());
        try (var left = Files.list(dir)) {
            assertThat(left).isEmpty();
        }
    }

    static Stream<Contender> contenders() {
        return Stream.of(
                new FloorContender(), new StoreContender(), new TollgateContender(TollgateContender.Variant.PLAIN));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("contenders")
    void copy_ofAFilledDatabase_goesOnWhereItWasAndHasCleanBooks(Contender contender) throws Exception {
        Templates templates = new Templates(dir, silent());
        Load load = new Load("", new Turn.Stock(30, 20), Workload.RACE);
        Settings settings = new Settings(1, 0, 40, Duration.ofSeconds(20), 3);

        for (int copy = 0; copy < 2; copy++) { // the first must not change what the second is made of
            try (Session session = contender.reopen(templates.copy(contender, load), 50)) {
                assertThat(session.openJobs()).isEqualTo(20);
                Turn turn = new Turn(contender, session, load.stock(), settings);

                assertThat(turn.run(Scenario.SUBMIT_64, 1).jobs()).isEqualTo(40);
                assertThat(session.openJobs()).isEqualTo(60);
                assertThat(turn.run(Scenario.COMPLETE_64, 1).jobs()).isEqualTo(40);
                assertThat(turn.run(Scenario.TURNOVER_64, 1).jobs()).isPositive();
                session.checkBooks();
            }
        }
    }

    @Test
    void turn_onAStockThatIsNotThere_throws() throws Exception {
        Contender floor = new FloorContender();
        try (Session session = floor.open(dir)) {
            Turn turn =
                    new Turn(floor, session, new Turn.Stock(0, 7), new Settings(1, 0, 3, Duration.ofSeconds(20), 1));

            assertThatThrownBy(() -> turn.run(Scenario.SUBMIT_64, 1))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("floor: 3 jobs are open, not 10");
        }
    }

    @Test
    void met_ofEachRule_goesByTheMediansOfTheLoads() {
        Figure rate = figure("rate", true, HALF, 100, 51);
        Figure slow = figure("rate", true, HALF, 100, 49);
        Figure latency = figure("latency", false, HALF, 10, 19);
        Figure late = figure("latency", false, HALF, 10, 21);
        Figure.Target with = new Figure.Target(Figure.Rule.KEEPS_UP_WITH_FLOOR, 0.9);
        Figure floor = figure("rate", true, Figure.Target.NONE, 1_000, 500);
        Figure.Target bound = new Figure.Target(Figure.Rule.AT_MOST, 50);

        assertThat(rate.met(rate)).isTrue();
        assertThat(slow.met(slow)).isFalse();
        assertThat(latency.met(latency)).isTrue();
        assertThat(late.met(late)).isFalse();
        assertThat(figure("rate", true, with, 100, 46).met(floor)).isTrue();
        assertThat(figure("rate", true, with, 100, 44).met(floor)).isFalse();
        assertThat(figure("bytes", false, bound, 1, 50).met(floor)).isTrue();
        assertThat(figure("bytes", false, bound, 1, 51).met(floor)).isFalse();
    }

    private static Figure figure(String measure, boolean larger, Figure.Target target, double few, double many) {
        Figure figure = new Figure(new Figure.Name("part", measure, "unit", larger, "tollgate", target));
        figure.add("few", few * 10); // the median is what counts
        figure.add("few", few);
        figure.add("few", few / 10);
        figure.add("many", many);
        return figure;
    }

    @Test
    void report_withAFloor_comparesWithItInTableAndJson() throws Exception {
        Figure.Target with = new Figure.Target(Figure.Rule.KEEPS_UP_WITH_FLOOR, 0.9);
        Figure.Name ours = new Figure.Name("queued", "submit-64", "jobs/s", true, "store", with);
        Figure.Name floor = new Figure.Name("queued", "submit-64", "jobs/s", true, "floor", Figure.Target.NONE);
        report.add(ours, "few", 100);
        report.add(ours, "many", 40);
        report.add(floor, "few", 200);
        report.add(floor, "many", 100);

        assertThat(report.table().lines().map(line -> line.trim().replaceAll(" {2,}", " | ")))
                .contains("queued | submit-64 (jobs/s) | store | many | 40.0 | 40.0 | 40.0 | 0.40 | 0.80"
                        + " | >= 0.90 x floor's | MISSED");
        Path file = dir.resolve("scale.json");
        report.writeJson(file, Map.of("java", "17"));
        JsonNode first = new ObjectMapper().readTree(Files.readString(file)).at("/results/0");
        assertThat(first.at("/loads/1/partOfFloors").asDouble()).isEqualTo(0.8);
        assertThat(first.at("/met").asBoolean(true)).isFalse();
    }

    private static PrintStream silent() {
        return new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
    }
}
