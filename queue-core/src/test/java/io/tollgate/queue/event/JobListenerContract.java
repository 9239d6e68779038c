package io.tollgate.queue.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.tollgate.queue.test.JobEvents;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What every {@link JobListener} must do. Extend it and give it a listener. */
public abstract class JobListenerContract {
    private static final long SEED = 42;
    private static final int ROUNDS = 1_000;
    private static final Duration SOON = Duration.ofSeconds(30); // for thousands of events, on a busy machine

    /** The listener under test, the same at each call. */
    protected abstract JobListener listener();

    @Test
    void on_everyKindOfEvent_takesIt() {
        List<JobEvent> story = new JobEvents().story();

        story.forEach(listener()::on);

        Set<Class<?>> told = story.stream().map(JobEvent::getClass).collect(Collectors.toSet());
        assertThat(told).containsExactlyInAnyOrder(JobEvent.class.getPermittedSubclasses());
    }

    @Test
    void on_eventsOfJobsItNeverHeardOf_takesThem() {
        new JobEvents().story().forEach(event -> {
            listener().on(event);
            listener().on(event); // and once more: a node that takes over may tell what another told
        });
        List<JobEvent> backwards = new ArrayList<>(new JobEvents().story());
        Collections.reverse(backwards);

        backwards.forEach(listener()::on);
    }

    @Test
    void on_oneEventAtATimeOnManyThreads_takesThem() throws Exception {
        for (JobEvent event : new JobEvents().story()) {
            ExecutorService another = Executors.newSingleThreadExecutor();
            try {
                another.submit(() -> listener().on(event)).get(SOON.toSeconds(), TimeUnit.SECONDS);
            } finally {
                another.shutdownNow();
            }
        }
    }

    @Test
    void on_thousandsOfEvents_returnsSoon() {
        JobEvents jobs = new JobEvents();
        Random random = new Random(SEED);

        assertTimeoutPreemptively(SOON, () -> {
            for (int i = 0; i < ROUNDS; i++) {
                List<JobEvent> story = new ArrayList<>(jobs.story());
                Collections.shuffle(story, random);
                story.forEach(listener()::on);
            }
        });
    }
}
