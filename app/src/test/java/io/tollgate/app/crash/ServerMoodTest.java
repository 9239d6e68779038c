package io.tollgate.app.crash;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.queue.gate.JobRequest;
import io.tollgate.queue.job.Failure;
import io.tollgate.queue.job.JobFilter;
import io.tollgate.queue.job.JobId;
import io.tollgate.queue.job.JobRecord;
import io.tollgate.queue.job.JobState;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server that is slow, lies, doesn't answer, hangs up, or dies and forgets everything. */
final class ServerMoodTest {
    private static final int SLOTS = 6;

    @TempDir
    Path data;

    @Test
    void server_inEachMood_costsNoJobAndNoSecondRun() throws Exception {
        Map<JobId, Mood> moods = new HashMap<>();
        try (SurvivingServer server = new SurvivingServer(0, SLOTS)) {
            try (Node node = Node.open(data, server.port())) {
                for (Mood mood : Mood.values()) {
                    for (int i = 0; i < 2; i++) {
                        JobRequest request = request("sleep").with("mood", mood.word());
                        moods.put(node.tollgate().submit(request).id(), mood);
                    }
                }

                node.awaitIdle();

                moods.forEach((job, mood) -> assertThat(outcome(node, job))
                        .as("%s", mood)
                        .isEqualTo(mood.deniesRuns() ? "failed: lost" : "succeeded"));
            }
            assertThat(new Aftermath(data, server.counts()).faults()).isEmpty();
        }
    }

    @Test
    void server_withOtherThanTheExpectedOutputs_isPaidInProportion() throws Exception {
        List<String> outcomes = new ArrayList<>();
        try (SurvivingServer server = new SurvivingServer(0, SLOTS)) {
            try (Node node = Node.open(data, server.port())) {
                List<JobId> jobs = new ArrayList<>();
                for (int makes = 0; makes <= 3; makes++) {
                    jobs.add(node.tollgate()
                            .submit(request("pair").with("makes", makes))
                            .id());
                }

                node.awaitIdle();

                for (JobId job : jobs) {
                    JobRecord record = node.jobs().find(job).orElseThrow();
                    outcomes.add(outcome(node, job) + ", paid " + record.hold().captured());
                }
            }
            assertThat(outcomes)
                    .containsExactly(
                            "failed: backend, paid 0",
                            "succeeded in part, paid 1.5",
                            "succeeded, paid 3",
                            "succeeded, paid 3");
            assertThat(new Aftermath(data, server.counts()).faults()).isEmpty();
        }
    }

    @Test
    void server_thatDiesAndForgets_costsOnlyTheRunsItForgot() throws Exception {
        Map<String, Integer> counts;
        SurvivingServer first = new SurvivingServer(0, SLOTS);
        int port = first.port();
        try (Node node = Node.open(data, port)) {
            for (int i = 0; i < 2 * SLOTS; i++) {
                node.tollgate().submit(request("sleep").with("ms", 1_500));
            }
            node.await("the server is busy", () -> first.counts().size() == SLOTS);

            counts = first.counts();
            first.close();
            try (SurvivingServer second = new SurvivingServer(port, SLOTS)) {
                node.awaitIdle();
                counts.putAll(second.counts());
            }

            List<JobRecord> jobs = node.jobs().list(JobFilter.ALL, Optional.empty(), 100);
            assertThat(jobs).allMatch(record -> record.job().kind() == JobState.Kind.SUCCEEDED);
            assertThat(jobs.stream().mapToInt(record -> record.job().lost()).sum())
                    .isEqualTo(SLOTS);
        } finally {
            first.close();
        }
        assertThat(new Aftermath(data, counts).serverForgot().faults()).isEmpty();
        assertThat(counts).hasSize(3 * SLOTS);
    }

    private static JobRequest request(String workflow) {
        return JobRequest.of(Node.USER, workflow).with("ms", 50);
    }

    private static String outcome(Node node, JobId job) {
        JobState state = node.jobs().find(job).orElseThrow().job().state();
        if (state instanceof JobState.Failed failed) {
            Failure failure = failed.failure();
            return "failed: " + failure.kind().code();
        }
        boolean partial = state instanceof JobState.Succeeded well && well.partial();
        return state.kind().word() + (partial ? " in part" : "");
    }
}
