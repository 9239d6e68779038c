package io.tollgate.bench;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Databases that are filled once, through the real commands, and copied for each turn. Used by one thread. */
final class Templates {
    /*
     * Jobs that are to be finished are submitted and finished in portions that fit what a store keeps in memory, with
     * many workers, so that the writer always has a full batch to do.
     */
    private static final int PORTION = 8_000;
    private static final int QUEUED_AT_ONCE = 50_000;
    private static final int WORKERS = 256;
    private static final long STUCK_MINUTES = 5;
    private static final long TELL_EVERY_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final Path dir;
    private final PrintStream progress;
    private final Map<Key, Path> made = new HashMap<>();
    private int copies;
    private int fills;
    private long toldAt = System.nanoTime();

    private record Key(String filler, Turn.Stock stock, Workload workload) {}

    /** @param dir where they and their copies go */
    Templates(Path dir, PrintStream progress) {
        this.dir = dir;
        this.progress = progress;
    }

    /** A new directory with a database that is filled so; whoever asks for it deletes it. */
    Path copy(Contender contender, Load load) throws Exception {
        Path from = of(contender, load);
        Path copy = dir.resolve("copy-" + ++copies);
        Directories.copy(from, copy);
        return copy;
    }

    /** Drops what is made for a load, and will be made anew if it is asked for again. */
    void drop(Load load) throws IOException {
        for (Map.Entry<Key, Path> each : List.copyOf(made.entrySet())) {
            Key key = each.getKey();
            if (key.stock.equals(load.stock()) && key.workload.equals(load.workload())) {
                made.remove(key);
                Directories.delete(each.getValue());
            }
        }
    }

    private Path of(Contender contender, Load load) throws Exception {
        Contender filler = contender.filler();
        Key key = new Key(filler.name(), load.stock(), load.workload());
        Path known = made.get(key);
        if (known != null) {
            return known;
        }
        Path home = Files.createDirectories(dir.resolve("filled-" + ++fills));
        long begin = System.nanoTime();
        try (Session session = filler.open(home)) {
            fill(filler, session, load.stock());
        } // the last to close a database has its log written into it
        progress.printf(
                Locale.ROOT,
                "filled for %s: %s, %,d done and %,d queued, %.1f s, %,d MiB%n",
                filler.name(),
                load.label(),
                load.stock().finished(),
                load.stock().queued(),
                (System.nanoTime() - begin) / 1e9,
                Directories.bytes(home) >> 20);
        made.put(key, home);
        return home;
    }

    private void fill(Contender filler, Session session, Turn.Stock stock) throws Exception {
        for (long done = 0; done < stock.finished(); done += PORTION) {
            int portion = (int) Math.min(PORTION, stock.finished() - done);
            session.submitAll(done + 1, portion);
            Tally tally = new Tally(done + 1, portion, portion);
            Session.Engine engine = session.start(Math.min(WORKERS, portion), tally);
            try {
                if (!tally.all.await(STUCK_MINUTES, TimeUnit.MINUTES)) {
                    throw new IllegalStateException(
                            filler.name() + ": " + tally.finished + " of " + portion + " jobs ended");
                }
            } finally {
                engine.close();
            }
            tell(filler, "done", done + portion, stock.finished());
        }
        for (long queued = 0; queued < stock.queued(); queued += QUEUED_AT_ONCE) {
            int portion = (int) Math.min(QUEUED_AT_ONCE, stock.queued() - queued);
            session.submitAll(stock.finished() + queued + 1, portion);
            tell(filler, "queued", queued + portion, stock.queued());
        }
    }

    private void tell(Contender filler, String what, long now, long all) {
        if (System.nanoTime() - toldAt > TELL_EVERY_NANOS) {
            toldAt = System.nanoTime();
            progress.printf(Locale.ROOT, "filling for %s: %,d of %,d jobs %s%n", filler.name(), now, all, what);
        }
    }
}
