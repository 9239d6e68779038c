package io.tollgate.bench;

import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Measures how cost grows with what is in the database, against the floor in the same run. */
@Command(
        name = "scale",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "How cost grows with jobs, users and models, against the floor in the same run.")
final class Scale implements Callable<Integer> {
    private static final Figure.Target WITH_FLOOR = new Figure.Target(Figure.Rule.KEEPS_UP_WITH_FLOOR, 0.9);
    private static final Figure.Target NEAR_FRESH = new Figure.Target(Figure.Rule.KEEPS_UP, 0.7);

    /** What can be measured by itself. */
    enum Part {
        QUEUED,
        POSITION,
        STARTUP,
        HEAP,
        FINISHED,
        USERS,
        MODELS;

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    @Option(
            names = "--parts",
            split = ",",
            description = "some of: queued, position, startup, heap, finished, users, models (all)")
    private List<Part> parts = List.of(Part.values());

    @Option(names = "--few", defaultValue = "1000", description = "jobs queued when few are (${DEFAULT-VALUE})")
    private int few;

    @Option(names = "--queued", defaultValue = "1000000", description = "when many are (${DEFAULT-VALUE})")
    private int queued;

    @Option(names = "--some-finished", defaultValue = "80000", description = "jobs done (${DEFAULT-VALUE})")
    private int someFinished;

    @Option(names = "--finished", defaultValue = "3000000", description = "when many are (${DEFAULT-VALUE})")
    private int finished;

    @Option(names = "--users", defaultValue = "50000", description = "users when there are many (${DEFAULT-VALUE})")
    private int users;

    @Option(names = "--models", defaultValue = "50", description = "models when there are many (${DEFAULT-VALUE})")
    private int models;

    @Option(names = "--rounds", defaultValue = "3", description = "measured rounds (${DEFAULT-VALUE})")
    private int rounds;

    @Option(names = "--warm-ups", defaultValue = "3", description = "rounds before them (${DEFAULT-VALUE})")
    private int warmUps;

    @Option(names = "--jobs", defaultValue = "20000", description = "most jobs a scenario (${DEFAULT-VALUE})")
    private int jobs;

    @Option(names = "--seconds", defaultValue = "5", description = "longest time a scenario (${DEFAULT-VALUE})")
    private double seconds;

    @Option(names = "--idle-jobs", defaultValue = "200", description = "jobs of idle (${DEFAULT-VALUE})")
    private int idleJobs;

    @Option(names = "--looks", defaultValue = "5000", description = "times each question is asked (${DEFAULT-VALUE})")
    private int looks;

    @Option(names = "--dir", description = "where the databases go (a new directory under java.io.tmpdir)")
    private @Nullable Path dir;

    @Option(names = "--json", description = "file for the figures as JSON")
    private @Nullable Path json;

    @Override
    public Integer call() throws Exception {
        Settings turns = new Settings(rounds, warmUps, jobs, Duration.ofNanos((long) (seconds * 1e9)), idleJobs);
        ScaleSettings settings = new ScaleSettings(few, queued, someFinished, finished, users, models, turns, looks);
        Path home = dir == null ? Files.createTempDirectory("tollgate-scale-") : Files.createDirectories(dir);
        Map<String, Object> about = new LinkedHashMap<>(Machine.about(home));
        about.put("settings", settings.toString());
        PrintStream out = System.out;
        about.forEach((key, value) -> out.println(key + ": " + value));
        ScaleReport report = new ScaleReport();
        run(settings, parts, home, report, System.err);
        out.println();
        out.print(report.table());
        if (json != null) {
            report.writeJson(json, about);
            out.println("\nwritten: " + json);
        }
        if (dir == null) {
            Directories.delete(home);
        }
        return 0;
    }

    /** Measures the parts in their order; leaves no files. */
    static void run(ScaleSettings settings, List<Part> parts, Path home, ScaleReport report, PrintStream progress)
            throws Exception {
        Path work = Files.createTempDirectory(home, "scale-");
        try {
            Templates templates = new Templates(work, progress);
            for (Part part : Part.values()) {
                if (parts.contains(part)) {
                    progress.println("part " + part.word());
                    new Run(settings, templates, report, progress, part).run();
                }
            }
        } finally {
            Directories.delete(work);
        }
    }

    /** One part. */
    private record Run(
            ScaleSettings settings, Templates templates, ScaleReport report, PrintStream progress, Part part) {
        void run() throws Exception {
            switch (part) {
                case QUEUED -> turns(List.of(queued(settings.few()), queued(settings.queued())), WITH_FLOOR);
                case POSITION -> new Positions(report, settings.looks()).measure(templates, queued(settings.queued()));
                case STARTUP -> {
                    for (int round = 1; round <= settings.turns().rounds(); round++) {
                        new StartUp(report).measure(templates, queued(settings.queued()));
                    }
                }
                case HEAP ->
                    new Heap(report, settings.turns().jobs())
                            .measure(templates, queued(settings.few()), queued(settings.queued()));
                case FINISHED -> finished();
                case USERS ->
                    turns(
                            List.of(
                                    of("users", Workload.RACE.users(), Turn.Stock.NONE, Workload.RACE),
                                    of("users", settings.users(), Turn.Stock.NONE, new Workload(settings.users(), 1))),
                            Figure.Target.NONE);
                case MODELS ->
                    turns(
                            List.of(
                                    of("models", 1, Turn.Stock.NONE, Workload.RACE),
                                    of(
                                            "models",
                                            settings.models(),
                                            Turn.Stock.NONE,
                                            new Workload(Workload.RACE.users(), settings.models()))),
                            Figure.Target.NONE);
            }
        }

        private void finished() throws Exception {
            List<Load> loads = List.of(
                    of("done", 0, Turn.Stock.NONE, Workload.RACE),
                    of("done", settings.someFinished(), new Turn.Stock(settings.someFinished(), 0), Workload.RACE),
                    of("done", settings.finished(), new Turn.Stock(settings.finished(), 0), Workload.RACE));
            Questions questions = new Questions(report, part.word(), settings.looks(), NEAR_FRESH);
            new ScaleTurns(part.word(), settings.turns(), templates, report, progress)
                    .run(loads, NEAR_FRESH, (load, contender, session) -> {
                        if (session instanceof TollgateContender.Open tollgate) {
                            questions.ask(load, tollgate);
                        }
                    });
            for (Load load : loads) {
                templates.drop(load);
            }
        }

        private void turns(List<Load> loads, Figure.Target target) throws Exception {
            new ScaleTurns(part.word(), settings.turns(), templates, report, progress)
                    .run(loads, target, (load, contender, session) -> {});
        }

        private static Load queued(int jobs) {
            return of("queued", jobs, new Turn.Stock(0, jobs), Workload.RACE);
        }

        private static Load of(String what, int count, Turn.Stock stock, Workload workload) {
            return new Load(String.format(Locale.ROOT, "%,d %s", count, what), stock, workload);
        }
    }
}
