package io.tollgate.queue.job;

import static io.tollgate.queue.job.JobState.Kind.CANCELED;
import static io.tollgate.queue.job.JobState.Kind.CANCELING;
import static io.tollgate.queue.job.JobState.Kind.EXPIRED;
import static io.tollgate.queue.job.JobState.Kind.FAILED;
import static io.tollgate.queue.job.JobState.Kind.QUEUED;
import static io.tollgate.queue.job.JobState.Kind.RUNNING;
import static io.tollgate.queue.job.JobState.Kind.SUCCEEDED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tollgate.credits.account.UserId;
import io.tollgate.credits.test.MutableClock;
import io.tollgate.queue.test.CountingIds;
import io.tollgate.queue.test.JobSpecs;
import java.time.Instant;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class JobStateTest {
    private static final Instant NOW = MutableClock.START;

    /** The arrows of the picture, once more by hand. */
    private static final Set<Map.Entry<JobState.Kind, JobState.Kind>> ARROWS = Set.of(
            Map.entry(QUEUED, RUNNING),
            Map.entry(QUEUED, CANCELED),
            Map.entry(QUEUED, EXPIRED),
            Map.entry(RUNNING, QUEUED),
            Map.entry(RUNNING, CANCELING),
            Map.entry(RUNNING, SUCCEEDED),
            Map.entry(RUNNING, FAILED),
            Map.entry(CANCELING, SUCCEEDED),
            Map.entry(CANCELING, CANCELED),
            Map.entry(FAILED, SUCCEEDED));

    private static final Map<JobState.Kind, JobState> STATES = Map.of(
            QUEUED, new JobState.Queued(NOW, Optional.empty()),
            RUNNING, new JobState.Running(),
            CANCELING, new JobState.Canceling(),
            SUCCEEDED, new JobState.Succeeded(NOW, false),
            FAILED, new JobState.Failed(NOW, new Failure(Failure.Kind.OPERATOR, "given up")),
            CANCELED, new JobState.Canceled(NOW),
            EXPIRED, new JobState.Expired(NOW));

    @ParameterizedTest
    @EnumSource
    void to_eachOtherState_followsThePictureAndNothingElse(JobState.Kind from) {
        QueuedJob job = in(from);

        for (JobState.Kind to : JobState.Kind.values()) {
            JobState state = state(to);
            if (ARROWS.contains(Map.entry(from, to))) {
                QueuedJob moved = job.to(state);
                assertThat(moved.state()).isEqualTo(state);
                assertThat(moved.transitions()).isEqualTo(job.transitions() + 1);
            } else {
                assertThatThrownBy(() -> job.to(state))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining(from.word())
                        .hasMessageContaining(to.word());
            }
            assertThat(from.next().contains(to)).isEqualTo(ARROWS.contains(Map.entry(from, to)));
        }
    }

    @ParameterizedTest
    @EnumSource
    void to_successAfterAFailure_isOnlyForWhatAnOperatorGaveUp(Failure.Kind why) {
        QueuedJob failed = new QueuedJob(
                in(QUEUED).spec(),
                1,
                Lane.REGULAR,
                false,
                1,
                new JobState.Failed(NOW, new Failure(why, "x")),
                1,
                0,
                0,
                3);

        if (why == Failure.Kind.OPERATOR) {
            assertThat(failed.to(state(SUCCEEDED)).kind()).isEqualTo(SUCCEEDED);
        } else {
            assertThatThrownBy(() -> failed.to(state(SUCCEEDED))).isInstanceOf(IllegalStateException.class);
        }
    }

    @ParameterizedTest
    @EnumSource
    void isTerminal_ofAKind_isThatOfItsStateAndHasNoWayOut(JobState.Kind kind) {
        assertThat(state(kind).kind()).isEqualTo(kind);
        assertThat(kind.isTerminal()).isEqualTo(state(kind) instanceof JobState.Terminal);
        assertThat(kind.next().isEmpty()).isEqualTo(kind.isTerminal() && kind != FAILED);
        assertThat(in(kind).endedAt().isPresent()).isEqualTo(kind.isTerminal());
        assertThat(kind.isActive()).isEqualTo(kind == RUNNING || kind == CANCELING);
    }

    @Test
    void ofNumber_ofWhatIsStored_givesItBack() {
        Set<Integer> numbers = new HashSet<>();
        for (JobState.Kind kind : JobState.Kind.values()) {
            assertThat(JobState.Kind.ofNumber(kind.number())).isEqualTo(kind);
            numbers.add(kind.number());
        }
        for (Attempt.Phase phase : Attempt.Phase.values()) {
            assertThat(Attempt.Phase.ofNumber(phase.number())).isEqualTo(phase);
        }
        for (Delivery.State state : Delivery.State.values()) {
            assertThat(Delivery.State.ofNumber(state.number())).isEqualTo(state);
        }

        assertThat(numbers).containsExactlyInAnyOrder(0, 1, 2, 3, 4, 5, 6);
        assertThatThrownBy(() -> JobState.Kind.ofNumber(7)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Attempt.Phase.ofNumber(-1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Delivery.State.ofNumber(4)).isInstanceOf(IllegalArgumentException.class);
    }

    private static JobState state(JobState.Kind kind) {
        return Objects.requireNonNull(STATES.get(kind));
    }

    private static QueuedJob in(JobState.Kind kind) {
        JobSpec spec = new JobSpecs(new CountingIds(), new MutableClock()).of(new UserId("eva"));
        JobState state = state(kind);
        return new QueuedJob(spec, 1, Lane.REGULAR, false, 1, state, 0, 0, 0, 4);
    }
}
