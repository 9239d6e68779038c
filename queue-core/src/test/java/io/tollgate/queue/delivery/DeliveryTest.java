package io.tollgate.queue.delivery;

import static io.tollgate.queue.test.House.ANN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tollgate.queue.JobHandle;
import io.tollgate.queue.RefusedException;
import io.tollgate.queue.Tollgate;
import io.tollgate.queue.event.JobEvent;
import io.tollgate.queue.gate.JobRequest;
import io.tollgate.queue.job.Delivery;
import io.tollgate.queue.job.DeliveryId;
import io.tollgate.queue.job.DeliveryTarget;
import io.tollgate.queue.job.Failure;
import io.tollgate.queue.job.JobPolicy;
import io.tollgate.queue.job.JobRecord;
import io.tollgate.queue.job.SubmissionLimits;
import io.tollgate.queue.test.House;
import io.tollgate.queue.test.StoredDeliveries;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class DeliveryTest {
    @TempDir
    Path root;

    private final House house = new House(manyJobs(), 1);
    private final Letters letters = new Letters();

    private static JobPolicy manyJobs() {
        JobPolicy policy = JobPolicy.DEFAULT;
        return new JobPolicy(
                policy.credits(),
                new SubmissionLimits(10_000, 100_000, 100_000),
                policy.modelLimits(),
                policy.queueDefaults(),
                policy.orders(),
                policy.relaxedShare(),
                policy.lostAtMost());
    }

    @AfterEach
    void close() {
        house.shaky.down = false;
        house.close();
    }

    /** A channel whose addresses do as their name says. */
    private static final class Letters implements DeliveryChannel {
        final List<Delivery> tries = new ArrayList<>();
        final Map<DeliveryId, Integer> delivered = new HashMap<>();
        boolean well;

        @Override
        public String name() {
            return "letter";
        }

        @Override
        public void check(String address) {}

        @Override
        public CompletionStage<Outcome> deliver(Delivery delivery, JobRecord record) {
            tries.add(delivery);
            String address = delivery.target().address();
            if (address.startsWith("dead") && !well) {
                return new CompletableFuture<>();
            } else if (address.equals("broken") && !well) {
                return CompletableFuture.completedFuture(new Outcome.Failed("500", false));
            } else if (address.equals("gone")) {
                return CompletableFuture.completedFuture(new Outcome.Failed("410", true));
            } else if (address.equals("defect") && !well) {
                throw new IllegalStateException("a defect");
            }
            delivered.merge(delivery.id(), 1, Integer::sum);
            return CompletableFuture.completedFuture(new Outcome.Delivered());
        }

        long to(String address) {
            return tries.stream()
                    .filter(delivery -> delivery.target().address().equals(address))
                    .count();
        }
    }

    private Tollgate open() {
        Tollgate node = house.open(builder -> builder.workflows(House.draw())
                .backend(house.gpu)
                .channel(letters)
                .channel(new FileChannel(root, house.media, house.executor)));
        house.credit(ANN, 100_000);
        return node;
    }

    private JobHandle done(Tollgate node, String channel, String address) {
        JobHandle handle = node.submit(JobRequest.of(ANN, "draw").deliveredTo(new DeliveryTarget(channel, address)));
        house.settle();
        house.gpu.succeed(house.gpu.only(), "boat.png");
        house.settle();
        return handle;
    }

    private Delivery delivery(JobHandle handle) {
        return StoredDeliveries.of(house.memory, Optional.empty(), 10_000).stream()
                .filter(delivery -> delivery.job().equals(handle.id()))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void file_writesOutputsAndStatus() throws IOException {
        JobHandle handle = done(open(), "file", "ann/inbox");

        Path directory = root.resolve("ann/inbox").resolve(handle.id().toString());
        assertThat(directory.resolve("0-boat.png")).hasContent("boat.png");
        assertThat(Files.readAllLines(directory.resolve("status.txt")))
                .containsExactly(
                        "delivery: " + delivery(handle).id(),
                        "job: " + handle.id(),
                        "status: succeeded",
                        "output: 0-boat.png");
        try (var files = Files.list(directory)) {
            assertThat(files).hasSize(2); // nothing half written stays behind
        }
        assertThat(delivery(handle).state()).isEqualTo(Delivery.State.DELIVERED);
    }

    @Test
    void file_ofAFailedJob_saysWhy() throws IOException {
        Tollgate node = open();
        JobHandle handle = node.submit(JobRequest.of(ANN, "draw").deliveredTo(new DeliveryTarget("file", "x")));
        house.settle();
        house.gpu.fail(house.gpu.only(), Failure.Kind.BAD_INPUT);
        house.settle();

        assertThat(Files.readAllLines(
                        root.resolve("x").resolve(handle.id().toString()).resolve("status.txt")))
                .contains("status: failed", "error: bad_input: it went wrong");
    }

    @ParameterizedTest
    @ValueSource(strings = {"..", "../x", "a/../../x", "/etc", "a\0b"})
    void file_addressOutsideOfItsRoot_isRefused(String address) {
        Tollgate node = open();

        assertThatThrownBy(
                        () -> node.submit(JobRequest.of(ANN, "draw").deliveredTo(new DeliveryTarget("file", address))))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("targets");
    }

    @Test
    void unknownChannel_isRefused() {
        Tollgate node = open();

        assertThatThrownBy(() -> node.submit(JobRequest.of(ANN, "draw").deliveredTo(new DeliveryTarget("pigeon", "x"))))
                .isInstanceOf(RefusedException.class);
    }

    @Test
    void failingTarget_isTriedAgainWithBackoffUntilItHasIt() {
        JobHandle handle = done(open(), "letter", "broken");
        assertThat(letters.tries).hasSize(1);
        house.advance(Duration.ofSeconds(10));
        int tries = letters.tries.size();
        assertThat(tries).isBetween(2, 20);

        letters.well = true;
        house.advance(Duration.ofMinutes(1));

        assertThat(delivery(handle).state()).isEqualTo(Delivery.State.DELIVERED);
        assertThat(letters.delivered).containsExactly(Map.entry(delivery(handle).id(), 1));
        assertThat(letters.tries)
                .extracting(Delivery::id)
                .containsOnly(delivery(handle).id());
    }

    @Test
    void defectiveChannel_isReportedAndTriedAgain() {
        JobHandle handle = done(open(), "letter", "defect");
        assertThat(house.heard(JobEvent.Fault.class)).isNotEmpty();

        letters.well = true;
        house.advance(Duration.ofMinutes(1));

        assertThat(delivery(handle).state()).isEqualTo(Delivery.State.DELIVERED);
    }

    @Test
    void failingForADay_becomesADeadLetterThatCanBeSentAgain() {
        Tollgate node = open();
        JobHandle handle = done(node, "letter", "broken");
        house.advance(Duration.ofHours(26));
        assertThat(delivery(handle).state()).isEqualTo(Delivery.State.DEAD);
        assertThat(delivery(handle).lastError()).contains("500");
        int tries = letters.tries.size();
        house.advance(Duration.ofHours(26));
        assertThat(letters.tries).hasSize(tries);

        letters.well = true;
        house.join(node.operations().redeliver(delivery(handle).id()));

        assertThat(delivery(handle).state()).isEqualTo(Delivery.State.DELIVERED);
    }

    @Test
    void permanentFailure_isGivenUpAtOnce() {
        JobHandle handle = done(open(), "letter", "gone");

        assertThat(delivery(handle).state()).isEqualTo(Delivery.State.DEAD);
        assertThat(letters.tries).hasSize(1);
    }

    @Test
    void deadTarget_withManyDeliveries_doesNotHoldUpOthers() {
        Tollgate node = open();
        List<JobHandle> owed = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            owed.add(done(node, "letter", "dead"));
        }
        assertThat(letters.to("dead")).isEqualTo(DeliveryPolicy.DEFAULT.perTarget());

        JobHandle other = done(node, "letter", "well");

        assertThat(delivery(other).state()).isEqualTo(Delivery.State.DELIVERED);
        house.advance(Duration.ofMinutes(2));
        assertThat(delivery(owed.get(0)).tries()).isLessThan(12); // put back is no try
        letters.well = true;
        house.advance(Duration.ofHours(3));
        assertThat(owed)
                .allSatisfy(handle -> assertThat(delivery(handle).state()).isEqualTo(Delivery.State.DELIVERED));
        assertThat(letters.delivered).hasSize(201);
        assertThat(letters.delivered.values()).containsOnly(1);
    }

    @Test
    void slowTarget_isNotTriedAgainWhileATryIsUnderWay() {
        Tollgate node = open();
        JobHandle handle = done(node, "letter", "dead");
        house.advance(DeliveryPolicy.DEFAULT.timeout().minusSeconds(1));

        done(node, "letter", "well"); // for which the outbox is looked through

        assertThat(letters.to("dead")).isEqualTo(1);
        letters.well = true;
        house.advance(Duration.ofHours(1));
        assertThat(delivery(handle).state()).isEqualTo(Delivery.State.DELIVERED);
        assertThat(letters.delivered).containsEntry(delivery(handle).id(), 1);
    }

    @Test
    void severalDeadTargets_leaveHandsForOthers() {
        Tollgate node = open();
        for (int i = 0; i < 200; i++) {
            done(node, "letter", "dead-" + i % 10);
        }

        JobHandle other = done(node, "letter", "well");

        assertThat(delivery(other).state()).isEqualTo(Delivery.State.DELIVERED);
    }

    @Test
    void storeOutage_deliveriesGoOnAfterwards() {
        Tollgate node = open();
        JobHandle handle = done(node, "letter", "broken");
        house.shaky.down = true;
        house.advance(Duration.ofMinutes(10));
        assertThat(house.shaky.failures()).isBetween(10, 5_000);
        letters.well = true;
        house.shaky.down = false;

        house.advance(Duration.ofMinutes(5));

        assertThat(delivery(handle).state()).isEqualTo(Delivery.State.DELIVERED);
    }

    @Test
    void deliveriesOwedBeforeARestart_areMadeAfterIt() {
        Tollgate node = open();
        JobHandle handle = done(node, "letter", "broken");
        house.stop(node);
        letters.well = true;

        open();
        house.advance(Duration.ofMinutes(5));

        assertThat(delivery(handle).state()).isEqualTo(Delivery.State.DELIVERED);
    }

    @Test
    void backoff_growsToItsCap() {
        DeliveryPolicy policy = DeliveryPolicy.DEFAULT;

        assertThat(policy.backoff(1, 1)).isEqualTo(Duration.ofSeconds(2));
        assertThat(policy.backoff(2, 1)).isEqualTo(Duration.ofSeconds(4));
        assertThat(policy.backoff(1000, 1)).isEqualTo(Duration.ofHours(1));
        assertThat(policy.backoff(3, 0)).isPositive();
    }
}
