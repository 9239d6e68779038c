package io.tollgate.http;

import io.tollgate.queue.job.JobId;
import java.time.Duration;

/** Makes streams of jobs' events. Safe for use by many threads. */
final class JobStreams {
    private static final Duration POSITIONS_EVERY = Duration.ofSeconds(1);

    private final Services services;
    private final JobFeed feed;
    private final Ticker positions;

    JobStreams(Services services, JobFeed feed) {
        this.services = services;
        this.feed = feed;
        this.positions = new Ticker(services.timers(), POSITIONS_EVERY);
    }

    /** The events of a job, which begin with how it is now. */
    EventSource of(JobId job) {
        return of(job, false);
    }

    /** The events of a job from its submission on. */
    EventSource wholeOf(JobId job) {
        return of(job, true);
    }

    private EventSource of(JobId job, boolean whole) {
        return new JobStream(job, whole, services.tollgate(), feed, services.links(), services.io(), positions);
    }
}
