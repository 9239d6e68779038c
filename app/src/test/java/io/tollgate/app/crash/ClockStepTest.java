package io.tollgate.app.crash;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.queue.gate.JobRequest;
import io.tollgate.queue.job.JobFilter;
import io.tollgate.queue.job.JobId;
import io.tollgate.queue.job.JobState;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A node whose clock is set while it works. */
final class ClockStepTest {
    private static final int SLOTS = 6;

    @TempDir
    Path data;

    private final AtomicReference<Duration> step = new AtomicReference<>(Duration.ZERO);
    private final InstantSource clock = () -> Instant.now().plus(step.get());

    @ParameterizedTest
    @ValueSource(strings = {"PT2H", "-PT2H"})
    void clock_steppedWhileJobsRunAndWait_losesNothingAndRunsNothingTwice(Duration by) throws Exception {
        try (SurvivingServer server = new SurvivingServer(0, SLOTS)) {
            try (Node node = open(server)) {
                for (int i = 0; i < 2 * SLOTS; i++) {
                    submit(node, 800);
                }
                node.await("the server is busy", () -> server.counts().size() == SLOTS);

                step.set(by);
                JobId later = submit(node, 10);
                node.awaitIdle();

                assertThat(node.jobs().list(JobFilter.ALL, Optional.empty(), 100))
                        .allMatch(record -> record.job().kind() == JobState.Kind.SUCCEEDED)
                        .anyMatch(record -> record.job().id().equals(later));
            }
            assertThat(new Aftermath(data, server.counts()).faults()).isEmpty();
        }
    }

    @Test
    void clock_steppedBeyondTheWaitAndBack_expiresOnceAndTakesNewJobs() throws Exception {
        try (SurvivingServer server = new SurvivingServer(0, SLOTS)) {
            try (Node node = open(server)) {
                for (int i = 0; i < SLOTS; i++) {
                    submit(node, 2_500);
                }
                node.await("the server is busy", () -> server.counts().size() == SLOTS);
                JobId waiting = submit(node, 10);

                step.set(Duration.ofHours(25));
                node.await("it expired", () -> kind(node, waiting) == JobState.Kind.EXPIRED);
                step.set(Duration.ZERO);
                JobId later = submit(node, 10);
                node.awaitIdle();

                assertThat(kind(node, later)).isEqualTo(JobState.Kind.SUCCEEDED);
            }
            assertThat(new Aftermath(data, server.counts()).faults()).isEmpty();
        }
    }

    private Node open(SurvivingServer server) {
        return Node.open(data, server.port(), event -> {}, clock, Node.NO_HALTS);
    }

    private static JobId submit(Node node, long millis) {
        return node.tollgate()
                .submit(JobRequest.of(Node.USER, "sleep").with("ms", millis))
                .id();
    }

    private static JobState.Kind kind(Node node, JobId job) {
        return node.jobs().find(job).orElseThrow().job().kind();
    }
}
