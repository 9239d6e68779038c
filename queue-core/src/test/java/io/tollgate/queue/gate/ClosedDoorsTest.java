package io.tollgate.queue.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.tollgate.credits.CreditPolicy;
import io.tollgate.credits.account.Perks;
import io.tollgate.credits.account.Tier;
import io.tollgate.credits.account.Tiers;
import io.tollgate.credits.account.UserId;
import io.tollgate.credits.ledger.Account;
import io.tollgate.credits.ledger.QuoteId;
import io.tollgate.queue.JobHandle;
import io.tollgate.queue.RefusedException;
import io.tollgate.queue.Tollgate;
import io.tollgate.queue.event.JobEvent;
import io.tollgate.queue.job.EraseResult;
import io.tollgate.queue.job.Failure;
import io.tollgate.queue.job.JobCommand.SubmitResult;
import io.tollgate.queue.job.JobPolicy;
import io.tollgate.queue.job.JobState;
import io.tollgate.queue.job.Refusal;
import io.tollgate.queue.job.SubmissionLimits;
import io.tollgate.queue.job.SubmissionMode;
import io.tollgate.queue.test.House;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class ClosedDoorsTest {
    private static final UserId ANN = House.ANN;
    private static final UserId BOB = new UserId("bob");
    private static final Refusal.Closed CLOSED = new Refusal.Closed(SubmissionMode.DISABLED, "back at 11");
    private static final Refusal.Closed MEMBERS = new Refusal.Closed(SubmissionMode.MEMBERS_ONLY, "");
    private static final JobPolicy POLICY = new JobPolicy(
            CreditPolicy.of(new Tiers(List.of(new Tier(Tier.STANDARD, Perks.NONE), new Tier("gold", Perks.NONE)))),
            new SubmissionLimits(200, 1_000, 600),
            Map.of(),
            Map.of(House.IMAGE, 50),
            Map.of(),
            0.5,
            3);

    private final House house = new House(POLICY, 2);
    private final Tollgate node = house.open();

    @BeforeEach
    void pay() {
        house.credit(ANN, 100);
        house.credit(BOB, 100);
    }

    @AfterEach
    void close() {
        house.close();
    }

    private SubmitResult submit(JobRequest request) {
        return house.join(node.submitAsync(request));
    }

    private static Refusal refusal(SubmitResult result) {
        return ((SubmitResult.Refused) result).refusal();
    }

    @Test
    void submit_whileNobodysAreTaken_isRefusedAndMovesNothing() {
        node.doors().take(SubmissionMode.DISABLED, "back at 11", "admin");
        Account before = house.memory.account(ANN).orElseThrow();

        SubmitResult result = submit(JobRequest.of(ANN, "draw").withIdempotencyKey("k"));

        assertThat(refusal(result)).isEqualTo(CLOSED);
        assertThat(house.memory.account(ANN)).contains(before);
        assertThat(house.events)
                .filteredOn(JobEvent.Refused.class::isInstance)
                .singleElement(type(JobEvent.Refused.class))
                .extracting(JobEvent.Refused::refusal)
                .isEqualTo(CLOSED);
        node.doors().take(SubmissionMode.ENABLED, "", "admin");
        assertThat(submit(JobRequest.of(ANN, "draw").withIdempotencyKey("k")))
                .isInstanceOf(SubmitResult.Accepted.class);
    }

    @Test
    void submit_whileMembersAreTaken_isForThoseWithATier() {
        house.join(node.credits()
                .assignTier(ANN, "gold", Optional.of(house.clock.instant().plusSeconds(60)), "admin", "she is one"));
        node.doors().take(SubmissionMode.MEMBERS_ONLY, "", "admin");

        assertThat(submit(JobRequest.of(ANN, "draw"))).isInstanceOf(SubmitResult.Accepted.class);
        assertThat(refusal(submit(JobRequest.of(BOB, "draw")))).isEqualTo(MEMBERS);
        house.advance(Duration.ofSeconds(60));
        assertThat(refusal(submit(JobRequest.of(ANN, "draw")))).isEqualTo(MEMBERS);
    }

    @Test
    void submit_again_ofWhatWasTakenBefore_isAnsweredAsThen() {
        JobRequest request = JobRequest.of(ANN, "draw").withIdempotencyKey("k");
        SubmitResult.Accepted first = (SubmitResult.Accepted) submit(request);

        node.doors().take(SubmissionMode.DISABLED, "back at 11", "admin");

        SubmitResult.Accepted again = (SubmitResult.Accepted) submit(request);
        assertThat(again.jobs().get(0).id()).isEqualTo(first.jobs().get(0).id());
        assertThat(again.replayed()).isTrue();
    }

    @Test
    void everyWayIn_whileNobodysAreTaken_isClosed() {
        JobHandle done = house.submit(node, JobRequest.of(ANN, "draw"));
        house.gpu.succeed(house.gpu.only(), "a.png");
        house.settle();
        JobHandle failed = house.submit(node, JobRequest.of(ANN, "draw"));
        house.gpu.fail(house.gpu.only(), Failure.Kind.BAD_WORKFLOW);
        house.settle();
        List<JobRequest> batch = List.of(JobRequest.of(ANN, "draw"), JobRequest.of(ANN, "draw"));
        QuoteId promised = node.quote(batch).quote().id();
        Account before = house.memory.account(ANN).orElseThrow();

        node.doors().take(SubmissionMode.DISABLED, "back at 11", "admin");

        assertThat(refusal(house.join(node.rerun(ANN, done.id(), false)))).isEqualTo(CLOSED);
        assertThat(refusal(house.join(node.retry(ANN, failed.id())))).isEqualTo(CLOSED);
        assertClosed(() -> node.submitBatch(batch, Optional.empty()));
        assertClosed(() -> node.submitBatch(batch, Optional.empty(), Optional.of(promised)));
        assertClosed(() -> node.quote(batch));
        assertThat(house.memory.account(ANN)).contains(before);
        assertThat(house.memory.quote(promised).orElseThrow().usedAt()).isEmpty();
        assertThat(house.memory.audit().findings()).isEmpty();
    }

    private static void assertClosed(ThrowingCallable way) {
        assertThatThrownBy(way)
                .asInstanceOf(type(RefusedException.class))
                .extracting(RefusedException::refusal)
                .isEqualTo(CLOSED);
    }

    @Test
    void job_thatWasTakenBefore_goesOn() {
        JobHandle job = house.submit(node, JobRequest.of(ANN, "draw"));

        node.doors().take(SubmissionMode.DISABLED, "", "admin");
        house.gpu.succeed(house.gpu.only(), "a.png");
        house.settle();

        assertThat(house.kind(job)).isEqualTo(JobState.Kind.SUCCEEDED);
    }

    @Test
    void erase_ofAUser_tellsWhoeverElseKnowsThem() {
        List<UserId> forgotten = new ArrayList<>();
        Tollgate telling = house.open(builder -> builder.workflows(House.draw()).forgetting(forgotten::add));

        assertThat(house.join(telling.erase(BOB, "admin", "on request"))).isInstanceOf(EraseResult.Erased.class);

        assertThat(forgotten).containsExactly(BOB);
    }
}
