package io.tollgate.queue.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.tollgate.credits.account.UserId;
import io.tollgate.credits.ledger.Account;
import io.tollgate.credits.ledger.Amount;
import io.tollgate.credits.ledger.Book;
import io.tollgate.credits.ledger.Charge;
import io.tollgate.credits.ledger.Draw;
import io.tollgate.credits.ledger.Entry;
import io.tollgate.credits.ledger.Grant;
import io.tollgate.credits.ledger.GrantSource;
import io.tollgate.credits.ledger.Hold;
import io.tollgate.credits.ledger.HoldId;
import io.tollgate.credits.ledger.Invoice;
import io.tollgate.credits.ledger.InvoiceId;
import io.tollgate.credits.ledger.LedgerCommand;
import io.tollgate.credits.ledger.LedgerStore;
import io.tollgate.credits.ledger.LuckyDraw;
import io.tollgate.credits.ledger.Money;
import io.tollgate.credits.ledger.Payment;
import io.tollgate.credits.ledger.PaymentFilter;
import io.tollgate.credits.ledger.PaymentId;
import io.tollgate.credits.ledger.PaymentPage;
import io.tollgate.credits.ledger.PaymentResult;
import io.tollgate.credits.ledger.Posting;
import io.tollgate.credits.ledger.Price;
import io.tollgate.credits.pricing.Pricing;
import io.tollgate.credits.pricing.Tariff;
import io.tollgate.queue.job.JobCommand.CancelResult;
import io.tollgate.queue.job.JobCommand.Claimed;
import io.tollgate.queue.job.JobCommand.DeliveryReport;
import io.tollgate.queue.job.JobCommand.DriveResult;
import io.tollgate.queue.job.JobCommand.Offer;
import io.tollgate.queue.job.JobCommand.RenewResult;
import io.tollgate.queue.job.JobCommand.ResolveResult;
import io.tollgate.queue.job.JobCommand.SubmitResult;
import io.tollgate.queue.test.JobSpecs;
import io.tollgate.queue.test.StoredDeliveries;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What every {@link JobStore} must do. Extend it, give it an empty store, and add nothing else. After each test the
 * store is audited, every hold is looked up in the ledger, and every history is checked against the picture.
 *
 * @param <S> the store, which is the home of the ledger too
 */
public abstract class JobStoreContract<S extends JobStore & LedgerStore> extends JobStoreHarness<S> {

    // ---- submit

    @Test
    void submit_oneJob_isQueuedAndPaidFor() {
        give(EVA, 25);
        JobSpec spec = specs.of(EVA);

        SubmitResult result = run(submission(spec));

        JobRecord found = found(spec.id());
        assertThat(result).isEqualTo(new SubmitResult.Accepted(List.of(found.job()), List.of(found.hold()), false));
        assertThat(((SubmitResult.Accepted) result).fresh()).containsExactly(found);
        assertThat(found.job().spec()).isEqualTo(spec);
        assertThat(found.job().state()).isEqualTo(new JobState.Queued(now(), Optional.empty()));
        assertThat(found.job().lane()).isEqualTo(Lane.REGULAR);
        assertThat(found.hold()).isEqualTo(hold(spec.id()));
        assertThat(found.hold().amount()).isEqualTo(Amount.credits(10));
        assertThat(found.hold().open()).isTrue();
        assertThat(found.attempts()).isEmpty();
        assertThat(found.outputs()).isEmpty();
        assertThat(found.history())
                .containsExactly(new Transition(spec.id(), 0, JobState.Kind.QUEUED, now(), "submitted"));
        assertBalance(EVA, "15", "10");
    }

    @Test
    void submit_jobWithEverything_comesBackAsItWas() {
        give(EVA, 100);
        JobSpec spec = specs.draft(EVA)
                .workflow("portrait.v2")
                .batch(new BatchId(ids.next()))
                .needs(Set.of("scripted", "comfyui"), Set.of("node:KSampler", "model:sd xl/base=1.0"))
                .inputs(Map.of(
                        "text", new InputValue.Text("a \"quoted\" \\ line\nand 'another' — 光 🌅 {}[],:"),
                        "empty", new InputValue.Text(""),
                        "seed", new InputValue.Whole(Long.MIN_VALUE),
                        "strength", new InputValue.Decimal(new BigDecimal("0.3000000000000000001")),
                        "hundreds", new InputValue.Decimal(new BigDecimal("1200")),
                        "tile", new InputValue.Flag(true),
                        "photo", new InputValue.Asset(new AssetId(ids.next())),
                        "photos", new InputValue.Assets(List.of(new AssetId(ids.next()), new AssetId(ids.next()))),
                        "none", new InputValue.Assets(List.of())))
                .price(Amount.parse("9.75"))
                .priority(-7)
                .origin(new Origin(Origin.Kind.RERUN, new JobId(ids.next())))
                .targets(HOOK, CHAT)
                .tags("summer", "été 🌞")
                .metadata(Map.of("order", "17; DROP TABLE job;--", "note", ""))
                .build();

        submit(spec);

        assertThat(found(spec.id()).job().spec()).isEqualTo(spec);
    }

    @Test
    void submit_instantsFinerThanAMillisecond_dropsTheFinerDigits() throws Exception {
        give(EVA, 10);
        Instant fine = now().plusNanos(999_999);
        JobSpec spec = specs.draft(EVA).createdAt(fine).build();

        QueuedJob job = submit(spec);

        assertThat(job.spec().createdAt()).isEqualTo(now());
        assertThat(found(spec.id()).job()).isEqualTo(job);
        restart();
        assertThat(found(spec.id()).job()).isEqualTo(job);
    }

    @Test
    void submit_fromANodeWhoseClockIsAhead_canBeClaimedAtOnce() {
        give(EVA, 10);
        slots(GPU_1, 1);
        JobSpec spec = specs.draft(EVA).createdAt(now().plusSeconds(5)).build();

        submit(spec);

        assertThat(claimOrder(IMAGE)).containsExactly(spec.id());
    }

    @Test
    void submit_severalJobs_areAllInInTheirOrder() {
        give(EVA, 30);
        JobSpec[] batch = {specs.of(EVA), specs.draft(EVA).queue(FAIR).build(), specs.of(EVA)};

        List<QueuedJob> jobs = accepted(run(submission(batch))).jobs();

        assertThat(jobs).extracting(QueuedJob::spec).containsExactly(batch);
        assertThat(jobs).extracting(QueuedJob::seq).isSorted().doesNotHaveDuplicates();
        assertThat(live()).containsExactly(batch[0].id(), batch[1].id(), batch[2].id());
        assertBalance(EVA, "0", "30");
    }

    @Test
    void submit_severalJobsOfWhichOneIsTooMuch_leavesNothing() {
        give(EVA, 29);
        Seen before = seen();

        Refusal refusal = refused(run(submission(specs.of(EVA), specs.of(EVA), specs.of(EVA))));

        assertThat(refusal).isEqualTo(new Refusal.InsufficientCredits(Amount.credits(10), Amount.credits(9)));
        assertThat(seen()).isEqualTo(before);
    }

    @Test
    void submit_bySomeoneNeverSeen_leavesNothing() {
        JobSpec spec = specs.of(EVA);

        Refusal refusal = refused(run(submission(spec)));

        assertThat(refusal).isEqualTo(new Refusal.InsufficientCredits(Amount.credits(10), Amount.ZERO));
        assertThat(store.find(spec.id())).isEmpty();
        assertThat(store.hold(new HoldId(spec.id().value()))).isEmpty();
        assertThat(live()).isEmpty();
    }

    @Test
    void submit_idThatIsTaken_changesNothing() {
        give(EVA, 100);
        slots(GPU_1, 1);
        JobSpec spec = specs.of(EVA);
        submit(spec);
        succeed(claim(1).get(0).attempt());
        Seen before = seen();

        assertThatThrownBy(() -> run(submission(spec))).isInstanceOf(IllegalStateException.class);
        JobSpec twin = specs.of(EVA);
        assertThatThrownBy(() -> run(submission(twin, twin))).isInstanceOf(IllegalStateException.class);

        assertThat(seen()).isEqualTo(before);
    }

    @Test
    void submit_sameKeyAndBody_givesTheSameJobsBack() throws Exception {
        give(EVA, 100);
        slots(GPU_1, 1);
        JobSpec first = specs.of(EVA);
        JobSpec second = specs.of(EVA);
        run(submission("key-1", "hash", first, second));
        succeed(claim(1).get(0).attempt());
        Seen before = seen();
        restart();

        SubmitResult again = run(submission("key-1", "hash", specs.of(EVA), specs.of(EVA)));

        assertThat(again)
                .isEqualTo(new SubmitResult.Accepted(
                        List.of(found(first.id()).job(), found(second.id()).job()), List.of(), true));
        assertThat(seen()).isEqualTo(before);
    }

    @Test
    void submit_sameKeyWithAnotherBody_isRefused() {
        give(EVA, 100);
        run(submission("key-1", "hash", specs.of(EVA)));
        Seen before = seen();

        Refusal refusal = refused(run(submission("key-1", "other", specs.of(EVA))));

        assertThat(refusal).isEqualTo(new Refusal.KeyReused("key-1"));
        assertThat(seen()).isEqualTo(before);
    }

    @Test
    void submit_sameKeyOfAnotherUser_isAnotherKey() {
        give(EVA, 10);
        give(ADAM, 10);
        run(submission("key-1", "hash", specs.of(EVA)));

        SubmitResult.Accepted other = accepted(run(submission("key-1", "hash", specs.of(ADAM))));

        assertThat(other.replayed()).isFalse();
        assertThat(other.jobs()).extracting(QueuedJob::user).containsExactly(ADAM);
    }

    @Test
    void submit_refusedUnderAKey_mayBeAcceptedLaterUnderIt() {
        JobSpec spec = specs.of(EVA);
        assertThat(refused(run(submission("key-1", "hash", spec)))).isInstanceOf(Refusal.InsufficientCredits.class);
        give(EVA, 10);

        SubmitResult.Accepted later = accepted(run(submission("key-1", "hash", spec)));

        assertThat(later.replayed()).isFalse();
        assertThat(kind(spec.id())).isEqualTo(JobState.Kind.QUEUED);
    }

    @Test
    void submit_sameKeyByManyThreads_makesOneJob() throws Exception {
        give(EVA, 1000);

        List<SubmitResult> results = race(thread -> () -> run(submission("key-1", "hash", specs.of(EVA))));

        assertThat(live()).hasSize(1);
        assertThat(results)
                .extracting(result -> accepted(result).jobs().get(0).id())
                .containsOnly(live().get(0));
        assertThat(results).filteredOn(result -> !accepted(result).replayed()).hasSize(1);
    }

    @Test
    void submit_moreJobsThanAUserMayHave_isRefusedUntilOneEnds() throws Exception {
        use(policy(new SubmissionLimits(3, 1000, 600), 0.5));
        give(EVA, 100);
        slots(GPU_1, 1);
        submit(specs.of(EVA));
        submit(specs.of(EVA));
        Claimed first = claim(1).get(0);

        Refusal refusal = refused(run(submission(specs.of(EVA), specs.of(EVA))));
        submit(specs.of(EVA));
        Refusal again = refused(run(submission(specs.of(EVA))));
        succeed(first.attempt());
        submit(specs.of(EVA));

        assertThat(refusal).isEqualTo(new Refusal.TooManyJobs(3, 2));
        assertThat(again).isEqualTo(new Refusal.TooManyJobs(3, 3));
        assertThat(refused(run(submission(specs.of(EVA))))).isInstanceOf(Refusal.TooManyJobs.class);
    }

    @Test
    void submit_moreJobsThanMayWaitInAll_isRefusedUntilOneLeaves() throws Exception {
        use(policy(new SubmissionLimits(200, 2, 600), 0.5));
        give(EVA, 100);
        give(ADAM, 100);
        slots(GPU_1, 1);
        submit(specs.of(EVA));
        submit(specs.draft(ADAM).queue(FAIR));

        Refusal refusal = refused(run(submission(specs.of(ADAM))));
        claim(1);
        submit(specs.of(ADAM));

        assertThat(refusal).isEqualTo(new Refusal.QueueFull(2));
        assertThat(refused(run(submission(specs.of(EVA))))).isEqualTo(new Refusal.QueueFull(2));
    }

    @Test
    void submit_fasterThanTheRate_isRefusedUntilItsTime() throws Exception {
        use(policy(new SubmissionLimits(200, 1000, 6), 0.5));
        give(EVA, 1000);
        give(ADAM, 1000);

        for (int i = 0; i < 6; i++) {
            submit(specs.of(EVA));
        }
        Refusal seventh = refused(run(submission(specs.of(EVA))));
        submit(specs.of(ADAM));
        clock.advance(Duration.ofMillis(9_999));
        Refusal early = refused(run(submission(specs.of(EVA))));
        clock.advance(Duration.ofMillis(1));
        submit(specs.of(EVA));
        Refusal next = refused(run(submission(specs.of(EVA))));

        assertThat(seventh).isEqualTo(new Refusal.TooFast(6, Duration.ofSeconds(10)));
        assertThat(early).isEqualTo(new Refusal.TooFast(6, Duration.ofMillis(1)));
        assertThat(next).isEqualTo(new Refusal.TooFast(6, Duration.ofSeconds(10)));
    }

    @Test
    void submit_afterALongPause_mayBurstNoMoreThanAMinutesWorth() throws Exception {
        use(policy(new SubmissionLimits(200, 1000, 6), 0.5));
        give(EVA, 1000);
        submit(specs.of(EVA));
        clock.advance(Duration.ofDays(3));

        run(submission(Stream.generate(() -> specs.of(EVA)).limit(6).toArray(JobSpec[]::new)));

        assertThat(live()).hasSize(7);
        assertThat(refused(run(submission(specs.of(EVA))))).isInstanceOf(Refusal.TooFast.class);
    }

    @Test
    void submit_moreAtOnceThanCanEverBeTaken_isNotToldToWait() throws Exception {
        use(policy(new SubmissionLimits(5, 1000, 4), 0.5));
        give(EVA, 1000);
        tier(ADAM, "capped");

        Refusal byRate = refused(
                run(submission(Stream.generate(() -> specs.of(EVA)).limit(5).toArray(JobSpec[]::new))));
        Refusal byTier = refused(run(submission(specs.of(ADAM), specs.of(ADAM), specs.of(ADAM))));
        run(submission(Stream.generate(() -> specs.of(EVA)).limit(4).toArray(JobSpec[]::new)));

        assertThat(byRate).isEqualTo(new Refusal.BatchTooLarge(5, 4));
        assertThat(byTier).isEqualTo(new Refusal.BatchTooLarge(3, 2));
        assertThat(byRate.code()).isEqualTo("invalid_input");
        assertThat(live()).hasSize(4);
    }

    @Test
    void submit_toADrainingQueue_isRefused() {
        give(EVA, 100);
        run(new JobCommand.SwitchQueue(FAIR, QueueSwitch.Mode.DRAINING, "admin:test"));
        Seen before = seen();

        Refusal refusal = refused(
                run(submission(specs.of(EVA), specs.draft(EVA).queue(FAIR).build())));

        assertThat(refusal).isEqualTo(new Refusal.QueueClosed(FAIR));
        assertThat(seen()).isEqualTo(before);
    }

    @Test
    void submit_toAPausedQueue_isTaken() {
        give(EVA, 100);
        run(new JobCommand.SwitchQueue(IMAGE, QueueSwitch.Mode.PAUSED, "admin:test"));

        assertThat(submit(specs.of(EVA)).kind()).isEqualTo(JobState.Kind.QUEUED);
    }

    @Test
    void submit_byATierThatIsFreeOfCharge_holdsNothingAndStillKeepsBooks() {
        tier(EVA, "vip");
        slots(GPU_1, 1);

        QueuedJob job = submit(specs.of(EVA));

        assertThat(job.lane()).isEqualTo(Lane.VIP);
        assertThat(hold(job.id()).amount()).isEqualTo(Amount.ZERO);
        assertThat(hold(job.id()).listPrice()).isEqualTo(Amount.credits(10));
        succeed(claim(1).get(0).attempt());
        assertThat(hold(job.id()).state()).isEqualTo(Hold.State.CAPTURED);
        Posting capture = store.history(EVA, Optional.empty(), 1).postings().get(0);
        assertThat(capture.kind()).isEqualTo(Posting.Kind.CAPTURE);
        assertThat(capture.listPrice()).isEqualTo(Amount.credits(10));
        assertThat(capture.net()).isEqualTo(Amount.ZERO);
        assertBalance(EVA, "0", "0");
    }

    @Test
    void submit_byATierWithADiscount_holdsTheLowerPrice() {
        tier(EVA, "half");
        give(EVA, 5);

        QueuedJob job = submit(specs.of(EVA));

        assertThat(hold(job.id()).amount()).isEqualTo(Amount.credits(5));
        assertThat(hold(job.id()).listPrice()).isEqualTo(Amount.credits(10));
        assertBalance(EVA, "0", "5");
    }

    @Test
    void submit_byATierWithItsOwnLimit_isHeldToIt() {
        tier(EVA, "capped");
        running(EVA); // counts as one that waits does
        submit(specs.of(EVA));

        assertThat(refused(run(submission(specs.of(EVA))))).isEqualTo(new Refusal.TooManyJobs(2, 2));
    }

    @Test
    void submit_afterTheTierEnded_isAsEverybodyElse() {
        give(EVA, 10);
        run(new LedgerCommand.AssignTier(EVA, "vip", Optional.of(now().plusSeconds(60)), "admin:test", "for a test"));
        QueuedJob before = submit(specs.of(EVA));
        clock.advance(Duration.ofSeconds(60));

        QueuedJob after = submit(specs.of(EVA));

        assertThat(after.lane()).isEqualTo(Lane.REGULAR);
        assertThat(hold(after.id()).amount()).isEqualTo(Amount.credits(10));
        assertThat(found(before.id()).job().lane()).isEqualTo(Lane.VIP);
    }

    @Test
    void submit_ofAFreeWorkflow_holdsNothing() {
        QueuedJob job = submit(specs.draft(EVA).free());

        assertThat(job.lane()).isEqualTo(Lane.REGULAR);
        assertThat(hold(job.id()).amount()).isEqualTo(Amount.ZERO);
    }

    @Test
    void submit_byManyThreadsForTheLastCredit_hasOneWinner() throws Exception {
        give(EVA, 10);

        List<SubmitResult> results = race(thread -> () -> run(submission(specs.of(EVA))));

        assertThat(results).filteredOn(SubmitResult.Accepted.class::isInstance).hasSize(1);
        assertThat(results)
                .filteredOn(
                        new SubmitResult.Refused(new Refusal.InsufficientCredits(Amount.credits(10), Amount.ZERO))
                                ::equals)
                .hasSize(THREADS - 1);
        assertThat(live()).hasSize(1);
        assertBalance(EVA, "0", "10");
    }

    // ---- claim

    @Test
    void claim_withoutJobsOrWithoutSlots_startsNothing() {
        assertThat(claim(5)).isEmpty();
        slots(GPU_1, 3);
        assertThat(claim(5)).isEmpty();
        give(EVA, 10);
        submit(specs.of(EVA));

        assertThat(claim(IMAGE, 5, offer(GPU_2))).isEmpty();
        assertThat(claim(IMAGE, 5)).isEmpty();
        assertThat(claim(FAIR, 5, offer(GPU_1))).isEmpty();
        assertThat(claim(0)).isEmpty();
        assertThat(live()).hasSize(1);
    }

    @Test
    void claim_oneJob_startsItsFirstAttempt() {
        give(EVA, 10);
        slots(GPU_1, 2);
        JobSpec spec = specs.of(EVA);
        submit(spec);
        clock.advance(Duration.ofSeconds(3));
        JobCommand.Claim claim = claimOf(IMAGE, NODE_A, 2, offer(GPU_1));

        List<Claimed> claimed = run(claim);

        assertThat(claimed).hasSize(1);
        Attempt attempt = claimed.get(0).attempt();
        assertThat(attempt)
                .isEqualTo(new Attempt(
                        spec.id(),
                        1,
                        claim.runIds().get(0),
                        GPU_1,
                        attempt.slot(),
                        Attempt.Phase.CLAIMED,
                        new Lease(NODE_A, attempt.lease().token(), now().plus(TTL)),
                        now(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty()));
        JobRecord found = found(spec.id());
        assertThat(found.job()).isEqualTo(claimed.get(0).job());
        assertThat(found.job().state()).isEqualTo(new JobState.Running());
        assertThat(found.attempts()).containsExactly(attempt);
        assertThat(found.history())
                .last()
                .isEqualTo(new Transition(spec.id(), 1, JobState.Kind.RUNNING, now(), "claimed for gpu-1"));
        assertThat(found.hold().open()).isTrue();
        assertThat(store.running()).containsExactly(attempt);
        assertThat(store.slots()).contains(new Slot(GPU_1, attempt.slot(), Optional.of(spec.id())));
        assertThat(taken(GPU_1)).isEqualTo(1);
        assertThat(runningOf(MODEL)).isEqualTo(1);
    }

    @Test
    void claim_jobsOfAllLanes_goVipThenRegularThenRelaxed() {
        tier(ZOE, "relaxed");
        tier(ADAM, "vip");
        give(EVA, 100);
        slots(GPU_1, 1);
        JobId relaxed = submit(specs.draft(ZOE).priority(100)).id();
        JobId regular = submit(specs.draft(EVA).priority(50)).id();
        JobId vip = submit(specs.of(ADAM)).id();
        JobId other = submit(specs.draft(EVA).model(new ModelName("model-b"))).id();

        assertThat(claimOrder(IMAGE)).containsExactly(vip, regular, other, relaxed);
    }

    @Test
    void claim_jobsOfOneLane_goByPriorityThenInTheOrderOfSubmission() {
        give(EVA, 100);
        give(ADAM, 100);
        slots(GPU_1, 1);
        JobId low = submit(specs.draft(EVA).priority(-1)).id();
        JobId first = submit(specs.of(EVA)).id();
        JobId second = submit(specs.of(ADAM)).id();
        JobId third = submit(specs.of(EVA)).id();
        JobId high = submit(specs.draft(EVA).priority(9)).id();

        assertThat(claimOrder(IMAGE)).containsExactly(high, first, second, third, low);
    }

    @Test
    void claim_severalAtOnce_takesTheBestOfAllSetsInTheirOrder() {
        give(EVA, 100);
        slots(GPU_1, 3);
        List<JobId> submitted = new ArrayList<>();
        for (String model : List.of("model-a", "model-b", "model-a", "model-b")) {
            submitted.add(submit(specs.draft(EVA).model(new ModelName(model))).id());
        }

        List<Claimed> claimed = claim(10);

        assertThat(claimed).extracting(one -> one.job().id()).isEqualTo(submitted.subList(0, 3));
        assertThat(claimed).extracting(one -> one.attempt().slot()).doesNotHaveDuplicates();
        assertThat(claimed).extracting(one -> one.attempt().runId()).doesNotHaveDuplicates();
    }

    @Test
    void claim_fromAFairQueue_takesUsersInTurn() throws Exception {
        List.of(EVA, ADAM, ZOE).forEach(user -> give(user, 200));
        slots(GPU_1, 1);
        List<JobId> evas = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            evas.add(submit(specs.draft(EVA).queue(FAIR)).id());
        }
        JobId adam = submit(specs.draft(ADAM).queue(FAIR)).id();
        JobId adam2 = submit(specs.draft(ADAM).queue(FAIR)).id();
        JobId zoe = submit(specs.draft(ZOE).queue(FAIR)).id();
        restart();

        assertThat(claimOrder(FAIR))
                .containsExactly(evas.get(0), adam, zoe, evas.get(1), adam2, evas.get(2), evas.get(3));
    }

    @Test
    void claim_fromAFairQueue_givesNoCreditForAnIdlePast() throws Exception {
        List.of(EVA, ADAM).forEach(user -> give(user, 500));
        slots(GPU_1, 1);
        for (int i = 0; i < 10; i++) {
            submit(specs.draft(EVA).queue(FAIR));
        }
        assertThat(claimOrder(FAIR)).hasSize(10);
        restart();

        List<JobId> adams = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            adams.add(submit(specs.draft(ADAM).queue(FAIR)).id());
        }
        JobId eva = submit(specs.draft(EVA).queue(FAIR)).id();

        assertThat(claimOrder(FAIR)).containsExactly(adams.get(0), adams.get(1), eva, adams.get(2));
    }

    @Test
    void claim_fromAFairQueueWithAModelAtItsLimit_keepsTurnsForThoseWhoComeLater() {
        List.of(EVA, ADAM).forEach(user -> give(user, 500));
        slots(GPU_1, 20);
        List<JobId> evas = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            evas.add(submit(specs.draft(EVA).queue(FAIR).model(TIGHT)).id());
        }
        for (int i = 0; i < 8; i++) {
            submit(specs.draft(EVA).queue(FAIR));
        }
        List<Claimed> claimed = claim(FAIR, 20, offer(GPU_1));
        assertThat(claimed).hasSize(9); // the tight model has room for one; all of the other ran ahead of their turn
        JobId adam = submit(specs.draft(ADAM).queue(FAIR).model(TIGHT)).id();
        succeed(claimed.get(0).attempt());

        assertThat(claimOrder(FAIR)).containsExactly(evas.get(1), adam, evas.get(2), evas.get(3));
    }

    @Test
    void claim_batchInAFairQueue_countsEachOfItsJobs() {
        List.of(EVA, ADAM).forEach(user -> give(user, 500));
        slots(GPU_1, 1);
        run(submission(Stream.generate(() -> specs.draft(EVA).queue(FAIR).build())
                .limit(3)
                .toArray(JobSpec[]::new)));
        JobId adam = submit(specs.draft(ADAM).queue(FAIR)).id();

        assertThat(claimOrder(FAIR).indexOf(adam)).isEqualTo(1);
    }

    @Test
    void claim_batchInTwoLanesOfAFairQueue_hasItsTurnInEach() {
        List.of(EVA, ADAM).forEach(user -> give(user, 500));
        Tariff tooMuch = Tariff.of(new Amount(100_000)).orRelaxed();
        slots(GPU_1, 2);
        for (int i = 0; i < 2; i++) {
            submit(specs.draft(EVA).queue(FAIR));
        }
        JobSpec eva = specs.draft(EVA).queue(FAIR).tariff(tooMuch).build();
        run(submission(specs.draft(EVA).queue(FAIR).build(), eva));
        JobId adam = submit(specs.draft(ADAM).queue(FAIR).tariff(tooMuch)).id();

        assertThat(claimOrder(FAIR)).endsWith(eva.id(), adam);
    }

    @Test
    void claim_promotedJob_goesBeforeAllOthers() {
        tier(ADAM, "vip");
        give(EVA, 100);
        slots(GPU_1, 1);
        JobId first = submit(specs.of(EVA)).id();
        JobId second = submit(specs.draft(EVA).priority(-5)).id();
        JobId third = submit(specs.of(EVA)).id();
        JobId vip = submit(specs.draft(ADAM).priority(9)).id();

        assertThat(run(new JobCommand.Promote(third))).isTrue();
        assertThat(run(new JobCommand.Promote(second))).isTrue();

        assertThat(claimOrder(IMAGE)).containsExactly(second, third, vip, first);
    }

    @Test
    void claim_modelAtItsLimit_doesNotStandInTheWayOfOthers() {
        give(EVA, 100);
        slots(GPU_1, 10);
        JobId tight = submit(specs.draft(EVA).model(TIGHT).priority(5)).id();
        JobId waits = submit(specs.draft(EVA).model(TIGHT).priority(5)).id();
        JobId other = submit(specs.of(EVA)).id();

        List<Claimed> claimed = claim(10);

        assertThat(claimed).extracting(one -> one.job().id()).containsExactly(tight, other);
        assertThat(claim(10)).isEmpty();
        succeed(claimed.get(0).attempt());
        assertThat(claim(10)).extracting(one -> one.job().id()).containsExactly(waits);
    }

    @Test
    void claim_jobThatNoFreeBackendCanRun_doesNotStandInTheWayOfOthers() {
        give(EVA, 100);
        slots(GPU_1, 1);
        slots(GPU_2, 1);
        JobId video = submit(specs.draft(EVA).needs("video").priority(9)).id();
        JobId foreign = submit(specs.draft(EVA).needs(Set.of("other"), Set.of()).priority(8))
                .id();
        JobId plain = submit(specs.of(EVA)).id();

        List<JobId> first = claim(IMAGE, 5, offer(GPU_1)).stream()
                .map(one -> one.job().id())
                .toList();
        List<Claimed> second = claim(IMAGE, 5, offer(GPU_1), offer(GPU_2, "video", "more"));

        assertThat(first).containsExactly(plain);
        assertThat(second).extracting(one -> one.job().id()).containsExactly(video);
        assertThat(second).extracting(one -> one.attempt().backend()).containsExactly(GPU_2);
        assertThat(kind(foreign)).isEqualTo(JobState.Kind.QUEUED);
    }

    @Test
    void claim_moreThanThereAreSlots_takesNoneTwice() {
        give(EVA, 100);
        slots(GPU_1, 2);
        slots(GPU_2, 1);
        for (int i = 0; i < 5; i++) {
            submit(specs.of(EVA));
        }

        List<Claimed> claimed = claim(IMAGE, 10, offer(GPU_2), offer(GPU_1));

        assertThat(claimed).extracting(one -> one.attempt().backend()).containsExactly(GPU_2, GPU_1, GPU_1);
        assertThat(claim(IMAGE, 10, offer(GPU_2), offer(GPU_1))).isEmpty();
        assertThat(store.running()).hasSize(3);
    }

    @Test
    void claim_byManyThreads_keepsSlotsAndLimits() throws Exception {
        give(EVA, 1000);
        slots(GPU_1, 5);
        for (int i = 0; i < 20; i++) {
            submit(specs.draft(EVA).model(i % 2 == 0 ? TIGHT : MODEL));
        }

        List<List<Claimed>> results = race(thread -> () -> claim(IMAGE, 3, offer(GPU_1)));

        List<JobId> claimed = results.stream()
                .flatMap(List::stream)
                .map(one -> one.job().id())
                .toList();
        assertThat(distinct(claimed)).hasSize(5);
        assertThat(runningOf(TIGHT)).isEqualTo(1);
        assertThat(runningOf(MODEL)).isEqualTo(4);
        assertThat(taken(GPU_1)).isEqualTo(5);
    }

    @Test
    void claim_relaxedJobs_getNoMoreThanTheirShare() {
        tier(ZOE, "relaxed");
        give(EVA, 100);
        slots(GPU_1, 4);
        for (int i = 0; i < 5; i++) {
            submit(specs.of(ZOE));
        }

        List<Claimed> relaxed = claim(10);
        JobId paid = submit(specs.of(EVA)).id();
        JobId paid2 = submit(specs.of(EVA)).id();
        List<Claimed> rest = claim(10);

        assertThat(relaxed).hasSize(2);
        assertThat(rest).extracting(one -> one.job().id()).containsExactly(paid, paid2);
        succeed(rest.get(0).attempt());
        assertThat(claim(10)).isEmpty();
        fail(relaxed.get(0).attempt(), Failure.Kind.BAD_INPUT);
        assertThat(claim(10)).hasSize(1);
    }

    @Test
    void claim_relaxedJobsOfASmallShare_getOneSlotOrNone() throws Exception {
        for (double share : new double[] {0.01, 0}) {
            use(policy(SubmissionLimits.DEFAULT, share));
            tier(ZOE, "relaxed");
            slots(GPU_1, 3);
            submit(specs.of(ZOE));
            submit(specs.of(ZOE));

            assertThat(claim(10)).as("share " + share).hasSize(share > 0 ? 1 : 0);
        }
    }

    @Test
    void claim_afterAFailure_avoidsTheBackendIfThereIsAnother() {
        give(EVA, 100);
        slots(GPU_1, 1);
        slots(GPU_2, 1);
        JobId id = submit(specs.of(EVA)).id();
        fail(claim(IMAGE, 1, offer(GPU_1), offer(GPU_2)).get(0).attempt(), Failure.Kind.OUT_OF_MEMORY);
        clock.advance(Duration.ofMinutes(1));

        Claimed second = claim(IMAGE, 1, offer(GPU_1), offer(GPU_2)).get(0);
        fail(second.attempt(), Failure.Kind.OUT_OF_MEMORY);
        clock.advance(Duration.ofMinutes(1));
        Claimed third = claim(IMAGE, 1, offer(GPU_2)).get(0);

        assertThat(second.attempt().backend()).isEqualTo(GPU_2);
        assertThat(third.attempt().backend()).isEqualTo(GPU_2);
        assertThat(third.attempt().number()).isEqualTo(3);
        assertThat(found(id).attempts()).extracting(Attempt::backend).containsExactly(GPU_1, GPU_2, GPU_2);
    }

    @Test
    void claim_fromAPausedQueue_startsNothingUntilItIsOpen() {
        give(EVA, 100);
        slots(GPU_1, 1);
        submit(specs.of(EVA));
        run(new JobCommand.SwitchQueue(IMAGE, QueueSwitch.Mode.PAUSED, "admin:test"));

        assertThat(claim(1)).isEmpty();
        run(new JobCommand.SwitchQueue(IMAGE, QueueSwitch.Mode.OPEN, "admin:test"));
        assertThat(claim(1)).hasSize(1);
    }

    @Test
    void claim_fromADrainingQueue_startsWhatItHas() {
        give(EVA, 100);
        slots(GPU_1, 1);
        submit(specs.of(EVA));
        run(new JobCommand.SwitchQueue(IMAGE, QueueSwitch.Mode.DRAINING, "admin:test"));

        assertThat(claim(1)).hasSize(1);
    }

    @Test
    void claim_jobInItsBackoff_waitsForItsTimeAndBlocksNobody() {
        give(EVA, 100);
        Claimed first = running(specs.draft(EVA).priority(9).build());
        fail(first.attempt(), Failure.Kind.BACKEND);
        JobId other = submit(specs.of(EVA)).id();

        clock.advance(Duration.ofMillis(999));
        List<Claimed> early = claim(5);
        clock.advance(Duration.ofMillis(1));
        List<Claimed> due = claim(5);

        assertThat(early).extracting(one -> one.job().id()).containsExactly(other);
        assertThat(due)
                .extracting(one -> one.job().id())
                .containsExactly(first.job().id());
    }

    // ---- marks and leases

    @Test
    void mark_forwards_isKept() {
        give(EVA, 10);
        Attempt attempt = running(EVA).attempt();
        RunId theirs = new RunId(ids.next());

        run(new JobCommand.Mark(attempt.ref(), Attempt.Phase.SUBMITTED, Optional.of(theirs)));
        Attempt submitted = lastAttempt(attempt.job());
        clock.advance(Duration.ofSeconds(2));
        Instant startedAt = now();
        QueuedJob job = done(mark(attempt, Attempt.Phase.STARTED));

        assertThat(submitted.phase()).isEqualTo(Attempt.Phase.SUBMITTED);
        assertThat(submitted.runId()).isEqualTo(theirs);
        assertThat(lastAttempt(attempt.job()).phase()).isEqualTo(Attempt.Phase.STARTED);
        assertThat(lastAttempt(attempt.job()).startedAt()).contains(startedAt);
        assertThat(lastAttempt(attempt.job()).runId()).isEqualTo(theirs);
        assertThat(store.running()).containsExactly(lastAttempt(attempt.job()));
        assertThat(job).isEqualTo(found(attempt.job()).job());
    }

    @Test
    void mark_backwards_changesNothing() {
        give(EVA, 10);
        Attempt attempt = running(EVA).attempt();
        mark(attempt, Attempt.Phase.STARTED);
        Seen before = seen();
        clock.advance(Duration.ofSeconds(1));

        assertThat(done(mark(attempt, Attempt.Phase.SUBMITTED)).id()).isEqualTo(attempt.job());
        assertThat(done(mark(attempt, Attempt.Phase.CLAIMED)).id()).isEqualTo(attempt.job());
        assertThat(done(mark(attempt, Attempt.Phase.STARTED)).id()).isEqualTo(attempt.job());

        assertThat(seen()).isEqualTo(before);
    }

    @Test
    void mark_unknownAndFoundAgain_keepsWhenItStarted() {
        give(EVA, 10);
        Attempt attempt = running(EVA).attempt();
        mark(attempt, Attempt.Phase.STARTED);
        Instant startedAt = now();
        clock.advance(Duration.ofSeconds(1));

        mark(attempt, Attempt.Phase.UNKNOWN);
        Attempt unknown = lastAttempt(attempt.job());
        mark(attempt, Attempt.Phase.SUBMITTED);
        Attempt again = lastAttempt(attempt.job());
        mark(attempt, Attempt.Phase.STARTED);

        assertThat(unknown.phase()).isEqualTo(Attempt.Phase.UNKNOWN);
        assertThat(again.phase()).isEqualTo(Attempt.Phase.SUBMITTED);
        assertThat(lastAttempt(attempt.job()).startedAt()).contains(startedAt);
        assertThat(hold(attempt.job()).open()).isTrue();
    }

    @Test
    void mark_collecting_givesTheSlotBackOnceAndKeepsTheRest() throws Exception {
        give(EVA, 20);
        Attempt attempt = running(EVA).attempt();
        mark(attempt, Attempt.Phase.STARTED);

        QueuedJob job = done(mark(attempt, Attempt.Phase.COLLECTING));
        restart();

        assertThat(job.kind()).isEqualTo(JobState.Kind.RUNNING);
        Attempt collecting = lastAttempt(attempt.job());
        assertThat(collecting.phase()).isEqualTo(Attempt.Phase.COLLECTING);
        assertThat(store.running()).containsExactly(collecting);
        assertThat(store.slots()).allMatch(Slot::isFree);
        assertThat(store.models()).allMatch(model -> model.running() == 0);
        assertThat(hold(attempt.job()).open()).isTrue();

        // nothing that was under way before can bring it back
        Seen before = seen();
        mark(attempt, Attempt.Phase.COLLECTING);
        mark(attempt, Attempt.Phase.UNKNOWN);
        mark(attempt, Attempt.Phase.STARTED);
        mark(attempt, Attempt.Phase.SUBMITTED);
        assertThat(seen()).isEqualTo(before);

        // its slot goes to the next, which its own end leaves alone
        Claimed next = running(EVA);
        assertThat(next.attempt().slot()).isEqualTo(attempt.slot());
        assertThat(done(succeed(attempt)).kind()).isEqualTo(JobState.Kind.SUCCEEDED);
        assertThat(store.running()).containsExactly(lastAttempt(next.job().id()));
        assertThat(store.slots())
                .contains(new Slot(GPU_1, attempt.slot(), Optional.of(next.job().id())));
        assertThat(store.models()).anyMatch(model -> model.running() == 1);
    }

    @Test
    void collecting_ofADeadNode_isTakenOverWithoutASlot() {
        give(EVA, 10);
        Attempt attempt = running(EVA).attempt();
        mark(attempt, Attempt.Phase.COLLECTING);

        List<Claimed> taken = run(new JobCommand.TakeOver(NODE_A, true, TTL));

        assertThat(taken).extracting(one -> one.attempt().phase()).containsExactly(Attempt.Phase.COLLECTING);
        assertThat(store.slots()).allMatch(Slot::isFree);
        fail(taken.get(0).attempt(), Failure.Kind.LOST);
        assertThat(found(attempt.job()).job().kind()).isEqualTo(JobState.Kind.QUEUED);
        assertThat(store.models()).allMatch(model -> model.running() == 0);
    }

    @Test
    void resolve_ofACollectingAttempt_endsTheJob() {
        give(EVA, 10);
        Attempt attempt = running(EVA).attempt();
        mark(attempt, Attempt.Phase.COLLECTING);

        run(new JobCommand.Resolve(attempt.job(), false, "admin:eva", "its server burnt", List.of()));

        assertThat(found(attempt.job()).job().kind()).isEqualTo(JobState.Kind.FAILED);
        assertThat(hold(attempt.job()).open()).isFalse();
    }

    @Test
    void fail_recalled_putsTheJobBackWhereItStoodAndCountsNothing() {
        give(EVA, 30);
        Claimed first = running(EVA);
        QueuedJob second = submit(specs.of(EVA));

        QueuedJob waiting = fail(first.attempt(), Failure.Kind.RECALLED);

        assertThat(waiting.counted()).isZero();
        assertThat(waiting.isReady(now())).isTrue();
        assertThat(claimOrder(IMAGE)).containsExactly(first.job().id(), second.id());
    }

    @Test
    void claim_severalAtOnce_countsWhatItGaveOutItself() {
        give(EVA, 100);
        slots(GPU_1, 4);
        slots(GPU_2, 4);
        for (int i = 0; i < 4; i++) {
            submit(specs.of(EVA));
        }

        List<Claimed> claimed = claim(IMAGE, 4, loaded(GPU_1, 1, 4), loaded(GPU_2, 0, 4));

        // the first loads the model there, which makes up for one run more, but not for two
        assertThat(claimed).extracting(one -> one.attempt().backend()).containsExactly(GPU_2, GPU_2, GPU_2, GPU_1);
    }

    @Test
    void claim_whereItWouldWait_comesAfterWhereItRuns() {
        give(EVA, 100);
        slots(GPU_1, 4);
        slots(GPU_2, 4);
        submit(specs.of(EVA));

        List<Claimed> claimed = claim(IMAGE, 1, loaded(GPU_1, 1, 1), loaded(GPU_2, 3, 4));

        assertThat(claimed).extracting(one -> one.attempt().backend()).containsExactly(GPU_2);
    }

    @Test
    void claim_whereTheModelIsLoaded_isPreferredWhileItHasHardlyMoreToDo() {
        give(EVA, 100);
        slots(GPU_1, 4);
        slots(GPU_2, 4);
        submit(specs.of(EVA));
        submit(specs.of(EVA));

        List<Claimed> near = claim(IMAGE, 1, loaded(GPU_1, 0, 4), warm(GPU_2, 1, 4));
        List<Claimed> far = claim(IMAGE, 1, loaded(GPU_1, 0, 4), warm(GPU_2, 2, 4));

        assertThat(near).extracting(one -> one.attempt().backend()).containsExactly(GPU_2);
        assertThat(far).extracting(one -> one.attempt().backend()).containsExactly(GPU_1);
    }

    @Test
    void claim_forABackendThatAsksForLess_givesItNoMore() {
        give(EVA, 100);
        slots(GPU_1, 4);
        submit(specs.of(EVA));
        submit(specs.of(EVA));
        submit(specs.of(EVA));

        assertThat(claim(IMAGE, 3, asking(0, MODEL))).isEmpty();
        assertThat(claim(IMAGE, 3, asking(1, new ModelName("another")))).isEmpty();
        assertThat(claim(IMAGE, 3, asking(1, MODEL))).hasSize(1);
        assertThat(claim(IMAGE, 3, asking(1, MODEL)))
                .as("the one that runs is included")
                .isEmpty();
        assertThat(claim(IMAGE, 3, asking(3, MODEL))).hasSize(2);
    }

    private static Offer asking(int runs, ModelName model) {
        return new Offer(
                GPU_1,
                JobSpecs.TYPE,
                Set.of(),
                4,
                JobCommand.Load.NONE,
                new JobCommand.Wanted(runs, Optional.of(Set.of(model))));
    }

    private static Offer loaded(BackendId backend, int runs, int abreast) {
        return new Offer(backend, JobSpecs.TYPE, Set.of(), 4, new JobCommand.Load(runs, abreast, Optional.empty()));
    }

    private static Offer warm(BackendId backend, int runs, int abreast) {
        return new Offer(backend, JobSpecs.TYPE, Set.of(), 4, new JobCommand.Load(runs, abreast, Optional.of(MODEL)));
    }

    @Test
    void mark_ended_isMisuse() {
        give(EVA, 10);
        Attempt attempt = running(EVA).attempt();
        Seen before = seen();

        assertThatThrownBy(() -> mark(attempt, Attempt.Phase.ENDED)).isInstanceOf(IllegalArgumentException.class);

        assertThat(seen()).isEqualTo(before);
    }

    @Test
    void drive_anAttemptThatIsOver_isRefused() {
        give(EVA, 100);
        Attempt first = running(EVA).attempt();
        fail(first, Failure.Kind.BACKEND);
        Seen waiting = seen();

        assertThat(mark(first, Attempt.Phase.STARTED)).isEqualTo(new DriveResult.LeaseLost());
        assertThat(succeed(first)).isEqualTo(new DriveResult.LeaseLost());
        assertThat(seen()).isEqualTo(waiting);
        clock.advance(Duration.ofMinutes(1));
        Attempt second = claim(1).get(0).attempt();
        Seen running = seen();

        assertThat(run(failure(first, Failure.Kind.BACKEND))).isEqualTo(new DriveResult.LeaseLost());
        assertThat(succeed(first)).isEqualTo(new DriveResult.LeaseLost());
        assertThat(run(new JobCommand.Renew(NODE_A, List.of(first.ref(), second.ref()), TTL)))
                .isEqualTo(new RenewResult(List.of(first.ref())));
        assertThat(seen()).isEqualTo(running);
    }

    @Test
    void drive_anAttemptOfNoJob_isRefused() {
        AttemptRef nobodys = new AttemptRef(new JobId(ids.next()), 1, 1);

        assertThat(run(new JobCommand.Mark(nobodys, Attempt.Phase.STARTED, Optional.empty())))
                .isEqualTo(new DriveResult.LeaseLost());
        assertThat(run(new JobCommand.Succeed(nobodys, outputs(nobodys.job(), 1), 1, List.of())))
                .isEqualTo(new DriveResult.LeaseLost());
        assertThat(run(new JobCommand.Renew(NODE_A, List.of(nobodys), TTL)))
                .isEqualTo(new RenewResult(List.of(nobodys)));
    }

    @Test
    void renew_ofWhatTheNodeDrives_movesTheEndOfTheLease() {
        give(EVA, 10);
        Attempt attempt = running(EVA).attempt();
        clock.advance(TTL.minusMillis(1));

        RenewResult result = run(new JobCommand.Renew(NODE_A, List.of(attempt.ref()), TTL));

        assertThat(result.lost()).isEmpty();
        assertThat(lastAttempt(attempt.job()).lease())
                .isEqualTo(new Lease(NODE_A, attempt.lease().token(), now().plus(TTL)));
        assertThat(store.running()).containsExactly(lastAttempt(attempt.job()));
        clock.advance(TTL.minusMillis(1));
        assertThat(run(new JobCommand.TakeOver(NODE_B, false, TTL))).isEmpty();
    }

    @Test
    void takeOver_ofALeaseThatRanOut_fencesTheOldNodeOff() {
        give(EVA, 10);
        Attempt old = running(EVA).attempt();
        mark(old, Attempt.Phase.STARTED);
        clock.advance(TTL.minusMillis(1));
        assertThat(run(new JobCommand.TakeOver(NODE_B, false, TTL))).isEmpty();
        clock.advance(Duration.ofMillis(1));

        List<Claimed> taken = run(new JobCommand.TakeOver(NODE_B, false, TTL));

        assertThat(taken).hasSize(1);
        Attempt ours = taken.get(0).attempt();
        assertThat(ours).isEqualTo(lastAttempt(old.job()));
        assertThat(taken.get(0).job()).isEqualTo(found(old.job()).job());
        assertThat(ours.lease().node()).isEqualTo(NODE_B);
        assertThat(ours.lease().token()).isGreaterThan(old.lease().token());
        assertThat(ours.runId()).isEqualTo(old.runId());
        assertThat(ours.phase()).isEqualTo(Attempt.Phase.STARTED);
        assertThat(taken(GPU_1)).isEqualTo(1);
        Seen before = seen();
        assertThat(mark(old, Attempt.Phase.UNKNOWN)).isEqualTo(new DriveResult.LeaseLost());
        assertThat(succeed(old)).isEqualTo(new DriveResult.LeaseLost());
        assertThat(run(failure(old, Failure.Kind.BACKEND))).isEqualTo(new DriveResult.LeaseLost());
        assertThat(run(new JobCommand.Renew(NODE_A, List.of(old.ref()), TTL)))
                .isEqualTo(new RenewResult(List.of(old.ref())));
        assertThat(seen()).isEqualTo(before);
        assertThat(done(succeed(ours)).kind()).isEqualTo(JobState.Kind.SUCCEEDED);
    }

    @Test
    void takeOver_atItsStart_takesWhatItsPredecessorLeftAndNoOthers() throws Exception {
        give(EVA, 100);
        slots(GPU_1, 3);
        submit(specs.of(EVA));
        submit(specs.of(EVA));
        Attempt own = run(claimOf(IMAGE, NODE_A, 1, offer(GPU_1))).get(0).attempt();
        Attempt foreign = run(claimOf(IMAGE, NODE_B, 1, offer(GPU_1))).get(0).attempt();
        restart();

        assertThat(run(new JobCommand.TakeOver(NODE_A, false, TTL))).isEmpty();
        List<Claimed> taken = run(new JobCommand.TakeOver(NODE_A, true, TTL));

        assertThat(taken).extracting(one -> one.job().id()).containsExactly(own.job());
        assertThat(taken.get(0).attempt().lease().token())
                .isGreaterThan(own.lease().token());
        assertThat(mark(own, Attempt.Phase.STARTED)).isEqualTo(new DriveResult.LeaseLost());
        assertThat(done(mark(foreign, Attempt.Phase.STARTED)).id()).isEqualTo(foreign.job());
    }

    @Test
    void takeOver_byManyNodesAtOnce_givesEachAttemptToOne() throws Exception {
        give(EVA, 100);
        slots(GPU_1, 5);
        for (int i = 0; i < 5; i++) {
            submit(specs.of(EVA));
        }
        claim(5);
        clock.advance(TTL);

        List<List<Claimed>> taken =
                race(thread -> () -> run(new JobCommand.TakeOver(new NodeId("node-" + thread), false, TTL)));

        List<JobId> jobs =
                taken.stream().flatMap(List::stream).map(one -> one.job().id()).toList();
        assertThat(distinct(jobs)).hasSize(5);
    }

    // ---- success

    @Test
    void succeed_withAllOutputs_capturesTheHold() throws Exception {
        give(EVA, 25);
        Attempt attempt = running(EVA).attempt();
        mark(attempt, Attempt.Phase.STARTED);
        clock.advance(Duration.ofSeconds(7));
        JobCommand.Succeed success = success(attempt, 2, 2);

        QueuedJob job = done(run(success));

        assertThat(job.state()).isEqualTo(new JobState.Succeeded(now(), false));
        JobRecord found = found(attempt.job());
        assertThat(found.job()).isEqualTo(job);
        assertThat(found.outputs()).isEqualTo(success.outputs());
        assertThat(found.hold().state()).isEqualTo(Hold.State.CAPTURED);
        assertThat(found.hold().captured()).isEqualTo(Amount.credits(10));
        assertThat(found.attempts()).hasSize(1);
        assertThat(found.attempts().get(0).phase()).isEqualTo(Attempt.Phase.ENDED);
        assertThat(found.attempts().get(0).endedAt()).contains(now());
        assertThat(found.attempts().get(0).failure()).isEmpty();
        assertThat(found.history())
                .extracting(Transition::to)
                .containsExactly(JobState.Kind.QUEUED, JobState.Kind.RUNNING, JobState.Kind.SUCCEEDED);
        assertThat(found.history()).last().extracting(Transition::cause).isEqualTo("completed");
        assertBalance(EVA, "15", "0");
        assertThat(store.running()).isEmpty();
        assertThat(taken(GPU_1)).isZero();
        assertThat(runningOf(MODEL)).isZero();
        assertThat(live()).isEmpty();
        restart();
        assertThat(found(attempt.job())).isEqualTo(found);
    }

    @Test
    void succeed_withSomeOutputs_capturesInProportionRoundedDown() {
        give(EVA, 10);
        Attempt attempt = running(EVA).attempt();

        QueuedJob job = done(run(success(attempt, 2, 3)));

        assertThat(job.state()).isEqualTo(new JobState.Succeeded(now(), true));
        assertThat(found(job.id()).history())
                .last()
                .extracting(Transition::cause)
                .isEqualTo("2 of 3 outputs");
        assertThat(hold(job.id()).captured()).isEqualTo(Amount.parse("6.66"));
        assertBalance(EVA, "3.34", "0");
    }

    @Test
    void succeed_withSomeOutputsAtADiscount_booksTheListPriceInProportion() {
        tier(EVA, "half");
        give(EVA, 5);
        Attempt attempt = running(EVA).attempt();

        run(success(attempt, 1, 3));

        Posting capture = store.history(EVA, Optional.empty(), 1).postings().get(0);
        assertThat(capture.net()).isEqualTo(Amount.parse("1.66"));
        assertThat(capture.listPrice()).isEqualTo(Amount.parse("3.33"));
        assertBalance(EVA, "3.34", "0");
    }

    @Test
    void succeed_withMoreOutputsThanExpected_costsNoMore() {
        give(EVA, 10);
        Attempt attempt = running(EVA).attempt();

        QueuedJob job = done(run(success(attempt, 3, 2)));

        assertThat(job.state()).isEqualTo(new JobState.Succeeded(now(), false));
        assertThat(found(job.id()).outputs()).hasSize(3);
        assertBalance(EVA, "0", "0");
    }

    @Test
    void succeed_twice_capturesOnce() {
        give(EVA, 10);
        Attempt attempt = running(EVA).attempt();
        succeed(attempt);
        Seen before = seen();

        assertThat(succeed(attempt)).isEqualTo(new DriveResult.LeaseLost());
        assertThat(run(failure(attempt, Failure.Kind.BACKEND))).isEqualTo(new DriveResult.LeaseLost());

        assertThat(seen()).isEqualTo(before);
    }

    @Test
    void succeed_withoutOutputs_isMisuse() {
        give(EVA, 10);
        Attempt attempt = running(EVA).attempt();

        assertThatThrownBy(() -> success(attempt, 0, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> success(attempt, 1, 0)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void succeed_withTooFewDeliveryIds_changesNothing() {
        give(EVA, 10);
        Attempt attempt = running(specs.draft(EVA).targets(HOOK, CHAT).build()).attempt();
        Seen before = seen();

        assertThatThrownBy(() -> run(new JobCommand.Succeed(attempt.ref(), outputs(attempt.job(), 1), 1, owed(1))))
                .isInstanceOf(RuntimeException.class);

        assertThat(seen()).isEqualTo(before);
        assertThat(done(succeed(attempt)).kind()).isEqualTo(JobState.Kind.SUCCEEDED);
    }

    // ---- failure

    @Test
    void fail_worthAnotherTry_waitsItsBackoffAndKeepsTheHold() throws Exception {
        give(EVA, 10);
        Attempt attempt = running(EVA).attempt();
        mark(attempt, Attempt.Phase.STARTED);

        QueuedJob first = fail(attempt, Failure.Kind.OUT_OF_MEMORY);

        assertThat(first.state()).isEqualTo(new JobState.Queued(now().plusSeconds(1), Optional.of(GPU_1)));
        assertThat(first.counted()).isEqualTo(1);
        JobRecord found = found(first.id());
        assertThat(found.job()).isEqualTo(first);
        assertThat(found.hold().open()).isTrue();
        assertThat(found.attempts().get(0).phase()).isEqualTo(Attempt.Phase.ENDED);
        assertThat(found.attempts().get(0).failure())
                .contains(new Failure(Failure.Kind.OUT_OF_MEMORY, "the reason is out_of_memory"));
        assertThat(taken(GPU_1)).isZero();
        assertThat(runningOf(MODEL)).isZero();
        assertBalance(EVA, "0", "10");
        restart();
        assertThat(found(first.id())).isEqualTo(found);

        clock.advance(Duration.ofSeconds(1));
        QueuedJob second = fail(claim(1).get(0).attempt(), Failure.Kind.OUT_OF_MEMORY);
        assertThat(second.state()).isEqualTo(new JobState.Queued(now().plusSeconds(2), Optional.of(GPU_1)));
    }

    @Test
    void fail_atTheLastAttempt_endsTheJobAndReleases() {
        give(EVA, 10);
        Attempt attempt = running(EVA).attempt();
        for (int i = 1; i < RETRY.attempts(); i++) {
            fail(attempt, Failure.Kind.BACKEND);
            clock.advance(Duration.ofMinutes(1));
            attempt = claim(1).get(0).attempt();
        }

        QueuedJob job = fail(attempt, Failure.Kind.TIMEOUT);

        assertThat(job.state())
                .isEqualTo(new JobState.Failed(now(), new Failure(Failure.Kind.TIMEOUT, "the reason is timeout")));
        assertThat(job.attempts()).isEqualTo(3);
        assertThat(hold(job.id()).state()).isEqualTo(Hold.State.RELEASED);
        assertBalance(EVA, "10", "0");
        assertThat(live()).isEmpty();
        assertThat(taken(GPU_1)).isZero();
    }

    @ParameterizedTest
    @EnumSource(
            value = Failure.Kind.class,
            names = {"BAD_WORKFLOW", "BAD_INPUT", "POLICY"})
    void fail_notWorthAnotherTry_endsTheJobAtOnce(Failure.Kind kind) {
        give(EVA, 10);
        Attempt attempt = running(EVA).attempt();

        QueuedJob job = fail(attempt, kind);

        assertThat(job.kind()).isEqualTo(JobState.Kind.FAILED);
        assertBalance(EVA, "10", "0");
    }

    @Test
    void fail_lostByItsBackend_costsNoAttemptThreeTimes() {
        give(EVA, 10);
        Attempt attempt = running(EVA).attempt();
        RetryPolicy once = new RetryPolicy(1, Duration.ofSeconds(2), Duration.ofSeconds(2));
        for (int i = 1; i <= 3; i++) {
            QueuedJob job = done(run(failure(attempt, Failure.Kind.LOST, 0, 1, once)));
            assertThat(job.kind()).isEqualTo(JobState.Kind.QUEUED);
            assertThat(job.lost()).isEqualTo(i);
            assertThat(job.counted()).isZero();
            clock.advance(Duration.ofMinutes(1));
            attempt = claim(1).get(0).attempt();
        }

        QueuedJob fourth = done(run(failure(attempt, Failure.Kind.LOST, 0, 1, once)));

        assertThat(fourth.kind()).isEqualTo(JobState.Kind.FAILED);
        assertThat(fourth.attempts()).isEqualTo(4);
    }

    @Test
    void fail_neverArrivedAtItsBackend_costsNoAttemptEver() {
        give(EVA, 10);
        Attempt attempt = running(EVA).attempt();
        RetryPolicy once = new RetryPolicy(1, Duration.ofSeconds(2), Duration.ofSeconds(2));
        for (int i = 1; i <= 10; i++) {
            QueuedJob job = done(run(failure(attempt, Failure.Kind.UNREACHABLE, 0, 1, once)));
            assertThat(job.kind()).isEqualTo(JobState.Kind.QUEUED);
            assertThat(job.counted()).isZero();
            clock.advance(Duration.ofSeconds(1));
            attempt = claim(1).get(0).attempt();
        }

        assertThat(done(run(failure(attempt, Failure.Kind.BACKEND, 0, 1, once))).kind())
                .isEqualTo(JobState.Kind.FAILED);
    }

    @Test
    void fail_withSomeOutputs_deliversThemOnlyAtTheLastAttempt() {
        give(EVA, 10);
        Attempt attempt = running(EVA).attempt();
        RetryPolicy twice = new RetryPolicy(2, Duration.ofSeconds(2), Duration.ofSeconds(2));

        QueuedJob retried = done(run(failure(attempt, Failure.Kind.BACKEND, 3, 4, twice)));
        List<Output> kept = found(retried.id()).outputs();
        clock.advance(Duration.ofMinutes(1));
        Attempt last = claim(1).get(0).attempt();
        QueuedJob ended = done(run(failure(last, Failure.Kind.BACKEND, 1, 4, twice)));

        assertThat(retried.kind()).isEqualTo(JobState.Kind.QUEUED);
        assertThat(kept).isEmpty();
        assertThat(ended.state()).isEqualTo(new JobState.Succeeded(now(), true));
        assertThat(found(ended.id()).outputs()).hasSize(1);
        assertThat(found(ended.id()).attempts().get(1).failure()).isPresent();
        assertThat(hold(ended.id()).captured()).isEqualTo(Amount.parse("2.5"));
        assertBalance(EVA, "7.5", "0");
    }

    @Test
    void fail_afterTheCreditsExpired_givesThemBackIfItWasOurFault() {
        Instant end = now().plusSeconds(60);
        for (Failure.Kind kind : List.of(Failure.Kind.BACKEND, Failure.Kind.BAD_INPUT)) {
            UserId user = new UserId("user-of-" + kind.code());
            run(new LedgerCommand.GrantCredits(
                    user,
                    GrantSource.TRIAL,
                    "trial:" + user,
                    Amount.credits(10),
                    Optional.of(end),
                    "admin:test",
                    "to try it"));
        }
        Attempt ours = running(new UserId("user-of-backend")).attempt();
        Attempt theirs = running(new UserId("user-of-bad_input")).attempt();
        clock.advance(Duration.ofMinutes(5));

        run(failure(ours, Failure.Kind.BACKEND, 0, 1, new RetryPolicy(1, Duration.ZERO, Duration.ZERO)));
        run(failure(theirs, Failure.Kind.BAD_INPUT, 0, 1, RETRY));

        assertThat(store.grants(new UserId("user-of-backend")))
                .extracting(Grant::source)
                .contains(GrantSource.CREDIT_BACK);
        assertBalance(new UserId("user-of-backend"), "10", "0");
        assertBalance(new UserId("user-of-bad_input"), "0", "0");
    }

    // ---- the lucky draw

    @Test
    void draw_ofTheDay_makesItsJobsCheaper() throws Exception {
        use(withDraw());
        give(EVA, 100);
        run(new LedgerCommand.DrawLuck(EVA, LuckyDraw.SHIPPED, ZoneOffset.UTC, 600));
        restart();

        Hold lucky = hold(submit(specs.of(EVA)).id());
        clock.advance(Duration.ofDays(1));
        Hold usual = hold(submit(specs.of(EVA)).id());

        assertThat(lucky.price())
                .isEqualTo(new Price(
                        Amount.credits(10),
                        Amount.credits(7),
                        List.of(new Price.Step(Pricing.LUCKY_DRAW, Amount.credits(10), Amount.credits(7)))));
        assertThat(usual.price()).isEqualTo(new Price(Amount.credits(10), Amount.credits(10), List.of()));
    }

    @Test
    void draw_afterAJobWasSubmitted_changesNothingForIt() throws Exception {
        use(withDraw());
        give(EVA, 100);
        slots(GPU_1, 1);
        JobId job = submit(specs.of(EVA)).id();

        run(new LedgerCommand.DrawLuck(EVA, LuckyDraw.SHIPPED, ZoneOffset.UTC, 0));
        claim(IMAGE, 1, offer(GPU_1));

        assertThat(hold(job).amount()).isEqualTo(Amount.credits(10));
        assertThat(store.account(EVA).orElseThrow().draw()).map(Draw::prize).contains("SSR");
    }

    // ---- owing

    @Test
    void submit_byWhoOwes_isRefusedUntilTheDebtIsSettled() {
        slots(GPU_1, 1);
        run(invoice(EVA, 1, "inv:1"));
        run(payment(EVA, 1, Optional.of("inv:1")));
        submit(specs.of(EVA));
        succeed(claim(1).get(0).attempt());
        run(new LedgerCommand.ChargeBack(paid(1).charge(), "admin:test", "the bank says so"));
        give(EVA, 100);
        int postings = store.history(EVA, Optional.empty(), 99).postings().size();

        Refusal refusal = refused(run(submission(specs.draft(EVA).build())));

        assertThat(refusal).isEqualTo(new Refusal.InDebt(Amount.credits(10)));
        assertThat(store.history(EVA, Optional.empty(), 99).postings()).hasSize(postings);
        run(payment(EVA, 2, Optional.of("inv:1")));
        submit(specs.of(EVA));
    }

    // ---- forgetting a user

    private static final UserId NOBODY = new UserId("erased:0190");

    private EraseResult erase(UserId user, UserId pseudonym) {
        return answer(
                store.erase(user, pseudonym, "admin:test", "wants to go").toCompletableFuture(),
                "an erasure of " + user);
    }

    /** One ended each way, with something everywhere that says who it was. */
    private List<JobId> livedThrough(UserId user) {
        slots(GPU_1, 4);
        List<JobId> jobs = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            JobSpec spec = specs.draft(user)
                    .targets(HOOK)
                    .tags("of " + user)
                    .metadata(Map.of("who", user.value()))
                    .inputs(Map.of("prompt", new InputValue.Text("a portrait of " + user)))
                    .build();
            accepted(run(submission("key of " + user + i, "hash", spec)));
            jobs.add(spec.id());
        }
        List<Claimed> claimed = claim(2);
        succeed(claimed.get(0).attempt());
        run(new JobCommand.Fail(
                claimed.get(1).attempt().ref(),
                new Failure(
                        Failure.Kind.BAD_INPUT,
                        "no face of " + user + " to be seen",
                        Optional.of(new Failure.Place(user.value(), "LoadImage"))),
                List.of(),
                1,
                RETRY,
                0.5,
                owed(1)));
        run(new JobCommand.Cancel(jobs.get(2), user.value(), owed(1)));
        StoredEvent told =
                new StoredEvent(now(), "refused", Optional.of(user), Optional.empty(), "asked for something else");
        StoredEvent ofJob = new StoredEvent(now(), "ended", Optional.empty(), Optional.of(jobs.get(0)), "it is done");
        StoredEvent ofOthers = new StoredEvent(now(), "ended", Optional.of(ADAM), Optional.empty(), "it is done");
        answer(store.keep(List.of(told, ofJob, ofOthers)).toCompletableFuture(), "events");
        return jobs;
    }

    @Test
    void erase_ofAUser_keepsTheAmountsAndNothingThatSaysWhoItWas() throws Exception {
        use(withTrial());
        UserId boris = new UserId("boris");
        give(boris, 100);
        List<JobId> jobs = livedThrough(boris);
        Account before = store.account(boris).orElseThrow();
        int postings = store.history(boris, Optional.empty(), 99).postings().size();

        EraseResult result = erase(boris, NOBODY);

        assertThat(result).isEqualTo(new EraseResult.Erased(NOBODY));
        for (int round = 0; round < 2; round++) {
            assertThat(store.account(boris)).isEmpty();
            assertThat(store.history(boris, Optional.empty(), 99).postings()).isEmpty();
            assertThat(store.grants(boris)).isEmpty();
            assertThat(store.list(JobFilter.of(boris), Optional.empty(), 99)).isEmpty();
            Account after = store.account(NOBODY).orElseThrow();
            assertThat(List.of(after.available(), after.held(), after.debt()))
                    .containsExactly(before.available(), before.held(), before.debt());
            List<Posting> history = store.history(NOBODY, Optional.empty(), 99).postings();
            assertThat(history).hasSize(postings + 1);
            assertThat(history.get(0).reason()).contains("erased: wants to go");
            assertThat(history.toString()).doesNotContain("boris");
            assertThat(store.grants(NOBODY).toString()).doesNotContain("boris");
            List<JobRecord> records = store.list(JobFilter.of(NOBODY), Optional.empty(), 99);
            assertThat(records).extracting(one -> one.job().id()).containsExactlyInAnyOrderElementsOf(jobs);
            assertThat(records.toString())
                    .doesNotContain("boris")
                    .doesNotContain("portrait")
                    .doesNotContain("face")
                    .contains("canceled by its owner");
            assertThat(StoredDeliveries.of(store, Optional.empty(), 99)).isEmpty();
            assertThat(store.events(Optional.empty(), 99))
                    .extracting(StoredEvent::user)
                    .containsExactly(Optional.of(ADAM));
            restart();
        }
        assertThat(store.audit().findings()).isEmpty();
    }

    @Test
    void erase_andComingBack_isSomebodyNew() throws Exception {
        use(withTrial());
        UserId boris = new UserId("boris");
        give(boris, 100);
        livedThrough(boris);
        erase(boris, NOBODY);

        JobSpec spec = specs.draft(boris).build();
        SubmitResult again = run(submission("key of boris0", "another hash", spec));

        assertThat(accepted(again).jobs()).hasSize(1);
        assertThat(store.account(boris).orElseThrow().held()).isEqualTo(Amount.credits(10));
        assertThat(store.list(JobFilter.of(boris), Optional.empty(), 99)).hasSize(1);
        assertThat(store.grants(boris)).extracting(Grant::source).containsExactly(GrantSource.TRIAL);
        run(new JobCommand.Cancel(spec.id(), "boris", List.of()));
        assertThat(erase(boris, new UserId("erased:0191"))).isInstanceOf(EraseResult.Erased.class);
    }

    @Test
    void erase_whileSomethingIsUnderWay_isRefused() {
        give(EVA, 100);
        JobId job = submit(specs.of(EVA)).id();

        assertThat(erase(EVA, NOBODY)).isEqualTo(new EraseResult.Busy(1, 1, 0));
        assertThat(store.account(NOBODY)).isEmpty();
        cancel(job);
        assertThat(store.account(EVA)).isPresent();
        assertThat(erase(EVA, NOBODY)).isEqualTo(new EraseResult.Erased(NOBODY));
        assertThat(erase(EVA, NOBODY)).isEqualTo(new EraseResult.UnknownUser());
        assertThat(erase(NOBODY, new UserId("erased:2"))).isEqualTo(new EraseResult.UnknownUser());
        assertThat(erase(ZOE, NOBODY)).isEqualTo(new EraseResult.UnknownUser());
    }

    private static LedgerCommand.OpenInvoice invoice(UserId user, int number, String payload) {
        return new LedgerCommand.OpenInvoice(
                new InvoiceId(new UUID(7, number)),
                payload,
                user,
                "small",
                new Money(499, "EUR"),
                Amount.credits(50),
                Duration.ofHours(1));
    }

    private static LedgerCommand.RecordPayment payment(UserId payer, int number, Optional<String> payload) {
        return new LedgerCommand.RecordPayment(
                new PaymentId(new UUID(8, number)),
                Charge.once("test", "charge-" + number),
                payer,
                new Money(499, "EUR"),
                payload,
                "{\"from\": \"" + payer + (number < 7 ? "\", \"for\": \"boris\"}" : "\"}"),
                "admin:test");
    }

    private Payment paid(int number) {
        return store.payment(new PaymentId(new UUID(8, number))).orElseThrow();
    }

    @Test
    void erase_ofAUserWhoPaid_keepsThePaymentsUnderThePseudonymAndNoText() throws Exception {
        UserId boris = new UserId("boris");
        run(invoice(boris, 1, "inv:1"));
        run(invoice(boris, 2, "pack of boris"));
        run(invoice(EVA, 3, "inv:3"));
        run(payment(boris, 1, Optional.of("inv:1")));
        run(payment(boris, 2, Optional.of("pack of boris"))); // his payload
        run(payment(boris, 3, Optional.of("inv:3"))); // another's invoice
        run(payment(EVA, 4, Optional.of("inv:1"))); // his invoice
        run(payment(boris, 5, Optional.of("from B. Ivanov"))); // no invoice
        run(payment(boris, 6, Optional.empty()));
        run(new LedgerCommand.MatchPayment(
                paid(6).id(), EVA, Amount.credits(5), "admin:test", "boris wanted it for another"));
        run(payment(EVA, 7, Optional.of("from E. Petrova"))); // nothing of his

        assertThat(erase(boris, NOBODY)).isEqualTo(new EraseResult.Erased(NOBODY));

        for (int round = 0; round < 2; round++) {
            PaymentPage all = store.payments(PaymentFilter.ALL, Optional.empty(), 99);
            assertThat(all.toString()).doesNotContain("boris").doesNotContain("Ivanov");
            assertThat(store.payments(new PaymentFilter(Optional.empty(), Optional.of(NOBODY)), Optional.empty(), 99)
                            .payments())
                    .hasSize(5)
                    .allSatisfy(payment -> assertThat(payment.raw()).isEmpty());
            assertThat(store.invoices(boris, 99)).isEmpty();
            assertThat(store.invoices(NOBODY, 99))
                    .extracting(Invoice::payload)
                    .containsExactly("erased:" + new UUID(7, 2), "inv:1");
            assertThat(paid(1).payload()).contains("inv:1");
            assertThat(paid(2).payload()).contains("erased:" + new UUID(7, 2));
            assertThat(paid(5).payload()).isEmpty();
            assertThat(paid(6).user()).contains(EVA);
            assertThat(paid(6).note()).contains("erased");
            assertThat(List.of(paid(4).payer(), paid(4).user().orElseThrow())).containsOnly(EVA);
            assertThat(paid(7).payload()).contains("from E. Petrova");
            assertThat(paid(7).raw())
                    .isEqualTo(payment(EVA, 7, Optional.empty()).raw());
            assertThat(store.audit().findings()).isEmpty();
            restart();
        }
    }

    @Test
    void erase_ofAUserWhoPaid_leavesRefundAndChargebackPossible() throws Exception {
        UserId boris = new UserId("boris");
        run(invoice(boris, 1, "inv:1"));
        run(invoice(boris, 2, "inv:2"));
        run(payment(boris, 1, Optional.of("inv:1")));
        run(payment(boris, 2, Optional.of("inv:2")));
        erase(boris, NOBODY);
        restart();

        PaymentResult told = run(payment(boris, 1, Optional.of("inv:1"))); // once more, by a provider
        run(new LedgerCommand.BeginRefund(paid(1).id(), false, "admin:test", "sent back"));
        run(new LedgerCommand.FinishRefund(paid(1).id(), true, "admin:test", "test: sent back"));
        run(new LedgerCommand.ChargeBack(paid(2).charge(), "admin:test", "the bank says so"));

        assertThat(told).isInstanceOf(PaymentResult.ChargeReused.class);
        assertThat(store.account(boris)).isEmpty();
        assertThat(paid(1).state()).isEqualTo(Payment.State.REFUNDED);
        assertThat(paid(2).state()).isEqualTo(Payment.State.CHARGED_BACK);
        assertThat(store.account(NOBODY).orElseThrow().available()).isEqualTo(Amount.ZERO);
        assertThat(store.audit().findings()).isEmpty();
    }

    @Test
    void erase_whileARefundIsPending_isRefused() {
        UserId boris = new UserId("boris");
        run(payment(boris, 1, Optional.empty()));
        run(new LedgerCommand.MatchPayment(paid(1).id(), EVA, Amount.credits(5), "admin:test", "it was for her"));
        run(new LedgerCommand.BeginRefund(paid(1).id(), false, "admin:test", "sent back"));

        assertThat(erase(boris, NOBODY)).isEqualTo(new EraseResult.Busy(0, 0, 1));
        assertThat(erase(EVA, NOBODY)).isEqualTo(new EraseResult.Busy(0, 0, 1));
        run(new LedgerCommand.FinishRefund(paid(1).id(), false, "admin:test", "test: refused"));

        assertThat(paid(1).payer()).isEqualTo(boris);
        assertThat(erase(boris, NOBODY)).isEqualTo(new EraseResult.Erased(NOBODY));
        assertThat(erase(EVA, new UserId("erased:0192"))).isInstanceOf(EraseResult.Erased.class);
    }

    // ---- the trial

    @Test
    void trial_ofANewcomer_isMadeByTheFirstJobAndGoneAtItsEnd() throws Exception {
        use(withTrial());
        Instant end = now().plus(TRIAL.every());

        submit(specs.of(EVA));
        submit(specs.of(EVA));

        assertBalance(EVA, "5", "20");
        assertThat(store.grants(EVA)).singleElement().satisfies(grant -> {
            assertThat(grant.source()).isEqualTo(GrantSource.TRIAL);
            assertThat(grant.granted()).isEqualTo(TRIAL.credits());
            assertThat(grant.expiresAt()).contains(end);
        });
        restart();
        assertThat(store.account(EVA).orElseThrow().trialUntil()).contains(end);
        assertThat(refused(run(submission(specs.of(EVA)))))
                .isEqualTo(new Refusal.InsufficientCredits(Amount.credits(10), Amount.credits(5)));
    }

    @Test
    void trial_ofTheNextPeriod_takesThePlaceOfWhatIsLeft() throws Exception {
        use(withTrial());
        submit(specs.of(EVA));
        clock.advance(TRIAL.every().multipliedBy(3));

        submit(specs.of(EVA));

        assertBalance(EVA, "15", "20");
        assertThat(store.account(EVA).orElseThrow().trialUntil()).contains(now().plus(TRIAL.every()));
        assertThat(store.history(EVA, Optional.empty(), 10).postings())
                .extracting(Posting::kind)
                .containsExactly(
                        Posting.Kind.HOLD,
                        Posting.Kind.GRANT,
                        Posting.Kind.EXPIRE,
                        Posting.Kind.HOLD,
                        Posting.Kind.GRANT);
    }

    @Test
    void trial_isSpentBeforeWhatWasPaidFor() throws Exception {
        use(withTrial());
        give(EVA, 100);
        slots(GPU_1, 1);

        submit(specs.of(EVA));

        assertBalance(EVA, "115", "10");
        assertThat(store.grants(EVA))
                .filteredOn(grant -> grant.held().isPositive())
                .extracting(Grant::source)
                .containsExactly(GrantSource.TRIAL);
    }

    @Test
    void trial_ofARefusedSubmission_isNotMade() throws Exception {
        use(withTrial());

        refused(run(submission(specs.of(EVA), specs.of(EVA), specs.of(EVA))));

        assertThat(store.account(EVA)).isEmpty();
    }

    @Test
    void trial_forManyThreads_isMadeOnce() throws Exception {
        use(withTrial());

        List<SubmitResult> results = race(thread -> () -> run(submission(specs.of(EVA))));

        assertThat(results)
                .filteredOn(result -> result instanceof SubmitResult.Accepted)
                .hasSize(2);
        assertBalance(EVA, "5", "20");
        assertThat(store.grants(EVA)).hasSize(1);
    }

    // ---- cancel, expire, promote, resolve

    @Test
    void cancel_aWaitingJob_releasesAtOnce() {
        give(EVA, 10);
        slots(GPU_1, 1);
        JobId id = submit(specs.of(EVA)).id();

        CancelResult result = cancel(id);

        assertThat(result).isEqualTo(new CancelResult.Canceled(found(id).job()));
        assertThat(found(id).job().state()).isEqualTo(new JobState.Canceled(now()));
        assertThat(hold(id).state()).isEqualTo(Hold.State.RELEASED);
        assertBalance(EVA, "10", "0");
        assertThat(claim(1)).isEmpty();
    }

    @Test
    void cancel_aJobInItsBackoff_releasesAtOnce() {
        give(EVA, 10);
        Attempt attempt = running(EVA).attempt();
        fail(attempt, Failure.Kind.BACKEND);

        cancel(attempt.job());

        assertThat(kind(attempt.job())).isEqualTo(JobState.Kind.CANCELED);
        clock.advance(Duration.ofHours(1));
        assertThat(claim(1)).isEmpty();
    }

    @Test
    void cancel_aRunningJob_waitsForItsBackend() {
        give(EVA, 10);
        Attempt attempt = running(EVA).attempt();

        CancelResult result = cancel(attempt.job());

        assertThat(result)
                .isEqualTo(new CancelResult.Canceled(found(attempt.job()).job()));
        assertThat(found(attempt.job()).job().state()).isEqualTo(new JobState.Canceling());
        assertThat(hold(attempt.job()).open()).isTrue();
        assertThat(taken(GPU_1)).isEqualTo(1);
        assertThat(store.running()).hasSize(1);
        QueuedJob ended = fail(attempt, Failure.Kind.BACKEND);
        assertThat(ended.state()).isEqualTo(new JobState.Canceled(now()));
        assertThat(taken(GPU_1)).isZero();
        assertBalance(EVA, "10", "0");
    }

    @Test
    void cancel_aJobThatSucceedsAllTheSame_isCaptured() {
        give(EVA, 10);
        Attempt attempt = running(EVA).attempt();
        cancel(attempt.job());

        QueuedJob ended = done(succeed(attempt));

        assertThat(ended.kind()).isEqualTo(JobState.Kind.SUCCEEDED);
        assertThat(hold(ended.id()).state()).isEqualTo(Hold.State.CAPTURED);
        assertBalance(EVA, "0", "0");
    }

    @Test
    void cancel_again_changesNothing() {
        give(EVA, 20);
        JobId canceling = running(EVA).job().id();
        JobId waiting = submit(specs.of(EVA)).id();
        cancel(canceling);
        cancel(waiting);
        Seen before = seen();
        clock.advance(Duration.ofSeconds(1));

        assertThat(cancel(canceling))
                .isEqualTo(new CancelResult.Canceled(found(canceling).job()));
        assertThat(cancel(waiting))
                .isEqualTo(new CancelResult.Canceled(found(waiting).job()));
        assertThat(seen()).isEqualTo(before);
    }

    @Test
    void cancel_whatEndedOrNeverWas_saysSo() {
        give(EVA, 100);
        JobId succeeded = running(EVA).job().id();
        succeed(lastAttempt(succeeded));
        JobId failed = running(EVA).job().id();
        fail(lastAttempt(failed), Failure.Kind.POLICY);
        JobId expired = submit(specs.draft(EVA).patience(Duration.ZERO)).id();
        run(new JobCommand.Expire(expired, List.of()));
        Seen before = seen();

        for (JobId ended : List.of(succeeded, failed, expired)) {
            assertThat(cancel(ended))
                    .isEqualTo(new CancelResult.AlreadyEnded(found(ended).job()));
        }
        assertThat(run(new JobCommand.Cancel(new JobId(ids.next()), "user:eva", List.of())))
                .isEqualTo(new CancelResult.NotFound());
        assertThat(seen()).isEqualTo(before);
    }

    @Test
    void expire_aJobThatWaitedTooLong_releases() {
        give(EVA, 10);
        JobId id = submit(specs.draft(EVA).patience(Duration.ofHours(1))).id();
        clock.advance(Duration.ofHours(1).minusMillis(1));
        Seen before = seen();

        assertThat(run(new JobCommand.Expire(id, List.of()))).isFalse();
        assertThat(seen()).isEqualTo(before);
        clock.advance(Duration.ofMillis(1));
        assertThat(run(new JobCommand.Expire(id, List.of()))).isTrue();

        assertThat(found(id).job().state()).isEqualTo(new JobState.Expired(now()));
        assertBalance(EVA, "10", "0");
        assertThat(run(new JobCommand.Expire(id, List.of()))).isFalse();
    }

    @Test
    void expire_aJobThatDoesNotWait_changesNothing() {
        give(EVA, 10);
        Claimed running =
                running(specs.draft(EVA).patience(Duration.ofSeconds(1)).build());
        clock.advance(Duration.ofDays(1));

        assertThat(run(new JobCommand.Expire(running.job().id(), List.of()))).isFalse();
        assertThat(run(new JobCommand.Expire(new JobId(ids.next()), List.of()))).isFalse();
        assertThat(kind(running.job().id())).isEqualTo(JobState.Kind.RUNNING);
    }

    @Test
    void promote_whatMayNotBe_changesNothing() {
        tier(ZOE, "relaxed");
        give(EVA, 100);
        JobId running = running(EVA).job().id();
        JobId relaxed = submit(specs.of(ZOE)).id();
        JobId promoted = submit(specs.of(EVA)).id();
        assertThat(run(new JobCommand.Promote(promoted))).isTrue();
        Seen before = seen();

        for (JobId id : List.of(running, relaxed, promoted, new JobId(ids.next()))) {
            assertThat(run(new JobCommand.Promote(id))).isFalse();
        }
        assertThat(seen()).isEqualTo(before);
        assertThat(found(promoted).job().promoted()).isTrue();
    }

    @Test
    void resolve_anUnknownAttemptAsDone_captures() {
        give(EVA, 10);
        Attempt attempt = running(specs.draft(EVA).targets(HOOK).build()).attempt();
        mark(attempt, Attempt.Phase.UNKNOWN);

        ResolveResult result = run(new JobCommand.Resolve(attempt.job(), true, "admin:eva", "seen on disk", owed(1)));

        JobRecord found = found(attempt.job());
        assertThat(result).isEqualTo(new ResolveResult.Resolved(found.job()));
        assertThat(found.job().state()).isEqualTo(new JobState.Succeeded(now(), false));
        assertThat(found.hold().captured()).isEqualTo(Amount.credits(10));
        assertThat(found.history().get(2).cause()).contains("admin:eva").contains("seen on disk");
        assertThat(taken(GPU_1)).isZero();
        assertThat(StoredDeliveries.of(store, Optional.empty(), 10)).hasSize(1);
        assertThat(succeed(attempt)).isEqualTo(new DriveResult.LeaseLost());
    }

    @Test
    void resolve_anUnknownAttemptAsFailed_releases() {
        give(EVA, 20);
        Attempt attempt = running(EVA).attempt();
        mark(attempt, Attempt.Phase.UNKNOWN);
        Attempt canceled = running(EVA).attempt();
        mark(canceled, Attempt.Phase.UNKNOWN);
        cancel(canceled.job());

        run(new JobCommand.Resolve(attempt.job(), false, "admin:eva", "server burnt", List.of()));
        run(new JobCommand.Resolve(canceled.job(), false, "admin:eva", "server burnt", List.of()));

        assertThat(kind(attempt.job())).isEqualTo(JobState.Kind.FAILED);
        assertThat(lastAttempt(attempt.job()).failure().orElseThrow().kind()).isEqualTo(Failure.Kind.OPERATOR);
        assertThat(kind(canceled.job())).isEqualTo(JobState.Kind.CANCELED);
        assertThat(taken(GPU_1)).isZero();
        assertBalance(EVA, "20", "0");
    }

    @Test
    void succeed_afterItWasResolvedAsFailed_deliversFreeOfCharge() throws Exception {
        give(EVA, 20);
        Attempt attempt = running(specs.draft(EVA).targets(HOOK).build()).attempt();
        mark(attempt, Attempt.Phase.STARTED);
        mark(attempt, Attempt.Phase.UNKNOWN);
        DeliveryId failure = owed(1).get(0);
        run(new JobCommand.Resolve(attempt.job(), false, "admin:eva", "server burnt", List.of(failure)));
        Attempt other = running(EVA).attempt(); // what the attempt had is somebody else's by now
        mark(other, Attempt.Phase.STARTED);
        Attempt before = lastAttempt(attempt.job());
        restart(); // and the job is long out of sight
        JobCommand.Succeed success = success(attempt, 2, 2);

        DriveResult result = run(success);

        JobRecord found = found(attempt.job());
        assertThat(result).isEqualTo(new DriveResult.Done(found.job()));
        assertThat(found.job().state()).isEqualTo(new JobState.Succeeded(now(), false));
        assertThat(found.outputs()).isEqualTo(success.outputs());
        assertThat(found.history())
                .extracting(Transition::to)
                .containsExactly(
                        JobState.Kind.QUEUED, JobState.Kind.RUNNING, JobState.Kind.FAILED, JobState.Kind.SUCCEEDED);
        assertThat(found.history().get(3).cause()).isEqualTo("delivered late, free of charge");
        assertThat(found.attempts()).containsExactly(before);
        assertThat(found.hold().state()).isEqualTo(Hold.State.RELEASED);
        assertThat(Receipt.of(found).line())
                .isEqualTo("held 10, charged 0, returned 10; delivered late, free of charge");
        assertBalance(EVA, "10", "10");
        Posting newest = store.history(EVA, Optional.empty(), 1).postings().get(0);
        assertThat(newest.kind()).isEqualTo(Posting.Kind.LATE);
        assertThat(newest.listPrice()).isEqualTo(Amount.credits(10));
        assertThat(newest.entries())
                .containsExactlyInAnyOrder(
                        Entry.system(Book.REVENUE, Amount.credits(10)),
                        Entry.system(Book.SUBSIDY, Amount.credits(-10)));
        assertThat(StoredDeliveries.of(store, Optional.empty(), 10))
                .extracting(Delivery::id, Delivery::event)
                .containsExactly(
                        tuple(success.deliveryIds().get(0), DeliveryEvent.SUCCEEDED),
                        tuple(failure, DeliveryEvent.FAILED));
        assertThat(taken(GPU_1)).isEqualTo(1);
        assertThat(succeed(other)).isInstanceOf(DriveResult.Done.class);
        assertThat(store.recentRuns(10)).hasSize(1);
    }

    @Test
    void succeed_inPartAfterItWasResolvedAsFailed_booksThatPart() {
        give(EVA, 10);
        Attempt attempt = running(EVA).attempt();
        mark(attempt, Attempt.Phase.UNKNOWN);
        run(new JobCommand.Resolve(attempt.job(), false, "admin:eva", "server burnt", List.of()));

        run(success(attempt, 1, 3));

        assertThat(found(attempt.job()).job().state()).isEqualTo(new JobState.Succeeded(now(), true));
        assertThat(found(attempt.job()).history().get(3).cause())
                .isEqualTo("delivered late, free of charge: 1 of 3 outputs");
        assertThat(store.history(EVA, Optional.empty(), 1).postings().get(0).listPrice())
                .isEqualTo(Amount.parse("3.33"));
    }

    @Test
    void succeed_afterAnEndThatIsFinal_changesNothing() {
        give(EVA, 60);
        Attempt late = running(EVA).attempt();
        mark(late, Attempt.Phase.UNKNOWN);
        run(new JobCommand.Resolve(late.job(), false, "admin:eva", "server burnt", List.of()));
        succeed(late); // once is enough
        Attempt done = running(EVA).attempt();
        mark(done, Attempt.Phase.UNKNOWN);
        run(new JobCommand.Resolve(done.job(), true, "admin:eva", "seen on disk", List.of()));
        Attempt canceled = running(EVA).attempt();
        mark(canceled, Attempt.Phase.UNKNOWN);
        cancel(canceled.job());
        run(new JobCommand.Resolve(canceled.job(), false, "admin:eva", "server burnt", List.of()));
        Attempt failed = running(EVA).attempt();
        run(failure(failed, Failure.Kind.POLICY));
        Seen before = seen();

        for (Attempt attempt : List.of(late, done, canceled, failed)) {
            assertThat(succeed(attempt)).isEqualTo(new DriveResult.LeaseLost());
        }
        assertThat(seen()).isEqualTo(before);
    }

    @Test
    void succeed_ofAnotherRightThanWasResolved_changesNothing() {
        give(EVA, 10);
        Attempt first = running(EVA).attempt();
        clock.advance(Duration.ofDays(1));
        Attempt attempt =
                run(new JobCommand.TakeOver(NODE_B, false, TTL)).get(0).attempt();
        mark(attempt, Attempt.Phase.UNKNOWN);
        run(new JobCommand.Resolve(attempt.job(), false, "admin:eva", "server burnt", List.of()));
        Seen before = seen();

        assertThat(succeed(first)).isEqualTo(new DriveResult.LeaseLost());
        assertThat(run(failure(attempt, Failure.Kind.BACKEND))).isEqualTo(new DriveResult.LeaseLost());
        assertThat(seen()).isEqualTo(before);
        assertThat(succeed(attempt)).isInstanceOf(DriveResult.Done.class);
    }

    @Test
    void fail_asIfAnOperatorHadDecided_makesNoSense() {
        give(EVA, 10);
        Attempt attempt = running(EVA).attempt();

        assertThatThrownBy(() -> failure(attempt, Failure.Kind.OPERATOR)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void resolve_whatIsNotUnknown_isRefused() {
        give(EVA, 30);
        JobId running = running(EVA).job().id();
        JobId waiting = submit(specs.of(EVA)).id();
        JobId nobodys = new JobId(ids.next());
        Seen before = seen();

        assertThat(run(new JobCommand.Resolve(nobodys, true, "admin:eva", "because", List.of())))
                .isEqualTo(new ResolveResult.Refused(new Refusal.UnknownJob(nobodys)));
        for (JobId id : List.of(running, waiting)) {
            ResolveResult result = run(new JobCommand.Resolve(id, true, "admin:eva", "because", List.of()));
            assertThat(((ResolveResult.Refused) result).refusal()).isInstanceOf(Refusal.InvalidState.class);
        }
        assertThat(seen()).isEqualTo(before);
    }

    // ---- slots, limits, switches

    @Test
    void provideSlots_moreOrFewer_keepsTheTakenOnes() {
        give(EVA, 100);
        for (int i = 0; i < 3; i++) {
            submit(specs.of(EVA));
        }
        assertThat(slots(GPU_1, 3)).extracting(Slot::index).containsExactlyInAnyOrder(0, 1, 2);
        List<Claimed> claimed = claim(3);

        List<Slot> shrunk = slots(GPU_1, 1);
        claimed.stream().filter(one -> one.attempt().slot() != 2).forEach(one -> succeed(one.attempt()));
        List<Slot> again = slots(GPU_1, 1);
        List<Slot> grown = slots(GPU_1, 4);

        assertThat(shrunk).hasSize(3);
        assertThat(again).extracting(Slot::index).containsExactlyInAnyOrder(0, 2);
        assertThat(grown).extracting(Slot::index).containsExactlyInAnyOrder(0, 1, 2, 3);
        assertThat(store.slots()).containsExactlyInAnyOrderElementsOf(grown);
        assertThat(slots(GPU_2, 0)).isEmpty();
    }

    @Test
    void claim_fromABackendThatHasFewerSlotsThanBefore_leavesTheOthersEmpty() {
        give(EVA, 100);
        slots(GPU_1, 2);
        for (int i = 0; i < 4; i++) {
            submit(specs.of(EVA));
        }
        List<Claimed> claimed = claim(2);
        slots(GPU_1, 1);
        claimed.forEach(one -> succeed(one.attempt()));

        List<Claimed> now = claim(IMAGE, 2, new Offer(GPU_1, JobSpecs.TYPE, Set.of(), 1, JobCommand.Load.NONE));

        assertThat(now).extracting(one -> one.attempt().slot()).containsExactly(0);
    }

    @Test
    void setLimit_lower_stopsNewClaimsAndLeavesRunningJobs() throws Exception {
        give(EVA, 100);
        slots(GPU_1, 10);
        for (int i = 0; i < 5; i++) {
            submit(specs.of(EVA));
        }
        List<Claimed> first = claim(3);

        ModelLimit lowered = run(new JobCommand.SetLimit(MODEL, OptionalInt.of(2), "admin:eva"));
        restart();

        assertThat(lowered).isEqualTo(new ModelLimit(MODEL, OptionalInt.of(2), 3));
        assertThat(store.models()).containsExactly(lowered);
        assertThat(store.running()).hasSize(3);
        assertThat(claim(5)).isEmpty();
        succeed(first.get(0).attempt());
        assertThat(claim(5)).isEmpty();
        succeed(first.get(1).attempt());
        assertThat(claim(5)).hasSize(1);
    }

    @Test
    void setLimit_toNothing_goesBackToTheConfiguredOne() {
        give(EVA, 100);
        slots(GPU_1, 10);
        for (int i = 0; i < 4; i++) {
            submit(specs.draft(EVA).model(TIGHT));
        }
        run(new JobCommand.SetLimit(TIGHT, OptionalInt.of(2), "admin:eva"));
        List<Claimed> raised = claim(5);
        run(new JobCommand.SetLimit(TIGHT, OptionalInt.empty(), "admin:eva"));
        succeed(raised.get(0).attempt());

        assertThat(raised).hasSize(2);
        assertThat(claim(5)).isEmpty();
        succeed(raised.get(1).attempt());
        assertThat(claim(5)).hasSize(1);
    }

    @Test
    void setLimit_outOfRange_changesNothing() {
        Seen before = seen();

        for (int limit : new int[] {0, -1, ModelLimit.MAX + 1}) {
            assertThatThrownBy(() -> run(new JobCommand.SetLimit(MODEL, OptionalInt.of(limit), "admin:eva")))
                    .isInstanceOf(IllegalArgumentException.class);
        }
        assertThat(seen()).isEqualTo(before);
    }

    @Test
    void switchQueue_keepsTheModeAndTheCountOfRelaxedJobs() throws Exception {
        tier(ZOE, "relaxed");
        JobId relaxed = running(ZOE).job().id();

        QueueSwitch paused = run(new JobCommand.SwitchQueue(IMAGE, QueueSwitch.Mode.PAUSED, "admin:eva"));
        restart();

        assertThat(paused).isEqualTo(new QueueSwitch(IMAGE, QueueSwitch.Mode.PAUSED, 1));
        assertThat(store.queues()).containsExactly(paused);
        succeed(lastAttempt(relaxed));
        assertThat(store.queues()).containsExactly(new QueueSwitch(IMAGE, QueueSwitch.Mode.PAUSED, 0));
    }

    // ---- deliveries

    @Test
    void end_ofAJobWithTargets_owesEachOneMessage() throws Exception {
        give(EVA, 100);
        Map<JobId, JobState.Kind> ends = new HashMap<>();
        Attempt succeeds = running(specs.draft(EVA).targets(HOOK, CHAT).build()).attempt();
        ends.put(succeeds.job(), done(succeed(succeeds)).kind());
        Attempt fails = running(specs.draft(EVA).targets(HOOK, CHAT).build()).attempt();
        ends.put(fails.job(), fail(fails, Failure.Kind.POLICY).kind());
        Attempt stopped = running(specs.draft(EVA).targets(HOOK, CHAT).build()).attempt();
        cancel(stopped.job());
        ends.put(stopped.job(), fail(stopped, Failure.Kind.BACKEND).kind());
        JobId canceled = submit(specs.draft(EVA).targets(HOOK, CHAT)).id();
        cancel(canceled);
        ends.put(canceled, JobState.Kind.CANCELED);
        JobId expired = submit(specs.draft(EVA).targets(HOOK, CHAT).patience(Duration.ZERO))
                .id();
        run(new JobCommand.Expire(expired, owed(2)));
        ends.put(expired, JobState.Kind.EXPIRED);
        Attempt retried = running(specs.draft(EVA).targets(HOOK, CHAT).build()).attempt();
        fail(retried, Failure.Kind.BACKEND);
        restart();

        List<Delivery> deliveries = StoredDeliveries.of(store, Optional.empty(), 100);

        assertThat(deliveries).hasSize(10).extracting(Delivery::id).doesNotHaveDuplicates();
        ends.forEach((job, end) -> assertThat(deliveries)
                .filteredOn(delivery -> delivery.job().equals(job))
                .allSatisfy(delivery -> assertThat(delivery)
                        .isEqualTo(new Delivery(
                                delivery.id(),
                                job,
                                delivery.target(),
                                DeliveryEvent.ofNumber(end.number()),
                                Delivery.State.PENDING,
                                0,
                                now(),
                                Optional.empty(),
                                now())))
                .extracting(Delivery::target)
                .containsExactlyInAnyOrder(HOOK, CHAT));
    }

    @Test
    void takeDeliveries_due_areLeftToTheCallerForAWhile() {
        Delivery first = owedOne();
        clock.advance(Duration.ofSeconds(1));
        Delivery second = owedOne();

        List<Delivery> one = run(new JobCommand.TakeDeliveries(1, Duration.ofSeconds(30)));
        List<Delivery> rest = run(new JobCommand.TakeDeliveries(10, Duration.ofSeconds(30)));

        assertThat(one).extracting(Delivery::id).containsExactly(first.id());
        assertThat(one.get(0).tries()).isEqualTo(1);
        assertThat(one.get(0).nextAt()).isEqualTo(now().plusSeconds(30));
        assertThat(rest).extracting(Delivery::id).containsExactly(second.id());
        assertThat(run(new JobCommand.TakeDeliveries(10, Duration.ofSeconds(30))))
                .isEmpty();
        assertThat(store.nextDelivery()).contains(now().plusSeconds(30));
        clock.advance(Duration.ofSeconds(30));
        assertThat(run(new JobCommand.TakeDeliveries(10, Duration.ofSeconds(30))))
                .extracting(Delivery::tries)
                .containsExactly(2, 2);
    }

    @Test
    void takeDeliveries_byManyThreads_givesEachToOne() throws Exception {
        for (int i = 0; i < 20; i++) {
            owedOne();
        }

        List<List<Delivery>> taken =
                race(thread -> () -> run(new JobCommand.TakeDeliveries(2, Duration.ofSeconds(30))));

        List<DeliveryId> all =
                taken.stream().flatMap(List::stream).map(Delivery::id).toList();
        assertThat(distinct(all)).hasSize(20);
    }

    @Test
    void reportDelivery_delivered_isDoneWithIt() {
        owedOne();
        Delivery taken = take();

        Optional<Delivery> after = report(taken, new DeliveryReport.Delivered());

        assertThat(after).map(Delivery::state).contains(Delivery.State.DELIVERED);
        assertThat(StoredDeliveries.of(store, Optional.of(Delivery.State.DELIVERED), 10))
                .containsExactly(after.orElseThrow());
        assertThat(StoredDeliveries.of(store, Optional.of(Delivery.State.PENDING), 10))
                .isEmpty();
        assertThat(store.nextDelivery()).isEmpty();
        clock.advance(Duration.ofDays(1));
        assertThat(run(new JobCommand.TakeDeliveries(10, Duration.ofSeconds(30))))
                .isEmpty();
    }

    @Test
    void reportDelivery_failed_isDueAgainLater() {
        owedOne();
        Delivery taken = take();

        Optional<Delivery> after =
                report(taken, new DeliveryReport.TryAgain("HTTP 503: „später“", Duration.ofMinutes(5)));

        assertThat(after).map(Delivery::state).contains(Delivery.State.PENDING);
        assertThat(after).flatMap(Delivery::lastError).contains("HTTP 503: „später“");
        assertThat(store.nextDelivery()).contains(now().plus(Duration.ofMinutes(5)));
        clock.advance(Duration.ofMinutes(5).minusMillis(1));
        assertThat(run(new JobCommand.TakeDeliveries(10, Duration.ofSeconds(30))))
                .isEmpty();
        clock.advance(Duration.ofMillis(1));
        assertThat(take().tries()).isEqualTo(2);
    }

    @Test
    void reportDelivery_givenUp_isDeadUntilItIsSentAgain() {
        owedOne();
        Delivery taken = take();

        Optional<Delivery> dead = report(taken, new DeliveryReport.GiveUp("HTTP 410"));

        assertThat(dead).map(Delivery::state).contains(Delivery.State.DEAD);
        assertThat(StoredDeliveries.of(store, Optional.of(Delivery.State.DEAD), 10))
                .containsExactly(dead.orElseThrow());
        clock.advance(Duration.ofDays(1));
        assertThat(run(new JobCommand.TakeDeliveries(10, Duration.ofSeconds(30))))
                .isEmpty();
        Optional<Delivery> again = run(new JobCommand.Redeliver(taken.id()));
        assertThat(again).map(Delivery::state).contains(Delivery.State.PENDING);
        assertThat(again).map(Delivery::lastError).contains(Optional.of("HTTP 410"));
        assertThat(store.nextDelivery()).contains(now());
        assertThat(take().id()).isEqualTo(taken.id());
    }

    @Test
    void reportDelivery_ofAnOlderTry_changesNothing() {
        owedOne();
        Delivery first = take();
        clock.advance(Duration.ofSeconds(30));
        Delivery second = take();
        Seen before = seen();

        assertThat(report(first, new DeliveryReport.GiveUp("too late"))).isEmpty();
        assertThat(run(new JobCommand.ReportDelivery(new DeliveryId(ids.next()), 1, new DeliveryReport.Delivered())))
                .isEmpty();
        assertThat(seen()).isEqualTo(before);
        assertThat(report(second, new DeliveryReport.Delivered())).isPresent();
        assertThat(report(second, new DeliveryReport.GiveUp("too late"))).isEmpty();
        assertThat(StoredDeliveries.of(store, Optional.of(Delivery.State.DELIVERED), 10))
                .hasSize(1);
    }

    @Test
    void reportDelivery_ofATryBeforeItWasSentAgain_changesNothing() {
        owedOne();
        Delivery first = take();
        run(new JobCommand.Redeliver(first.id()));
        Delivery second = take();

        Optional<Delivery> late = report(first, new DeliveryReport.GiveUp("too late"));

        assertThat(second.id()).isEqualTo(first.id());
        assertThat(late).isEmpty();
        assertThat(report(second, new DeliveryReport.Delivered())).isPresent();
    }

    @Test
    void redeliver_aDeliveredOne_isDueAtOnce() {
        owedOne();
        Delivery taken = take();
        report(taken, new DeliveryReport.Delivered());

        run(new JobCommand.Redeliver(taken.id()));

        assertThat(take().id()).isEqualTo(taken.id());
        assertThat(run(new JobCommand.Redeliver(new DeliveryId(ids.next())))).isEmpty();
    }

    @Test
    void deliveries_moreThanTheLimit_areTheNewest() {
        List<DeliveryId> owed = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            owed.add(owedOne().id());
            clock.advance(Duration.ofSeconds(1));
        }
        take();

        assertThat(StoredDeliveries.of(store, Optional.empty(), 3))
                .extracting(Delivery::id)
                .containsExactly(owed.get(3), owed.get(2), owed.get(1));
    }

    private Delivery owedOne() {
        give(EVA, 10);
        JobId id = submit(specs.draft(EVA).targets(HOOK)).id();
        List<DeliveryId> owed = owed(1);
        run(new JobCommand.Cancel(id, "user:eva", owed));
        return StoredDeliveries.of(store, Optional.empty(), 1000).stream()
                .filter(delivery -> delivery.id().equals(owed.get(0)))
                .findFirst()
                .orElseThrow();
    }

    private Delivery take() {
        List<Delivery> taken = run(new JobCommand.TakeDeliveries(1, Duration.ofSeconds(30)));
        assertThat(taken).hasSize(1);
        return taken.get(0);
    }

    private Optional<Delivery> report(Delivery delivery, DeliveryReport report) {
        return run(new JobCommand.ReportDelivery(delivery.id(), delivery.tries(), report));
    }

    // ---- the commit listener

    @Test
    void onCommit_commandsThatChangeSomething_areHeardInOrderBeforeTheirAnswers() {
        give(EVA, 10);
        slots(GPU_1, 1);
        List<JobChanges> heard = Collections.synchronizedList(new ArrayList<>());
        AtomicReference<Integer> heardAtAnswer = new AtomicReference<>();
        store.onCommit(heard::addAll);
        JobSpec spec = specs.draft(EVA).targets(HOOK).build();

        answer(
                store.execute(submission(spec))
                        .thenAccept(result -> heardAtAnswer.set(heard.size()))
                        .toCompletableFuture(),
                "submit");
        Attempt attempt = claim(1).get(0).attempt();
        mark(attempt, Attempt.Phase.STARTED);
        succeed(attempt);

        assertThat(heardAtAnswer).hasValue(1);
        assertThat(heard).hasSize(4);
        assertThat(heard)
                .flatExtracting(JobChanges::moves)
                .extracting(move -> move.after().kind())
                .containsExactly(JobState.Kind.QUEUED, JobState.Kind.RUNNING, JobState.Kind.SUCCEEDED);
        assertThat(heard.get(0).moves().get(0).before()).isEmpty();
        assertThat(heard.get(1).attempts()).containsExactly(attempt);
        assertThat(heard.get(1).slots()).containsExactly(new Slot(GPU_1, attempt.slot(), Optional.of(attempt.job())));
        assertThat(heard.get(2).attempts()).extracting(Attempt::phase).containsExactly(Attempt.Phase.STARTED);
        assertThat(heard.get(3).slots()).containsExactly(new Slot(GPU_1, attempt.slot(), Optional.empty()));
        assertThat(heard.get(3).deliveries()).hasSize(1);
        assertThat(heard.get(3).moves().get(0).before())
                .contains(heard.get(1).moves().get(0).after());
        assertThat(heard.get(3).moves().get(0).after())
                .isEqualTo(found(spec.id()).job());
    }

    @Test
    void onCommit_commandsThatChangeNothing_areNotHeard() {
        give(EVA, 10);
        Claimed running = running(EVA);
        JobId id = running.job().id();
        mark(running.attempt(), Attempt.Phase.STARTED);
        List<JobChanges> heard = Collections.synchronizedList(new ArrayList<>());
        store.onCommit(heard::addAll);

        run(submission(specs.of(EVA)));
        claim(1);
        mark(running.attempt(), Attempt.Phase.SUBMITTED);
        run(new JobCommand.Expire(id, List.of()));
        run(new JobCommand.Promote(id));
        run(new JobCommand.TakeOver(NODE_B, false, TTL));
        run(new JobCommand.TakeDeliveries(5, Duration.ofSeconds(1)));
        run(new JobCommand.Resolve(id, true, "admin:eva", "because", List.of()));
        assertThatThrownBy(() -> mark(running.attempt(), Attempt.Phase.ENDED))
                .isInstanceOf(IllegalArgumentException.class);

        assertThat(heard).isEmpty();
    }

    @Test
    void onCommit_afterItWasStopped_hearsNothingMore() {
        List<List<JobChanges>> heard = Collections.synchronizedList(new ArrayList<>());
        List<List<JobChanges>> others = Collections.synchronizedList(new ArrayList<>());
        Runnable stop = store.onCommit(heard::add);
        store.onCommit(others::add);
        give(EVA, 20);
        submit(specs.of(EVA));

        stop.run();
        stop.run();
        submit(specs.of(EVA));

        assertThat(heard).hasSize(1);
        assertThat(others).hasSize(2);
    }

    @Test
    void onCommit_listenersThatExecuteCommands_allHearInTheOrderOfCommits() {
        give(EVA, 10);
        List<String> first = Collections.synchronizedList(new ArrayList<>());
        List<String> second = Collections.synchronizedList(new ArrayList<>());
        List<CompletionStage<Boolean>> nested = Collections.synchronizedList(new ArrayList<>());
        store.onCommit(changes -> changes.forEach(change -> {
            change.moves().forEach(move -> {
                first.add(move.after().kind().word() + move.after().promoted());
                if (move.before().isEmpty()) {
                    nested.add(store.execute(new JobCommand.Promote(move.after().id())));
                }
            });
        }));
        store.onCommit(changes -> changes.forEach(change -> change.moves()
                .forEach(move ->
                        second.add(move.after().kind().word() + move.after().promoted()))));

        JobId id = submit(specs.of(EVA)).id();
        assertThat(answer(nested.get(0).toCompletableFuture(), "the nested command"))
                .isTrue();

        assertThat(found(id).job().promoted()).isTrue();
        assertThat(first).containsExactly("queuedfalse", "queuedtrue");
        assertThat(second).containsExactly("queuedfalse", "queuedtrue");
    }

    // ---- reads

    @Test
    void find_whatIsNotThere_isEmpty() {
        assertThat(store.find(new JobId(ids.next()))).isEmpty();
        assertThat(store.list(JobFilter.ALL, Optional.empty(), 10)).isEmpty();
        assertThat(store.running()).isEmpty();
        assertThat(store.models()).isEmpty();
        assertThat(store.queues()).isEmpty();
        assertThat(store.slots()).isEmpty();
        assertThat(StoredDeliveries.of(store, Optional.empty(), 10)).isEmpty();
        assertThat(store.nextDelivery()).isEmpty();
        assertThat(store.recentRuns(10)).isEmpty();
        assertThat(store.events(Optional.empty(), 10)).isEmpty();
        assertThat(live()).isEmpty();
    }

    @Test
    void list_withFilters_givesWhatTheyAccept() {
        give(EVA, 500);
        give(ADAM, 500);
        BatchId batch = new BatchId(ids.next());
        Instant start = now();
        submit(specs.draft(EVA).batch(batch).tags("red", "blue"));
        clock.advance(Duration.ofSeconds(10));
        submit(specs.draft(EVA).workflow("portrait").model(TIGHT).tags("bluegreen"));
        clock.advance(Duration.ofSeconds(10));
        submit(specs.draft(ADAM).batch(batch).tags("blue"));
        cancel(submit(specs.draft(ADAM).workflow("portrait").queue(FAIR)).id());
        Attempt done = running(specs.draft(EVA).priority(9).build()).attempt();
        succeed(done);

        Optional<UserId> eva = Optional.of(EVA);
        Optional<WorkflowName> portrait = Optional.of(new WorkflowName("portrait"));
        Optional<Instant> none = Optional.empty();
        List<JobFilter> filters = List.of(
                JobFilter.ALL,
                JobFilter.of(EVA),
                JobFilter.of(ZOE),
                JobFilter.ALL.with(Set.of(JobState.Kind.QUEUED, JobState.Kind.SUCCEEDED)),
                JobFilter.of(ADAM).with(Set.of(JobState.Kind.CANCELED)),
                JobFilter.ALL.with(new WorkflowName("portrait")),
                JobFilter.of(ADAM).with(batch),
                filter(eva, portrait, Optional.of(TIGHT), Optional.empty(), none, none),
                filter(Optional.empty(), Optional.empty(), Optional.empty(), Optional.of("blue"), none, none),
                filter(eva, Optional.empty(), Optional.empty(), Optional.of("green"), none, none),
                filter(
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.of(start.plusSeconds(10)),
                        Optional.of(start.plusSeconds(20))));
        List<JobRecord> all = store.list(JobFilter.ALL, Optional.empty(), 100);

        assertThat(all)
                .hasSize(5)
                .isSortedAccordingTo(
                        (a, b) -> Long.compare(b.job().seq(), a.job().seq()));
        for (JobFilter filter : filters) {
            assertThat(store.list(filter, Optional.empty(), 100))
                    .as(filter.toString())
                    .isEqualTo(all.stream()
                            .filter(found -> filter.accepts(found.job()))
                            .toList());
        }
        assertThat(filters.stream()
                        .map(filter -> store.list(filter, Optional.empty(), 100).size()))
                .containsExactly(5, 3, 0, 4, 1, 2, 1, 1, 2, 0, 1);
    }

    @Test
    void list_withoutClearedJobs_leavesOutTheEndedAndWhatIsBefore() {
        give(EVA, 500);
        give(ADAM, 500);
        JobId old = submit(specs.of(EVA)).id();
        JobId ended = submit(specs.of(ADAM)).id();
        JobId live = submit(specs.of(EVA)).id();
        cancel(old);
        cancel(ended);
        Instant then = now();
        clock.advance(Duration.ofMillis(1));
        JobId later = submit(specs.of(EVA)).id();
        cancel(later);
        long before = found(ended).job().seq();
        JobFilter cleared = JobFilter.ALL.without(Optional.of(new ClearedJobs(then, before)));
        JobFilter onlyBefore = JobFilter.ALL.without(Optional.of(new ClearedJobs(Instant.EPOCH, before)));

        assertThat(listed(cleared)).containsExactly(later, live);
        assertThat(listed(cleared.with(EVA))).containsExactly(later, live);
        assertThat(listed(cleared.with(ADAM))).isEmpty();
        assertThat(listed(cleared.with(Set.of(JobState.Kind.CANCELED)))).containsExactly(later);
        assertThat(listed(onlyBefore)).containsExactly(later, live, ended);
        assertThat(listed(onlyBefore.with(EVA))).containsExactly(later, live);
    }

    private List<JobId> listed(JobFilter filter) {
        return store.list(filter, Optional.empty(), 100).stream()
                .map(record -> record.job().id())
                .toList();
    }

    private static JobFilter filter(
            Optional<UserId> user,
            Optional<WorkflowName> workflow,
            Optional<ModelName> model,
            Optional<String> tag,
            Optional<Instant> from,
            Optional<Instant> to) {
        return new JobFilter(user, Set.of(), workflow, model, Optional.empty(), tag, from, to, Optional.empty());
    }

    @Test
    void list_inPages_missesNoneAndRepeatsNone() {
        give(EVA, 500);
        give(ADAM, 500);
        for (int i = 0; i < 14; i++) {
            submit(specs.of(i % 2 == 0 ? EVA : ADAM));
        }

        List<JobId> seen = new ArrayList<>();
        Optional<Long> before = Optional.empty();
        List<JobRecord> page;
        do {
            page = store.list(JobFilter.of(EVA), before, 3);
            page.forEach(found -> seen.add(found.job().id()));
            before = page.isEmpty()
                    ? before
                    : Optional.of(page.get(page.size() - 1).job().seq());
            submit(specs.of(EVA));
        } while (!page.isEmpty() && seen.size() < 50);

        assertThat(distinct(seen)).hasSize(7);
    }

    @Test
    void forEachLive_someEnded_showsTheOthersOldestFirst() {
        give(EVA, 500);
        slots(GPU_1, 3);
        List<JobId> submitted =
                Stream.generate(() -> submit(specs.of(EVA)).id()).limit(5).toList();
        cancel(submitted.get(3));
        succeed(claim(1).get(0).attempt());
        claim(1);
        claim(1);
        cancel(submitted.get(2));

        assertThat(live()).containsExactly(submitted.get(1), submitted.get(2), submitted.get(4));
    }

    @Test
    void forEachWaiting_allSortsOfJobs_showsThoseThatWaitAsTheirLineKnowsThem() throws Exception {
        give(EVA, 500);
        slots(GPU_1, 3);
        Attempt again = running(EVA).attempt();
        mark(again, Attempt.Phase.STARTED);
        fail(again, Failure.Kind.OUT_OF_MEMORY); // waits for its backoff
        succeed(running(EVA).attempt());
        JobId runs = running(EVA).job().id();
        JobId promoted = submit(specs.of(EVA)).id();
        submit(specs.draft(EVA).priority(3).build());
        submit(specs.draft(EVA).model(TIGHT).build());
        cancel(submit(specs.of(EVA)).id());
        run(new JobCommand.Promote(promoted));
        restart();

        List<WaitingJob> waiting = new ArrayList<>();
        store.forEachWaiting(waiting::add);

        List<WaitingJob> expected = new ArrayList<>();
        store.forEachLive(job -> {
            if (job.kind() == JobState.Kind.QUEUED) {
                expected.add(WaitingJob.of(job));
            }
        });
        assertThat(expected).hasSize(4);
        assertThat(waiting).containsExactlyInAnyOrderElementsOf(expected);
        assertThat(waiting)
                .anySatisfy(job -> assertThat(job.readyAt()).isAfter(job.createdAt()))
                .anySatisfy(job -> assertThat(job.key().isPromoted()).isTrue())
                .noneSatisfy(job -> assertThat(job.id()).isEqualTo(runs));
        assertThat(store.list(JobFilter.ACTIVE, Optional.empty(), 10))
                .extracting(found -> found.job().id())
                .containsExactly(runs);
    }

    @Test
    void recentRuns_manyEnded_areTheLatestToEnd() throws Exception {
        give(EVA, 500);
        Attempt slow = running(specs.draft(EVA).workflow("slow").build()).attempt();
        mark(slow, Attempt.Phase.STARTED);
        clock.advance(Duration.ofSeconds(5));
        Attempt quick =
                running(specs.draft(EVA).workflow("quick").model(TIGHT).build()).attempt();
        mark(quick, Attempt.Phase.STARTED);
        clock.advance(Duration.ofSeconds(3));
        succeed(quick);
        clock.advance(Duration.ofSeconds(2));
        succeed(slow);
        Attempt failed = running(specs.draft(EVA).workflow("failed").build()).attempt();
        mark(failed, Attempt.Phase.STARTED);
        fail(failed, Failure.Kind.POLICY);
        Attempt partial = running(specs.draft(EVA).workflow("partial").build()).attempt();
        mark(partial, Attempt.Phase.STARTED);
        clock.advance(Duration.ofSeconds(1));
        run(failure(partial, Failure.Kind.POLICY, 1, 2, RETRY));
        Attempt byHand = running(specs.draft(EVA).workflow("by-hand").build()).attempt();
        mark(byHand, Attempt.Phase.STARTED);
        mark(byHand, Attempt.Phase.UNKNOWN);
        clock.advance(Duration.ofDays(2));
        run(new JobCommand.Resolve(byHand.job(), true, "admin:eva", "seen on disk", List.of()));
        restart();

        JobStore.RunTime ofSlow = new JobStore.RunTime(new WorkflowName("slow"), IMAGE, MODEL, Duration.ofSeconds(10));
        JobStore.RunTime ofQuick = new JobStore.RunTime(new WorkflowName("quick"), IMAGE, TIGHT, Duration.ofSeconds(3));
        assertThat(store.recentRuns(10)).containsExactly(ofSlow, ofQuick);
        assertThat(store.recentRuns(1)).containsExactly(ofSlow);
    }

    @Test
    void keep_events_areThereNewestFirst() throws Exception {
        JobId job = new JobId(ids.next());
        StoredEvent refused = new StoredEvent(now(), "refused", Optional.of(EVA), Optional.empty(), "queue_full 🌅");
        StoredEvent other = new StoredEvent(now(), "operator", Optional.empty(), Optional.of(job), "paused 'image'");
        StoredEvent later = new StoredEvent(now().plusSeconds(1), "refused", Optional.of(EVA), Optional.of(job), "");

        answer(store.keep(List.of(refused, other)).toCompletableFuture(), "keep");
        answer(store.keep(List.of(later)).toCompletableFuture(), "keep");
        restart();

        assertThat(store.events(Optional.empty(), 10)).containsExactly(later, other, refused);
        assertThat(store.events(Optional.of(EVA), 10)).containsExactly(later, refused);
        assertThat(store.events(Optional.of(EVA), 1)).containsExactly(later);
        assertThat(store.events(Optional.of(ADAM), 10)).isEmpty();
    }

    @Test
    void prune_oldRows_dropsThemAndNoOthers() {
        give(EVA, 100);
        Instant start = now();
        StoredEvent old = new StoredEvent(start, "refused", Optional.of(EVA), Optional.empty(), "old");
        StoredEvent young = new StoredEvent(start.plusSeconds(10), "refused", Optional.of(EVA), Optional.empty(), "");
        answer(store.keep(List.of(old, young)).toCompletableFuture(), "keep");
        run(submission("old", "hash", specs.of(EVA)));
        clock.advance(Duration.ofSeconds(10));
        run(submission("young", "hash", specs.of(EVA)));

        int rows =
                answer(store.prune(start.plusSeconds(10), start.plusSeconds(10)).toCompletableFuture(), "prune");

        assertThat(rows).isEqualTo(2);
        assertThat(store.events(Optional.empty(), 10)).containsExactly(young);
        assertThat(accepted(run(submission("young", "hash", specs.of(EVA)))).replayed())
                .isTrue();
        assertThat(accepted(run(submission("old", "other", specs.of(EVA)))).replayed())
                .isFalse();
        assertThat(live()).hasSize(3);
    }

    // ---- restarts

    @Test
    void restart_atAnyPoint_losesNothing() throws Exception {
        tier(ZOE, "relaxed");
        give(EVA, 500);
        slots(GPU_1, 4);
        QueuedJob waiting = submit(specs.draft(EVA).priority(-1).targets(HOOK));
        JobId promoted = submit(specs.draft(EVA).priority(-2)).id();
        run(new JobCommand.Promote(promoted));
        Attempt attempt = claim(1).get(0).attempt();
        mark(attempt, Attempt.Phase.STARTED);
        submit(specs.of(ZOE));
        claim(2);
        cancel(waiting.id());
        run(new JobCommand.SetLimit(MODEL, OptionalInt.of(7), "admin:eva"));
        run(new JobCommand.SwitchQueue(FAIR, QueueSwitch.Mode.PAUSED, "admin:eva"));
        Seen before = seen();

        restart();

        assertThat(seen()).isEqualTo(before);
        QueuedJob next = submit(specs.of(EVA));
        assertThat(before.jobs())
                .allSatisfy(found -> assertThat(found.job().seq()).isLessThan(next.seq()));
        assertThat(done(succeed(attempt)).kind()).isEqualTo(JobState.Kind.SUCCEEDED);
        assertThat(claimOrder(IMAGE)).containsExactly(next.id());
    }

    @Test
    void execute_afterTheClockWentBack_goesOnAtTheLatestTime() {
        give(EVA, 20);
        Instant latest = now();
        clock.advance(Duration.ofSeconds(-90));

        QueuedJob job = submit(specs.of(EVA));

        assertThat(job.state()).isEqualTo(new JobState.Queued(latest, Optional.empty()));
        assertThat(claim(1)).isEmpty();
        slots(GPU_1, 1);
        assertThat(claim(1)).extracting(one -> one.job().id()).containsExactly(job.id());
        assertThat(lastAttempt(job.id()).claimedAt()).isEqualTo(latest);
    }

    // ---- races

    @Test
    void succeedFailAndCancel_ofOneJobAtOnce_endItOnce() throws Exception {
        give(EVA, 1000);
        for (int round = 0; round < 5; round++) {
            Attempt attempt = running(specs.draft(EVA).targets(HOOK).build()).attempt();
            JobCommand.Succeed success = success(attempt, 1, 1);
            JobCommand.Fail failure = failure(attempt, Failure.Kind.POLICY);

            List<Object> results = race(thread -> () -> switch (thread % 3) {
                case 0 -> run(success);
                case 1 -> run(failure);
                default -> run(new JobCommand.Cancel(attempt.job(), "user:eva", owed(1)));
            });

            assertThat(results).filteredOn(DriveResult.Done.class::isInstance).hasSize(1);
            assertThat(kind(attempt.job()).isTerminal()).isTrue();
            assertThat(StoredDeliveries.of(store, Optional.empty(), 100))
                    .filteredOn(delivery -> delivery.job().equals(attempt.job()))
                    .hasSize(1);
        }
    }
}
