package io.tollgate.sql;

import io.tollgate.queue.job.JobPolicy;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/** The databases of one contract test, of which the last one that was asked for is in use. */
final class LatestHome implements AutoCloseable {
    private final List<StoreFixture> open = new ArrayList<>();

    /** A new one. */
    StoreFixture empty(Path directory, InstantSource time) {
        open.add(new StoreFixture(directory.resolve("store-" + open.size()), JobPolicy.DEFAULT, time));
        return latest();
    }

    /** The last one, closed and opened again. */
    StoreFixture restarted() {
        latest().restart();
        return latest();
    }

    private StoreFixture latest() {
        return open.get(open.size() - 1);
    }

    @Override
    public void close() {
        open.forEach(StoreFixture::close);
    }
}
