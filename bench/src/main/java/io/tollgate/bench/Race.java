package io.tollgate.bench;

import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Runs contenders through scenarios by turns, so that what drifts on the machine hits all of them. */
final class Race {
    /*
     * One turn: a new database in a directory of its own, what the scenario needs off the clock, the clock, then a
     * check that jobs and books are as they must be. A turn that fails the check ends the race: a rate of wrong work
     * is none.
     */
    private static final Duration WARM_UP_LIMIT = Duration.ofSeconds(2);

    private final Path dir;
    private final Settings settings;
    private final PrintStream progress;

    Race(Path dir, Settings settings, PrintStream progress) {
        this.dir = dir;
        this.settings = settings;
        this.progress = progress;
    }

    List<Sample> run(List<Contender> contenders, List<Scenario> scenarios) throws Exception {
        List<Sample> samples = new ArrayList<>();
        for (int round = 1 - settings.warmUps(); round <= settings.rounds(); round++) {
            List<Contender> order = new ArrayList<>(contenders);
            Collections.rotate(order, round);
            for (Scenario scenario : scenarios) {
                for (Contender contender : order) {
                    if (round > 0 || scenario != Scenario.IDLE) {
                        Sample sample = turn(contender, scenario, round);
                        report(sample);
                        if (round > 0) {
                            samples.add(sample);
                        }
                    }
                }
            }
        }
        return samples;
    }

    private Sample turn(Contender contender, Scenario scenario, int round) throws Exception {
        Path home = Files.createTempDirectory(Files.createDirectories(dir), "turn-");
        try (Session session = contender.open(home)) {
            Turn turn = new Turn(contender, session, Turn.Stock.NONE, round > 0 ? settings : warmUp());
            Sample sample = turn.run(scenario, round);
            session.checkBooks();
            return sample;
        } finally {
            Directories.delete(home);
        }
    }

    private Settings warmUp() {
        return settings.limit().compareTo(WARM_UP_LIMIT) < 0 ? settings : settings.within(WARM_UP_LIMIT);
    }

    private void report(Sample sample) {
        StringBuilder line = new StringBuilder();
        line.append(sample.round() > 0 ? "round " + sample.round() + "/" + settings.rounds() : "warm-up  ");
        line.append(
                String.format(Locale.ROOT, "  %-12s %-13s", sample.scenario().key(), sample.contender()));
        sample.values().entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(value -> line.append(String.format(
                        Locale.ROOT,
                        "  %s%s %s",
                        value.getKey().isEmpty() ? "" : value.getKey() + " ",
                        Report.number(value.getValue()),
                        sample.scenario().unit())));
        progress.println(line);
    }
}
