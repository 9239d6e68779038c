package io.tollgate.queue.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.credits.account.UserId;
import io.tollgate.credits.ledger.LedgerStore;
import io.tollgate.queue.job.JobCommand.DeliveryReport;
import io.tollgate.queue.test.StoredDeliveries;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * What every {@link JobStore} must do with messages that come one after the other, and with the log of the tries at
 * them. Extend it, give it an empty store, and add nothing else.
 */
public abstract class OutboxContract<S extends JobStore & LedgerStore> extends JobStoreHarness<S> {
    private static final Duration IN_HAND = Duration.ofSeconds(30);
    private static final DeliveryTarget ALL =
            new DeliveryTarget("webhook", "https://shop.example/all", EnumSet.allOf(DeliveryEvent.class));

    private List<Delivery> take() {
        return run(new JobCommand.TakeDeliveries(100, IN_HAND));
    }

    /** Takes what is due, which is this. */
    private Delivery take(DeliveryEvent event) {
        List<Delivery> taken = take();
        assertThat(taken).extracting(Delivery::event).containsExactly(event);
        return taken.get(0);
    }

    private void report(Delivery delivery, DeliveryReport report) {
        assertThat(run(new JobCommand.ReportDelivery(delivery.id(), delivery.tries(), report)))
                .isPresent();
    }

    private void delivered(Delivery delivery) {
        report(delivery, new DeliveryReport.Delivered());
    }

    private void failed(Delivery delivery, Duration wait) {
        report(delivery, new DeliveryReport.TryAgain("HTTP 503", wait));
    }

    private Delivery.State state(Delivery delivery) {
        return store.delivery(delivery.id()).orElseThrow().delivery().state();
    }

    private Attempt runningFor(DeliveryTarget... targets) {
        give(EVA, 100);
        return running(specs.draft(EVA).targets(targets).build()).attempt();
    }

    /** What would be sent if everything went well, until nothing is due any more. */
    private List<DeliveryEvent> sent() {
        List<DeliveryEvent> sent = new ArrayList<>();
        for (List<Delivery> taken = take(); !taken.isEmpty(); taken = take()) {
            taken.forEach(delivery -> {
                sent.add(delivery.event());
                delivered(delivery);
            });
        }
        return sent;
    }

    // ---- events before the end

    @Test
    void submit_withATargetThatAsked_owesItAMessageAtOnce() throws Exception {
        give(EVA, 100);

        JobId job = submit(specs.draft(EVA).targets(HOOK, ALL)).id();

        restart();
        assertThat(StoredDeliveries.of(store, Optional.empty(), 10))
                .containsExactly(new Delivery(
                        DeliveryId.of(job, DeliveryEvent.QUEUED, 0, 1),
                        job,
                        new DeliveryTarget(ALL.channel(), ALL.address()),
                        DeliveryEvent.QUEUED,
                        Delivery.State.PENDING,
                        0,
                        now(),
                        Optional.empty(),
                        now()));
    }

    @Test
    void aJobsStory_isToldInItsOrder_oneAfterTheOther() throws Exception {
        Attempt attempt = runningFor(ALL);
        succeed(attempt);
        restart();

        assertThat(StoredDeliveries.of(store, Optional.empty(), 10))
                .extracting(Delivery::state)
                .containsExactly(
                        Delivery.State.WAITING, Delivery.State.WAITING, Delivery.State.WAITING, Delivery.State.PENDING);
        Delivery queued = take(DeliveryEvent.QUEUED);
        assertThat(take()).isEmpty();
        delivered(queued);
        Delivery started = take(DeliveryEvent.STARTED);
        clock.advance(Duration.ofSeconds(1));
        assertThat(take()).isEmpty();
        restart();
        delivered(started);
        assertThat(sent()).containsExactly(DeliveryEvent.OUTPUT, DeliveryEvent.SUCCEEDED);
    }

    @Test
    void aTarget_thatAskedForSome_isToldOfNoOthers() {
        DeliveryTarget some = new DeliveryTarget(
                "webhook", "https://shop.example/some", Set.of(DeliveryEvent.STARTED, DeliveryEvent.FAILED));

        fail(runningFor(some), Failure.Kind.POLICY);
        succeed(runningFor(some));

        assertThat(sent())
                .containsExactlyInAnyOrder(DeliveryEvent.STARTED, DeliveryEvent.STARTED, DeliveryEvent.FAILED);
    }

    @Test
    void retry_startsAgain_isToldAgain() {
        Attempt first = runningFor(ALL);
        fail(first, Failure.Kind.BACKEND);
        clock.advance(Duration.ofMinutes(1));
        Attempt second = claim(1).get(0).attempt();
        fail(second, Failure.Kind.POLICY);

        assertThat(StoredDeliveries.of(store, Optional.empty(), 10))
                .extracting(Delivery::id)
                .doesNotHaveDuplicates();
        assertThat(sent())
                .containsExactly(
                        DeliveryEvent.QUEUED, DeliveryEvent.STARTED, DeliveryEvent.STARTED, DeliveryEvent.FAILED);
    }

    @Test
    void fail_withSomeOutputsOfTheLastAttempt_tellsOfThem() {
        Attempt attempt = runningFor(ALL);

        run(failure(
                attempt, Failure.Kind.BACKEND, 1, 2, new RetryPolicy(1, Duration.ofSeconds(1), Duration.ofSeconds(1))));

        assertThat(sent())
                .containsExactly(
                        DeliveryEvent.QUEUED, DeliveryEvent.STARTED, DeliveryEvent.OUTPUT, DeliveryEvent.SUCCEEDED);
    }

    @Test
    void jobsAndTargets_areNotBehindOneAnother() {
        DeliveryTarget other = new DeliveryTarget("webhook", "https://shop.example/other", ALL.events());

        runningFor(ALL, other);
        runningFor(ALL);

        assertThat(take())
                .extracting(Delivery::event)
                .containsExactly(DeliveryEvent.QUEUED, DeliveryEvent.QUEUED, DeliveryEvent.QUEUED);
    }

    // ---- when something before doesn't get there

    @Test
    void start_behindSomethingThatFails_waitsForItsNextTry() {
        runningFor(ALL);
        failed(take(DeliveryEvent.QUEUED), Duration.ofHours(1));

        clock.advance(Duration.ofMinutes(59));
        assertThat(take()).isEmpty();

        clock.advance(Duration.ofMinutes(1));
        delivered(take(DeliveryEvent.QUEUED));
        take(DeliveryEvent.STARTED);
    }

    @Test
    void start_behindSomethingForMoreThanADay_goesOnWaiting() {
        runningFor(ALL);
        failed(take(DeliveryEvent.QUEUED), Duration.ofDays(3));

        clock.advance(Duration.ofDays(1));

        assertThat(take()).isEmpty();
        assertThat(store.nextDelivery()).contains(now().plus(Duration.ofDays(1)));
    }

    @Test
    void givenUp_beforeOthers_releasesThem() {
        runningFor(ALL);

        report(take(DeliveryEvent.QUEUED), new DeliveryReport.GiveUp("HTTP 410"));

        take(DeliveryEvent.STARTED);
    }

    @Test
    void end_behindSomethingThatFails_goesBeforeItAfterAMinute() {
        Attempt attempt = runningFor(ALL);
        Delivery queued = take(DeliveryEvent.QUEUED);
        failed(queued, Duration.ofHours(1));
        succeed(attempt);

        assertThat(store.nextDelivery()).contains(now().plus(Duration.ofMinutes(1)));
        clock.advance(Duration.ofMinutes(1).minusMillis(1));
        assertThat(take()).isEmpty();
        clock.advance(Duration.ofMillis(1));
        Delivery end = take(DeliveryEvent.SUCCEEDED);

        assertThat(StoredDeliveries.of(store, Optional.of(Delivery.State.DEAD), 10))
                .extracting(Delivery::event)
                .containsExactly(DeliveryEvent.OUTPUT, DeliveryEvent.STARTED, DeliveryEvent.QUEUED);
        assertThat(store.delivery(queued.id()).orElseThrow().delivery().lastError())
                .contains("job.succeeded went before it");
        assertThat(state(end)).isEqualTo(Delivery.State.PENDING);
        delivered(end);
        clock.advance(Duration.ofDays(2));
        assertThat(take()).isEmpty();
    }

    @Test
    void end_behindSomethingNobodyTriedYet_waitsForItsFirstTry() {
        Attempt attempt = runningFor(ALL);
        busy(take(DeliveryEvent.QUEUED), Duration.ofMinutes(5));
        succeed(attempt);

        clock.advance(Duration.ofMinutes(4));
        assertThat(take()).isEmpty();
        clock.advance(Duration.ofMinutes(1));

        assertThat(sent())
                .containsExactly(
                        DeliveryEvent.QUEUED, DeliveryEvent.STARTED, DeliveryEvent.OUTPUT, DeliveryEvent.SUCCEEDED);
    }

    @Test
    void end_behindSomethingNobodyTriesAtAll_goesBeforeItAfterTenMinutes() {
        Attempt attempt = runningFor(ALL);
        Delivery queued = take(DeliveryEvent.QUEUED);
        busy(queued, Duration.ofHours(1));
        clock.advance(Duration.ofSeconds(20));
        succeed(attempt);
        clock.advance(Duration.ofSeconds(90));
        assertThat(take()).isEmpty();

        clock.advance(Duration.ofMinutes(10).minusSeconds(90).minusMillis(1));
        assertThat(take()).isEmpty();
        assertThat(store.nextDelivery()).contains(now().plusMillis(1));
        clock.advance(Duration.ofMillis(1));

        take(DeliveryEvent.SUCCEEDED);
        assertThat(state(queued)).isEqualTo(Delivery.State.DEAD);
    }

    private void busy(Delivery taken, Duration wait) {
        report(taken, new DeliveryReport.PutBack(wait));
    }

    @Test
    void givenUpForAnEnd_whileItsTryIsOut_isDeliveredIfThatArrives() throws Exception {
        Attempt attempt = runningFor(ALL);
        failed(take(DeliveryEvent.QUEUED), Duration.ofSeconds(55));
        succeed(attempt);
        clock.advance(Duration.ofSeconds(55));
        Delivery queued = take(DeliveryEvent.QUEUED);
        clock.advance(Duration.ofSeconds(5));
        Delivery end = take(DeliveryEvent.SUCCEEDED);
        assertThat(state(queued)).isEqualTo(Delivery.State.DEAD);

        assertThat(run(new JobCommand.ReportDelivery(
                        queued.id(), queued.tries(), new DeliveryReport.TryAgain("HTTP 503", Duration.ZERO))))
                .isEmpty();
        assertThat(run(new JobCommand.ReportDelivery(queued.id(), queued.tries() - 1, new DeliveryReport.Delivered())))
                .isEmpty();
        assertThat(state(queued)).isEqualTo(Delivery.State.DEAD);
        delivered(queued);
        restart();

        Delivery now = store.delivery(queued.id()).orElseThrow().delivery();
        assertThat(now.state()).isEqualTo(Delivery.State.DELIVERED);
        assertThat(now.lastError()).isEmpty();
        assertThat(state(end)).isEqualTo(Delivery.State.PENDING);
    }

    @Test
    void end_whoseMinuteIsOverWhenSomethingBeforeIsDueToo_goesAlone() {
        Attempt attempt = runningFor(ALL);
        failed(take(DeliveryEvent.QUEUED), Duration.ofSeconds(30));
        succeed(attempt);

        clock.advance(Duration.ofHours(1));

        take(DeliveryEvent.SUCCEEDED);
    }

    @Test
    void success_afterAFailureThatIsStillOwed_waitsForIt() {
        Attempt attempt = runningFor(HOOK);
        mark(attempt, Attempt.Phase.UNKNOWN);
        run(new JobCommand.Resolve(attempt.job(), false, "admin:eva", "server burnt", owed(1)));
        failed(take(DeliveryEvent.FAILED), Duration.ofMinutes(10));
        succeed(attempt);

        clock.advance(Duration.ofMinutes(9));
        assertThat(take()).isEmpty();
        clock.advance(Duration.ofMinutes(1));
        delivered(take(DeliveryEvent.FAILED));

        take(DeliveryEvent.SUCCEEDED);
    }

    @Test
    void redeliver_ofOneThatWaits_leavesItInItsPlace() {
        runningFor(ALL);
        Delivery waits = StoredDeliveries.of(store, Optional.of(Delivery.State.WAITING), 1)
                .get(0);

        assertThat(run(new JobCommand.Redeliver(waits.id()))).contains(waits);

        assertThat(state(waits)).isEqualTo(Delivery.State.WAITING);
        take(DeliveryEvent.QUEUED);
    }

    @Test
    void redeliver_ofOneThatIsOver_releasesNobodyElse() {
        runningFor(ALL);
        Delivery queued = take(DeliveryEvent.QUEUED);
        delivered(queued);
        failed(take(DeliveryEvent.STARTED), Duration.ofMinutes(1));

        run(new JobCommand.Redeliver(queued.id()));
        delivered(take(DeliveryEvent.QUEUED));

        assertThat(take()).isEmpty();
        clock.advance(Duration.ofMinutes(1));
        take(DeliveryEvent.STARTED);
    }

    // ---- the log

    private DeliveryTry tried(Delivery delivery, OptionalInt status, String error, String answer) {
        return new DeliveryTry(
                delivery.id(),
                delivery.tries(),
                now(),
                Duration.ofMillis(250),
                status,
                Optional.of(error).filter(text -> !text.isEmpty()),
                Optional.of(answer).filter(text -> !text.isEmpty()));
    }

    private void tryAgain(Delivery taken, DeliveryTry found) {
        run(new JobCommand.ReportDelivery(
                taken.id(),
                taken.tries(),
                new DeliveryReport.TryAgain("HTTP 503", Duration.ofSeconds(1)),
                Optional.of(found)));
    }

    private Delivery owedOne() {
        give(EVA, 10);
        JobId id = submit(specs.draft(EVA).targets(HOOK)).id();
        List<DeliveryId> owed = owed(1);
        run(new JobCommand.Cancel(id, "user:eva", owed));
        return store.delivery(owed.get(0)).orElseThrow().delivery();
    }

    @Test
    void tries_ofADelivery_areKeptWithIt() throws Exception {
        Delivery owed = owedOne();
        Delivery first = take(DeliveryEvent.CANCELED);
        DeliveryTry failed = tried(first, OptionalInt.of(503), "answered 503", "{\"später\":\n\t\"😀\"}");
        tryAgain(first, failed);
        clock.advance(Duration.ofSeconds(1));
        Delivery second = take(DeliveryEvent.CANCELED);
        DeliveryTry unanswered = tried(second, OptionalInt.empty(), "nobody takes connections there", "");
        run(new JobCommand.ReportDelivery(
                owed.id(), 2, new DeliveryReport.GiveUp("it is gone"), Optional.of(unanswered)));
        restart();

        LoggedDelivery found = store.delivery(owed.id()).orElseThrow();

        assertThat(found.delivery().state()).isEqualTo(Delivery.State.DEAD);
        assertThat(found.log()).containsExactly(failed, unanswered);
        assertThat(store.delivery(new DeliveryId(ids.next()))).isEmpty();
    }

    @Test
    void tries_moreThanAreKept_areTheLatest() throws Exception {
        Delivery owed = owedOne();
        Delivery others = owedOne();
        List<Instant> begun = new ArrayList<>();
        for (int i = 0; i < DeliveryTry.KEPT + 5; i++) {
            begun.add(now());
            take().forEach(taken -> tryAgain(taken, tried(taken, OptionalInt.of(500), "answered 500", "")));
            clock.advance(Duration.ofSeconds(2));
        }
        restart();

        for (Delivery one : List.of(owed, others)) {
            assertThat(store.delivery(one.id()).orElseThrow().log())
                    .extracting(DeliveryTry::at)
                    .isEqualTo(begun.subList(5, begun.size()));
        }
    }

    @Test
    void tries_reportedTooLate_areKeptAllTheSame() {
        owedOne();
        Delivery first = take(DeliveryEvent.CANCELED);
        run(new JobCommand.Redeliver(first.id()));
        Delivery second = take(DeliveryEvent.CANCELED);

        Optional<Delivery> late = run(new JobCommand.ReportDelivery(
                first.id(),
                first.tries(),
                new DeliveryReport.Delivered(),
                Optional.of(tried(first, OptionalInt.of(200), "", "thanks"))));

        assertThat(late).isEmpty();
        assertThat(state(second)).isEqualTo(Delivery.State.PENDING);
        assertThat(store.delivery(first.id()).orElseThrow().log()).hasSize(1);
    }

    @Test
    void tries_withAHostileAnswer_areMadeHarmless() throws Exception {
        Delivery taken = take(DeliveryEvent.CANCELED, owedOne());
        tryAgain(taken, tried(taken, OptionalInt.of(200), "\u001b[31mred", "a\u0000b\ud800c\u202ed\u009be\r\nf"));
        restart();

        DeliveryTry kept = store.delivery(taken.id()).orElseThrow().log().get(0);

        assertThat(kept.error()).contains("\ufffd[31mred");
        assertThat(kept.answer()).contains("a\ufffdb\ufffdc\ufffdd\ufffde\ufffd\nf");
    }

    private Delivery take(DeliveryEvent event, Delivery owed) {
        Delivery taken = take(event);
        assertThat(taken.id()).isEqualTo(owed.id());
        return taken;
    }

    @Test
    void tries_withALongAnswer_areCutBetweenCharacters() {
        Delivery taken = take(DeliveryEvent.CANCELED, owedOne());

        DeliveryTry found = tried(taken, OptionalInt.of(200), "e".repeat(5000), "x" + "😀".repeat(600));

        assertThat(found.answer().orElseThrow())
                .hasSize(DeliveryTry.MAX_ANSWER - 1)
                .endsWith("😀");
        assertThat(found.error().orElseThrow()).hasSize(DeliveryTry.MAX_ERROR);
    }

    // ---- reading

    @Test
    void deliveries_byPages_areAllOfThemNewestFirst() throws Exception {
        List<DeliveryId> owed = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            owed.add(0, owedOne().id());
        }
        restart();

        List<DeliveryId> seen = new ArrayList<>();
        Optional<DeliveryId> last = Optional.empty();
        do {
            List<LoggedDelivery> page = store.deliveries(DeliveryFilter.ALL, last, 2);
            last = page.stream()
                    .reduce((first, second) -> second)
                    .map(one -> one.delivery().id());
            page.forEach(one -> seen.add(one.delivery().id()));
        } while (last.isPresent());

        assertThat(seen).isEqualTo(owed);
    }

    @Test
    void deliveries_filtered_areThoseThatMeetAllOfIt() {
        DeliveryTarget endpoint = new DeliveryTarget("webhook", "endpoint:" + ids.next(), ALL.events());
        Attempt one = runningFor(HOOK, endpoint);
        Attempt two = runningFor(endpoint, ALL);
        succeed(one);
        succeed(two);

        assertThat(filtered(DeliveryFilter.of(one.job())))
                .hasSize(5)
                .allMatch(delivery -> delivery.job().equals(one.job()));
        assertThat(filtered(DeliveryFilter.to(endpoint)))
                .hasSize(8)
                .allMatch(delivery -> delivery.target().address().equals(endpoint.address()));
        assertThat(filtered(DeliveryFilter.to(ALL)))
                .hasSize(4)
                .allMatch(delivery -> delivery.target().address().equals(ALL.address()));
        assertThat(filtered(DeliveryFilter.to(endpoint).in(Delivery.State.PENDING)))
                .extracting(Delivery::job)
                .containsExactly(two.job(), one.job());
        assertThat(filtered(DeliveryFilter.to(new DeliveryTarget("telegram", HOOK.address()))))
                .isEmpty();
        assertThat(filtered(DeliveryFilter.of(new JobId(ids.next())))).isEmpty();
    }

    private List<Delivery> filtered(DeliveryFilter filter) {
        return store.deliveries(filter, Optional.empty(), 100).stream()
                .map(LoggedDelivery::delivery)
                .toList();
    }

    @Test
    void prune_oldDeliveriesThatAreOver_dropsThemWithTheirLogs() {
        Delivery done = owedOne();
        Delivery taken = take(DeliveryEvent.CANCELED);
        run(new JobCommand.ReportDelivery(
                taken.id(), 1, new DeliveryReport.Delivered(), Optional.of(tried(taken, OptionalInt.of(200), "", ""))));
        Delivery owed = owedOne();
        clock.advance(Duration.ofDays(1));
        Delivery young = owedOne();
        take().forEach(one -> {
            if (one.id().equals(young.id())) {
                delivered(one);
            }
        });

        int rows = answer(store.prune(now(), now().minus(Duration.ofDays(30))).toCompletableFuture(), "prune");

        assertThat(rows).isEqualTo(1);
        assertThat(store.delivery(done.id())).isEmpty();
        assertThat(filtered(DeliveryFilter.ALL)).extracting(Delivery::id).containsExactly(young.id(), owed.id());
    }

    @Test
    void prune_ofADeliveryThatDiedJustNow_leavesItHoweverOldItIs() {
        Delivery old = owedOne();
        for (int i = 0; i < 3; i++) {
            failed(take(DeliveryEvent.CANCELED), Duration.ofDays(1));
            clock.advance(Duration.ofDays(1));
        }
        report(take(DeliveryEvent.CANCELED), new DeliveryReport.GiveUp("HTTP 410"));
        Instant epoch = Instant.EPOCH;

        answer(store.prune(now().minus(Duration.ofHours(1)), epoch).toCompletableFuture(), "prune");
        assertThat(state(old)).isEqualTo(Delivery.State.DEAD);
        clock.advance(Duration.ofHours(2));
        answer(store.prune(now().minus(Duration.ofHours(1)), epoch).toCompletableFuture(), "prune");

        assertThat(store.delivery(old.id())).isEmpty();
    }

    @Test
    void erase_ofAUser_takesDeliveriesAndLogs() {
        owedOne();
        Delivery taken = take(DeliveryEvent.CANCELED);
        run(new JobCommand.ReportDelivery(
                taken.id(),
                1,
                new DeliveryReport.Delivered(),
                Optional.of(tried(taken, OptionalInt.of(200), "", "hello eva"))));

        EraseResult result = answer(
                store.erase(EVA, new UserId("erased:0190"), "admin:test", "wants to go")
                        .toCompletableFuture(),
                "an erasure");

        assertThat(result).isInstanceOf(EraseResult.Erased.class);
        assertThat(filtered(DeliveryFilter.ALL)).isEmpty();
    }
}
