package io.tollgate.bench;

import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/** Runs contenders at several loads by turns, each on a copy of a filled database. */
final class ScaleTurns {
    private static final Duration WARM_UP_LIMIT = Duration.ofSeconds(2);

    private final String part;
    private final Settings settings;
    private final Templates templates;
    private final ScaleReport report;
    private final PrintStream progress;

    /** Something more that is measured at the end of a turn, on an open session. */
    interface More {
        void measure(Load load, Contender contender, Session session) throws Exception;
    }

    ScaleTurns(String part, Settings settings, Templates templates, ScaleReport report, PrintStream progress) {
        this.part = part;
        this.settings = settings;
        this.templates = templates;
        this.report = report;
        this.progress = progress;
    }

    /**
     * @param loads the one that the others are compared with first
     * @param more what else is measured; after the turn's scenarios
     */
    void run(List<Load> loads, Figure.Target target, More more) throws Exception {
        for (int round = 1 - settings.warmUps(); round <= settings.rounds(); round++) {
            List<Load> turns = new ArrayList<>(round > 0 ? loads : loads.subList(0, 1));
            Collections.rotate(turns, round - 1); // the first is never the coldest in every round
            for (Load load : turns) {
                List<Contender> order = new ArrayList<>(contenders(load.workload()));
                Collections.rotate(order, round);
                for (Contender contender : order) {
                    turn(contender, load, target, round, more);
                }
            }
        }
    }

    private static List<Contender> contenders(Workload workload) {
        return List.of(
                new FloorContender(workload),
                new StoreContender(workload),
                new TollgateContender("tollgate", TollgateContender.Media.MEMORY, workload));
    }

    private void turn(Contender contender, Load load, Figure.Target target, int round, More more) throws Exception {
        Path home = templates.copy(contender, load);
        try (Session session = contender.reopen(home, load.stock().submitted())) {
            Turn turn = new Turn(contender, session, load.stock(), round > 0 ? settings : warmUp());
            for (Scenario scenario : scenarios(contender, load)) {
                Sample sample = turn.run(scenario, round);
                if (round > 0) {
                    note(sample, load, target);
                }
            }
            if (round > 0) {
                more.measure(load, contender, session);
            }
            if (round == settings.rounds()) { // each audit reads everything
                session.checkBooks();
            }
        } finally {
            Directories.delete(home);
        }
    }

    /** What can be idle is asked for that first, while nothing waits. */
    private static List<Scenario> scenarios(Contender contender, Load load) {
        List<Scenario> scenarios = new ArrayList<>();
        if (contender instanceof TollgateContender && load.stock().queued() == 0) {
            scenarios.add(Scenario.IDLE);
        }
        scenarios.addAll(List.of(Scenario.SUBMIT_64, Scenario.COMPLETE_64));
        if (load.stock().queued() > 0) {
            scenarios.add(Scenario.TURNOVER_64);
        }
        return scenarios;
    }

    private Settings warmUp() {
        return settings.limit().compareTo(WARM_UP_LIMIT) < 0 ? settings : settings.within(WARM_UP_LIMIT);
    }

    private void note(Sample sample, Load load, Figure.Target target) {
        String key = sample.scenario().key();
        String unit = sample.scenario().unit();
        boolean free = sample.contender().equals(FloorContender.NAME);
        sample.values().forEach((measure, value) -> {
            boolean latency = !measure.isEmpty();
            String name = key + (latency ? " " + measure : "");
            // the worst of a hundred is too rare for a target
            Figure.Target asked = free || measure.equals("p99") ? Figure.Target.NONE : target;
            report.add(new Figure.Name(part, name, unit, !latency, sample.contender(), asked), load.label(), value);
            progress.printf(
                    Locale.ROOT,
                    "%s, round %d: %-20s %-12s %-10s %s %s, own CPU %s us/job (others' CPU %.0f %%)%n",
                    part,
                    sample.round(),
                    load.label(),
                    name,
                    sample.contender(),
                    Report.number(value),
                    unit,
                    Report.number(sample.cpuMicros()),
                    100 * sample.others());
        });
        if (sample.scenario() != Scenario.IDLE) {
            // tells what grew where a rate only tells how busy the machine was
            report.add(
                    new Figure.Name(part, key + " own CPU", "us/job", false, sample.contender(), Figure.Target.NONE),
                    load.label(),
                    sample.cpuMicros());
        }
    }
}
