package io.tollgate.queue.test;

import io.tollgate.credits.account.UserId;
import io.tollgate.credits.ledger.Amount;
import io.tollgate.queue.event.JobEvent;
import io.tollgate.queue.event.Preview;
import io.tollgate.queue.event.Progress;
import io.tollgate.queue.job.AssetId;
import io.tollgate.queue.job.Attempt;
import io.tollgate.queue.job.BackendId;
import io.tollgate.queue.job.ContentHash;
import io.tollgate.queue.job.Delivery;
import io.tollgate.queue.job.DeliveryEvent;
import io.tollgate.queue.job.DeliveryId;
import io.tollgate.queue.job.DeliveryTarget;
import io.tollgate.queue.job.EndpointId;
import io.tollgate.queue.job.Failure;
import io.tollgate.queue.job.InputProblem;
import io.tollgate.queue.job.InputValue;
import io.tollgate.queue.job.JobSpec;
import io.tollgate.queue.job.JobState;
import io.tollgate.queue.job.Lane;
import io.tollgate.queue.job.Lease;
import io.tollgate.queue.job.ModelLimit;
import io.tollgate.queue.job.NodeId;
import io.tollgate.queue.job.Output;
import io.tollgate.queue.job.QueueSwitch;
import io.tollgate.queue.job.QueuedJob;
import io.tollgate.queue.job.Refusal;
import io.tollgate.queue.job.RunId;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** Makes events of every kind, of new jobs each time. Safe for use by many threads. */
public final class JobEvents {
    /** What the users of these jobs wrote, and nobody may repeat. */
    public static final String PROMPT = "a lighthouse in the fog";

    private static final UserId ANN = new UserId("ann");
    private static final BackendId GPU = new BackendId("gpu-1");

    private final CountingIds ids = new CountingIds();
    private final InstantSource clock = InstantSource.fixed(Instant.parse("2026-01-01T00:00:00Z"));
    private final JobSpecs specs = new JobSpecs(ids, clock);

    /** One job that tries twice and succeeds, others that end otherwise, and what happens around them. */
    public List<JobEvent> story() {
        Instant now = clock.instant();
        JobSpec spec = spec();
        QueuedJob waiting = job(spec, new JobState.Queued(now, Optional.empty()), 0);
        QueuedJob running = job(spec, new JobState.Running(), 1);
        Attempt first = attempt(spec, 1, Attempt.Phase.CLAIMED, Optional.empty());
        Failure failure = new Failure(Failure.Kind.BACKEND, "it broke");
        List<JobEvent> story = new ArrayList<>(List.of(
                new JobEvent.ManagerChanged(spec.queue(), true),
                new JobEvent.BackendChanged(GPU, "healthy", ""),
                new JobEvent.Queued(waiting),
                new JobEvent.Promoted(waiting),
                new JobEvent.Claimed(running, first)));
        for (Attempt.Phase phase : List.of(
                Attempt.Phase.SUBMITTED,
                Attempt.Phase.STARTED,
                Attempt.Phase.UNKNOWN,
                Attempt.Phase.COLLECTING,
                Attempt.Phase.ENDED)) {
            story.add(new JobEvent.PhaseChanged(attempt(spec, 1, phase, Optional.empty())));
        }
        story.addAll(List.of(
                new JobEvent.Progressed(spec.id(), 1, Progress.of(1, 2, "half")),
                new JobEvent.Previewed(spec.id(), 1, new Preview("image/jpeg", new byte[] {1}, Optional.of("3"))),
                new JobEvent.Retrying(
                        job(spec, new JobState.Queued(now.plusSeconds(5), Optional.of(GPU)), 1),
                        Optional.of(attempt(spec, 1, Attempt.Phase.ENDED, Optional.of(failure))),
                        now.plusSeconds(5)),
                new JobEvent.Retrying(waiting, Optional.empty(), now),
                new JobEvent.Claimed(running, attempt(spec, 2, Attempt.Phase.CLAIMED, Optional.empty())),
                new JobEvent.Canceling(job(spec, new JobState.Canceling(), 2)),
                new JobEvent.Left(spec.id(), 2)));
        story.add(ended(spec, new JobState.Succeeded(now, false)));
        story.add(ended(spec(), new JobState.Succeeded(now, true)));
        story.add(ended(spec(), new JobState.Failed(now, failure)));
        story.add(ended(spec(), new JobState.Canceled(now)));
        story.add(ended(spec(), new JobState.Expired(now)));
        for (Delivery.State state : Delivery.State.values()) {
            story.add(new JobEvent.DeliveryChanged(new Delivery(
                    new DeliveryId(ids.next()),
                    spec.id(),
                    spec.targets().get(0),
                    DeliveryEvent.SUCCEEDED,
                    state,
                    1,
                    now,
                    state == Delivery.State.DEAD ? Optional.of("it is gone") : Optional.empty(),
                    now)));
        }
        InputProblem problem = new InputProblem("inputs.steps", "must be less", Optional.of(PROMPT));
        story.addAll(List.of(
                new JobEvent.Refused(ANN, PROMPT, new Refusal.InvalidInput(List.of(problem)), now),
                new JobEvent.Refused(
                        ANN, "draw", new Refusal.InsufficientCredits(Amount.credits(10), Amount.ZERO), now),
                new JobEvent.QueueSwitched(new QueueSwitch(spec.queue(), QueueSwitch.Mode.PAUSED, 0)),
                new JobEvent.LimitSet(new ModelLimit(spec.model(), OptionalInt.of(2), 1)),
                new JobEvent.LimitSet(new ModelLimit(spec.model(), OptionalInt.empty(), 1)),
                new JobEvent.Fault(Optional.of(spec.id()), "a test", new IllegalStateException("a defect")),
                new JobEvent.Fault(Optional.empty(), "a test", new IllegalStateException()),
                new JobEvent.BackendChanged(GPU, "unreachable", "connection refused"),
                new JobEvent.EndpointPaused(ANN, new EndpointId(ids.next()), "answered 410 Gone"),
                new JobEvent.ManagerChanged(spec.queue(), false)));
        return List.copyOf(story);
    }

    private JobSpec spec() {
        return specs.draft(ANN)
                .inputs(Map.of("prompt", new InputValue.Text(PROMPT)))
                .targets(new DeliveryTarget("file", "out"))
                .build();
    }

    private static QueuedJob job(JobSpec spec, JobState state, int attempts) {
        return new QueuedJob(spec, 1, Lane.REGULAR, false, 1, state, attempts, 0, 0, 1);
    }

    private Attempt attempt(JobSpec spec, int number, Attempt.Phase phase, Optional<Failure> failure) {
        Instant now = clock.instant();
        return new Attempt(
                spec.id(),
                number,
                new RunId(ids.next()),
                GPU,
                0,
                phase,
                new Lease(new NodeId("node-1"), 1, now.plus(Duration.ofMinutes(2))),
                now,
                phase == Attempt.Phase.STARTED ? Optional.of(now) : Optional.empty(),
                phase == Attempt.Phase.ENDED ? Optional.of(now) : Optional.empty(),
                failure);
    }

    private JobEvent ended(JobSpec spec, JobState state) {
        boolean made = state.kind() == JobState.Kind.SUCCEEDED;
        Output output = new Output(
                new AssetId(ids.next()),
                spec.id(),
                0,
                "boat.png",
                Optional.empty(),
                "image/png",
                4,
                new ContentHash(ContentHash.Function.BLAKE3, "0".repeat(64)),
                Optional.empty(),
                Optional.empty());
        return new JobEvent.Ended(
                job(spec, state, 1),
                made ? Optional.of(attempt(spec, 1, Attempt.Phase.ENDED, Optional.empty())) : Optional.empty(),
                made ? List.of(output) : List.of());
    }
}
