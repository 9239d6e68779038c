package io.tollgate.queue.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.queue.JobHandle;
import io.tollgate.queue.Tollgate;
import io.tollgate.queue.event.Progress;
import io.tollgate.queue.gate.JobRequest;
import io.tollgate.queue.job.Delivery;
import io.tollgate.queue.job.DeliveryEvent;
import io.tollgate.queue.job.DeliveryTarget;
import io.tollgate.queue.job.JobRecord;
import io.tollgate.queue.job.RunId;
import io.tollgate.queue.test.House;
import io.tollgate.queue.test.StoredDeliveries;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class ProgressMessagesTest {
    private static final DeliveryTarget ALL = new DeliveryTarget("letter", "ann", EnumSet.allOf(DeliveryEvent.class));

    private final House house = new House();
    private final Letters letters = new Letters();
    private Tollgate node;

    @BeforeEach
    void open() {
        node = house.open(
                builder -> builder.workflows(House.draw()).backend(house.gpu).channel(letters));
        house.credit(House.ANN, 1000);
    }

    @AfterEach
    void close() {
        house.close();
    }

    /** Notes what it is to bring, and answers when it is told to. */
    private static final class Letters implements DeliveryChannel {
        final List<String> begun = new ArrayList<>();
        Optional<DeliveryEvent> silentAt = Optional.empty();
        boolean well = true;

        @Override
        public String name() {
            return "letter";
        }

        @Override
        public void check(String address) {}

        @Override
        public CompletionStage<Outcome> deliver(Delivery delivery, JobRecord record) {
            begun.add(delivery.event().word());
            return answer(delivery.event());
        }

        @Override
        public CompletionStage<Outcome> tell(Delivery message, JobRecord record, Progress progress) {
            begun.add(message.event().word() + " " + Math.round(progress.fraction() * 100));
            return answer(message.event());
        }

        private CompletionStage<Outcome> answer(DeliveryEvent event) {
            if (silentAt.equals(Optional.of(event))) {
                return new CompletableFuture<>();
            }
            return CompletableFuture.completedFuture(well ? new Outcome.Delivered() : new Outcome.Failed("500", false));
        }
    }

    private RunId running(DeliveryTarget target) {
        JobHandle unused = node.submit(JobRequest.of(House.ANN, "draw").deliveredTo(target));
        house.settle();
        RunId run = house.gpu.only();
        house.gpu.start(run);
        house.settle();
        return run;
    }

    private void progress(RunId run, double fraction) {
        house.gpu.progress(run, Progress.of((int) Math.round(fraction * 100), 100, ""));
        house.advance(Duration.ofSeconds(1));
    }

    @Test
    void progress_ofAJobThatAsked_isToldNowAndThenBetweenStartAndEnd() {
        RunId run = running(ALL);
        for (int percent = 10; percent <= 80; percent += 10) {
            progress(run, percent / 100.0);
        }
        house.gpu.succeed(run, "boat.png");
        house.settle();

        assertThat(letters.begun)
                .containsExactly("queued", "started", "progress 10", "progress 60", "output", "succeeded");
        assertThat(StoredDeliveries.of(house.memory, Optional.empty(), 10))
                .hasSize(4)
                .allMatch(delivery -> delivery.state() == Delivery.State.DELIVERED);
    }

    @Test
    void progress_ofAJobThatDidNotAsk_isNotTold() {
        RunId run = running(new DeliveryTarget("letter", "ann", Set.of(DeliveryEvent.STARTED)));

        progress(run, 0.5);

        assertThat(letters.begun).containsExactly("started");
    }

    @Test
    void progress_whileSomethingOfTheJobIsOwed_isDropped() {
        letters.well = false;
        RunId run = running(ALL);
        letters.begun.clear();

        progress(run, 0.5);

        assertThat(letters.begun).doesNotContain("progress 50");
    }

    @Test
    void progress_whileTheTargetIsBusy_isDropped() {
        letters.silentAt = Optional.of(DeliveryEvent.STARTED);
        RunId run = running(ALL);

        progress(run, 0.5);

        assertThat(letters.begun).containsExactly("queued", "started");
    }

    @Test
    void progress_thatIsNotAnswered_holdsUpNoEndAndNoOtherProgressForEver() {
        letters.silentAt = Optional.of(DeliveryEvent.PROGRESS);
        RunId run = running(ALL);
        progress(run, 0.1);
        house.advance(Duration.ofSeconds(6));
        progress(run, 0.2); // the first is still out
        house.advance(Duration.ofSeconds(20));
        progress(run, 0.3);
        house.gpu.succeed(run, "boat.png");
        house.settle();

        assertThat(letters.begun)
                .containsExactly("queued", "started", "progress 10", "progress 30", "output", "succeeded");
    }

    @Test
    void progress_afterTheEnd_isNotTold() {
        RunId run = running(ALL);
        house.gpu.progress(run, Progress.of(90, 100, ""));
        house.gpu.succeed(run, "boat.png");
        house.advance(Duration.ofSeconds(30));

        int end = letters.begun.indexOf("succeeded");
        assertThat(end).isEqualTo(letters.begun.size() - 1);
    }
}
