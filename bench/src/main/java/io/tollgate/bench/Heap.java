package io.tollgate.bench;

import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** What a waiting job weighs: all live bytes of the process with many of them, less those with few. */
public final class Heap {
    private static final Figure.Target TARGET = new Figure.Target(Figure.Rule.AT_MOST, 300);
    private static final int COLLECTIONS = 4;
    private static final long STUCK_MINUTES = 5;

    private final ScaleReport report;
    private final int jobs;

    /** @param jobs how many are submitted and run first, so that all that is kept of them with a bound is full */
    Heap(ScaleReport report, int jobs) {
        this.report = report;
        this.jobs = jobs;
    }

    void measure(Templates templates, Load few, Load many) throws Exception {
        long before = used(templates, few);
        long after = used(templates, many);
        double each =
                (double) (after - before) / (many.stock().queued() - few.stock().queued());
        report.add(
                new Figure.Name("heap", "heap of a queued job", "bytes", false, "tollgate", TARGET),
                many.label(),
                each);
        note(few, before);
        note(many, after);
    }

    private void note(Load load, long bytes) {
        report.add(
                new Figure.Name("heap", "heap of all", "MiB", false, "tollgate", Figure.Target.NONE),
                load.label(),
                bytes / (double) (1 << 20));
    }

    private long used(Templates templates, Load load) throws Exception {
        TollgateContender contender = new TollgateContender(TollgateContender.Variant.PLAIN, load.workload());
        Path home = templates.copy(contender, load);
        try (TollgateContender.Open session =
                contender.reopen(home, load.stock().submitted())) {
            Turn turn =
                    new Turn(contender, session, load.stock(), Settings.once(jobs, TimeUnit.MINUTES, STUCK_MINUTES));
            Sample submitted = turn.run(Scenario.SUBMIT_64, 0);
            Sample done = turn.run(Scenario.COMPLETE_64, 0);
            if (submitted.jobs() != jobs || done.jobs() != jobs) {
                throw new IllegalStateException(String.format(
                        Locale.ROOT, "of %d jobs %d came and %d ended", jobs, submitted.jobs(), done.jobs()));
            }
            return live();
        } finally {
            Directories.delete(home);
        }
    }

    /** The bytes in use after what is garbage was collected. */
    public static long live() {
        Runtime runtime = Runtime.getRuntime();
        for (int i = 0; i < COLLECTIONS; i++) {
            System.gc();
        }
        return runtime.totalMemory() - runtime.freeMemory();
    }
}
