package io.tollgate.queue.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.tollgate.credits.CreditPolicy;
import io.tollgate.credits.account.UserId;
import io.tollgate.credits.ledger.Amount;
import io.tollgate.credits.ledger.Book;
import io.tollgate.credits.ledger.Draw;
import io.tollgate.credits.ledger.FreeRun;
import io.tollgate.credits.ledger.GrantSource;
import io.tollgate.credits.ledger.Hold;
import io.tollgate.credits.ledger.LedgerCommand;
import io.tollgate.credits.ledger.LedgerStore;
import io.tollgate.credits.ledger.LuckyDraw;
import io.tollgate.credits.ledger.Posting;
import io.tollgate.credits.ledger.Price;
import io.tollgate.credits.ledger.QuotaDay;
import io.tollgate.credits.ledger.Quote;
import io.tollgate.credits.ledger.QuoteId;
import io.tollgate.credits.pricing.AfterQuota;
import io.tollgate.credits.pricing.DailyQuota;
import io.tollgate.credits.pricing.Pricing;
import io.tollgate.credits.pricing.Tariff;
import io.tollgate.queue.job.JobCommand.Claimed;
import io.tollgate.queue.job.JobCommand.IdempotencyKey;
import io.tollgate.queue.job.JobCommand.MakeQuote;
import io.tollgate.queue.job.JobCommand.QuoteResult;
import io.tollgate.queue.job.JobCommand.QuoteUse;
import io.tollgate.queue.job.JobCommand.Submit;
import io.tollgate.queue.job.JobCommand.SubmitResult;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What every {@link JobStore} must do with free runs, quotes and jobs for nothing. Extend it, give it an empty store,
 * and add nothing else.
 */
public abstract class TollContract<S extends JobStore & LedgerStore> extends JobStoreHarness<S> {
    private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");
    private static final Amount LIST = Amount.credits(5);
    private static final String PRODUCT = "photo-filter";
    private static final Duration QUARTER = Duration.ofMinutes(15);

    private static Tariff quota(int perDay, AfterQuota then) {
        return Tariff.of(LIST).with(new DailyQuota(perDay, then));
    }

    private JobSpec spec(UserId user, Tariff tariff) {
        return specs.draft(user).tariff(tariff).build();
    }

    private void useZone(ZoneId zone, int relaxedPerUser) throws Exception {
        JobPolicy usual = POLICY;
        SubmissionLimits limits = usual.limits();
        use(new JobPolicy(
                new CreditPolicy(TIERS, Optional.empty(), Optional.of(LuckyDraw.SHIPPED), zone),
                new SubmissionLimits(limits.jobsPerUser(), limits.waitingInAll(), limits.perMinute(), relaxedPerUser),
                usual.modelLimits(),
                usual.queueDefaults(),
                usual.orders(),
                usual.relaxedShare(),
                usual.lostAtMost()));
    }

    private void goTo(String instant) {
        clock.advance(Duration.between(now(), Instant.parse(instant)));
    }

    private QuotaDay today(UserId user) {
        return store.quotas(user, 1).get(0);
    }

    // ---- daily quotas

    @Test
    void quota_untilUsedUp_costsNothingAndSaysWhatIsTaken() throws Exception {
        slots(GPU_1, 50);
        for (int i = 0; i < 2; i++) {
            JobId job = submit(spec(EVA, quota(2, AfterQuota.REFUSE))).id();
            assertThat(hold(job).price().steps())
                    .containsExactly(new Price.Step(Pricing.FREE_QUOTA, LIST, Amount.ZERO));
            assertThat(hold(job).freeRun()).map(FreeRun::product).contains(PRODUCT);
        }
        assertThat(today(EVA).held()).isEqualTo(2);

        Refusal refusal = refused(run(submission(spec(EVA, quota(2, AfterQuota.REFUSE)))));

        assertThat(refusal).isInstanceOf(Refusal.QuotaUsedUp.class);
        assertThat(refusal.code()).isEqualTo("quota_exceeded");
        claim(2).forEach(claimed -> succeed(claimed.attempt()));
        restart();
        assertThat(today(EVA).used()).isEqualTo(2);
        assertThat(today(EVA).held()).isZero();
        assertThat(refused(run(submission(spec(EVA, quota(2, AfterQuota.REFUSE))))))
                .isInstanceOf(Refusal.QuotaUsedUp.class);
        assertBalance(EVA, "0", "0");
    }

    @Test
    void quota_ofAJobThatFailsOrIsCanceled_comesBackToItsDay() {
        slots(GPU_1, 50);
        Tariff two = quota(2, AfterQuota.REFUSE);
        JobId canceled = submit(spec(EVA, two)).id();
        submit(spec(EVA, two));

        cancel(canceled);
        Claimed claimed = claim(1).get(0);
        run(failure(claimed.attempt(), Failure.Kind.BAD_INPUT));

        assertThat(today(EVA).taken()).isZero();
        submit(spec(EVA, two));
        submit(spec(EVA, two));
        assertThat(today(EVA).taken()).isEqualTo(2);
    }

    @Test
    void quota_afterwardsCharged_costsThePriceAndPartOfABatch() {
        give(EVA, 10);
        Tariff two = quota(2, AfterQuota.CHARGE);

        List<QueuedJob> jobs = accepted(run(submission(spec(EVA, two), spec(EVA, two), spec(EVA, two))))
                .jobs();

        assertThat(jobs).extracting(job -> hold(job.id()).amount()).containsExactly(Amount.ZERO, Amount.ZERO, LIST);
        assertBalance(EVA, "5", "5");
        assertThat(today(EVA).held()).isEqualTo(2);
    }

    @Test
    void quota_ofARefusedBatch_isNotTouched() {
        Tariff two = quota(2, AfterQuota.CHARGE);

        Refusal refusal = refused(run(submission(spec(EVA, two), spec(EVA, two), spec(EVA, two))));

        assertThat(refusal).isEqualTo(new Refusal.InsufficientCredits(LIST, Amount.ZERO));
        assertThat(store.quotas(EVA, 10)).isEmpty();
        assertThat(store.account(EVA)).isEmpty();
    }

    @Test
    void quota_forATierWithoutQuotas_isNotCounted() {
        tier(EVA, "vip");

        for (int i = 0; i < 3; i++) {
            submit(spec(EVA, quota(1, AfterQuota.REFUSE)));
        }

        assertThat(store.quotas(EVA, 10)).isEmpty();
    }

    @Test
    void quota_forManyThreads_isGivenExactly() throws Exception {
        List<SubmitResult> results = race(thread -> () -> run(submission(spec(EVA, quota(5, AfterQuota.REFUSE)))));

        assertThat(results)
                .filteredOn(result -> result instanceof SubmitResult.Accepted)
                .hasSize(5);
        assertThat(today(EVA).held()).isEqualTo(5);
    }

    @ParameterizedTest
    @CsvSource({
        "2026-03-28T22:59:59Z, 2026-03-28, 2026-03-28T23:00:00Z", // into a day of 23 hours
        "2026-03-29T21:59:59Z, 2026-03-29, 2026-03-29T22:00:00Z", // its end
        "2026-10-25T22:59:59Z, 2026-10-25, 2026-10-25T23:00:00Z" // the end of one of 25
    })
    void quota_overMidnight_isSettledOnItsOwnDay(String before, String day, String midnight) throws Exception {
        useZone(BERLIN, 1);
        goTo(before);
        slots(GPU_1, 50);
        Tariff one = quota(1, AfterQuota.REFUSE);
        submit(spec(EVA, one));
        submit(spec(ADAM, one));
        assertThat(((Refusal.QuotaUsedUp) refused(run(submission(spec(EVA, one))))).until())
                .isEqualTo(midnight);
        restart();

        goTo(midnight);
        List<Claimed> claimed = claim(2);
        submit(spec(EVA, one));
        succeed(claimed.get(0).attempt());
        run(failure(claimed.get(1).attempt(), Failure.Kind.BAD_INPUT));

        LocalDate date = LocalDate.parse(day);
        assertThat(store.quotas(EVA, 10))
                .containsExactly(
                        new QuotaDay(EVA, PRODUCT, date.plusDays(1), BERLIN, 1, 0, 1, true),
                        new QuotaDay(EVA, PRODUCT, date, BERLIN, 1, 1, 0, false));
        assertThat(store.quotas(ADAM, 10)).containsExactly(new QuotaDay(ADAM, PRODUCT, date, BERLIN, 1, 0, 0, true));
    }

    @Test
    void quota_ofAZoneWhoseDaysAreBehind_opensNoDayAgain() throws Exception {
        useZone(ZoneId.of("Pacific/Kiritimati"), 1);
        submit(spec(EVA, quota(1, AfterQuota.REFUSE)));
        LocalDate day = today(EVA).day();
        assertThat(day).isEqualTo(LocalDate.ofInstant(now(), ZoneId.of("Pacific/Kiritimati")));
        if (!durable()) {
            return; // what follows is about a store that is opened again with other rules
        }
        JobPolicy there = POLICY;

        restartWith(new JobPolicy(
                new CreditPolicy(TIERS, Optional.empty(), Optional.empty(), ZoneId.of("Pacific/Pago_Pago")),
                there.limits(),
                there.modelLimits(),
                there.queueDefaults(),
                there.orders(),
                there.relaxedShare(),
                there.lostAtMost()));

        assertThat(refused(run(submission(spec(EVA, quota(1, AfterQuota.REFUSE))))))
                .isInstanceOf(Refusal.QuotaUsedUp.class);
        assertThat(store.quotas(EVA, 10)).extracting(QuotaDay::day).containsExactly(day);
    }

    @Test
    void quota_thatWasRaised_hasMoreRunsTheSameDay() {
        submit(spec(EVA, quota(1, AfterQuota.REFUSE)));

        submit(spec(EVA, quota(2, AfterQuota.REFUSE)));

        assertThat(today(EVA).limit()).isEqualTo(2);
        assertThat(refused(run(submission(spec(EVA, quota(1, AfterQuota.REFUSE))))))
                .isInstanceOf(Refusal.QuotaUsedUp.class);
        assertThat(today(EVA).limit()).isEqualTo(2);
    }

    // ---- for nothing, relaxed

    @Test
    void relaxed_afterTheQuota_waitsInItsLaneForNothing() throws Exception {
        useZone(BERLIN, 2);
        Tariff one = quota(1, AfterQuota.RELAXED);

        List<QueuedJob> jobs =
                accepted(run(submission(spec(EVA, one), spec(EVA, one)))).jobs();

        assertThat(jobs).extracting(QueuedJob::lane).containsExactly(Lane.REGULAR, Lane.RELAXED);
        assertThat(hold(jobs.get(1).id()).price().steps())
                .containsExactly(new Price.Step(Pricing.RELAXED, LIST, Amount.ZERO));
        assertThat(hold(jobs.get(1).id()).freeRun()).isEmpty();
    }

    @Test
    void relaxed_perUser_isBounded() throws Exception {
        useZone(BERLIN, 2);
        Tariff relaxed = Tariff.of(LIST).orRelaxed();
        JobId first = submit(spec(EVA, relaxed)).id();
        submit(spec(EVA, relaxed));
        submit(spec(ADAM, relaxed));

        Refusal refusal = refused(run(submission(spec(EVA, relaxed))));
        restart();

        assertThat(refusal).isEqualTo(new Refusal.TooManyRelaxed(2));
        cancel(first);
        assertThat(submit(spec(EVA, relaxed)).lane()).isEqualTo(Lane.RELAXED);
        assertThat(refused(run(submission(spec(EVA, relaxed))))).isEqualTo(new Refusal.TooManyRelaxed(2));
    }

    @Test
    void relaxed_withoutCredits_isOnlyForThoseWhoLackThem() {
        give(EVA, 7);
        Tariff relaxed = Tariff.of(LIST).orRelaxed();

        QueuedJob paid = submit(spec(EVA, relaxed));
        QueuedJob unpaid = submit(spec(EVA, relaxed));

        assertThat(paid.lane()).isEqualTo(Lane.REGULAR);
        assertThat(hold(paid.id()).amount()).isEqualTo(LIST);
        assertThat(unpaid.lane()).isEqualTo(Lane.RELAXED);
        assertThat(hold(unpaid.id()).amount()).isEqualTo(Amount.ZERO);
        assertBalance(EVA, "2", "5");
    }

    @Test
    void relaxed_whilePaidJobsWait_isNotClaimed() {
        give(ADAM, 100);
        slots(GPU_1, 4);
        QueuedJob unpaid = submit(spec(EVA, Tariff.of(LIST).orRelaxed()));
        QueuedJob paid = submit(spec(ADAM, Tariff.of(LIST)));

        List<Claimed> claimed = claim(1);

        assertThat(claimed).extracting(one -> one.job().id()).containsExactly(paid.id());
        assertThat(claim(1)).extracting(one -> one.job().id()).containsExactly(unpaid.id());
    }

    // ---- the worked examples of docs/credits.md

    private Map<Book, Amount> books(UserId user, Posting.Kind kind) {
        Map<Book, Amount> books = new EnumMap<>(Book.class);
        store.history(user, Optional.empty(), 1000).postings().stream()
                .filter(posting -> posting.kind() == kind)
                .flatMap(posting -> posting.entries().stream())
                .forEach(entry -> books.merge(entry.book(), entry.amount(), Amount::plus));
        return books;
    }

    private String receipt(JobId job) {
        return Receipt.of(found(job)).line();
    }

    @Test
    void example_vip_paysNothingAndTheBooksSayWhatItCost() {
        tier(EVA, "vip");

        Claimed video = running(spec(EVA, Tariff.of(Amount.credits(30))));
        succeed(video.attempt());

        assertThat(books(EVA, Posting.Kind.CAPTURE))
                .isEqualTo(Map.of(Book.REVENUE, Amount.credits(30), Book.SUBSIDY, Amount.credits(-30)));
        assertThat(receipt(video.job().id())).isEqualTo("charged nothing of 30: the tier is free of charge");
    }

    @Test
    void example_quotaThenPrice_isFiveFreeAndTheSixthPaid() {
        give(EVA, 5);
        Tariff frame = quota(5, AfterQuota.CHARGE);

        List<Amount> costs = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            costs.add(hold(submit(spec(EVA, frame)).id()).amount());
        }

        assertThat(costs)
                .containsExactly(Amount.ZERO, Amount.ZERO, Amount.ZERO, Amount.ZERO, Amount.ZERO, Amount.credits(5));
        assertBalance(EVA, "0", "5");
    }

    @ParameterizedTest
    @CsvSource({"SSR, 0, 15", "SR, 500, 21", "R, 2000, 25.5", "C, 5000, 28.5"})
    void example_drawOnAVideo_isHeldAndBookedSo(String prize, int roll, String price) throws Exception {
        useZone(BERLIN, 1);
        give(EVA, 30);
        run(new LedgerCommand.DrawLuck(EVA, LuckyDraw.SHIPPED, BERLIN, roll, Optional.empty()));

        Claimed video = running(spec(EVA, Tariff.of(Amount.credits(30))));
        succeed(video.attempt());

        Amount net = Amount.parse(price);
        assertThat(store.account(EVA).orElseThrow().draw()).map(Draw::prize).contains(prize);
        assertThat(books(EVA, Posting.Kind.CAPTURE))
                .containsEntry(Book.REVENUE, Amount.credits(30))
                .containsEntry(Book.SUBSIDY, net.minus(Amount.credits(30)))
                .containsEntry(Book.HELD, net.negated());
        assertBalance(EVA, Amount.credits(30).minus(net).toString(), "0");
    }

    @Test
    void example_partial_isPaidInPart() {
        give(EVA, 10);

        Claimed pictures = running(spec(EVA, Tariff.of(Amount.credits(10))));
        run(success(pictures.attempt(), 2, 4));

        assertThat(receipt(pictures.job().id())).isEqualTo("held 10, charged 5, returned 5: 2 of 4 outputs");
        assertBalance(EVA, "5", "0");
    }

    @Test
    void example_lateSuccess_isOurLoss() {
        give(EVA, 10);
        Claimed lost = running(spec(EVA, Tariff.of(Amount.credits(10))));
        mark(lost.attempt(), Attempt.Phase.UNKNOWN);
        run(new JobCommand.Resolve(
                lost.job().id(),
                false,
                "admin:test",
                "nobody knows",
                owed(lost.job().id())));

        succeed(lost.attempt());

        assertThat(receipt(lost.job().id()))
                .isEqualTo("held 10, charged 0, returned 10; delivered late, free of charge");
        assertThat(books(EVA, Posting.Kind.LATE))
                .isEqualTo(Map.of(Book.REVENUE, Amount.credits(10), Book.SUBSIDY, Amount.credits(-10)));
        assertBalance(EVA, "10", "0");
    }

    // ---- quotes

    private QuoteResult quote(String hash, JobSpec... jobs) {
        return run(new MakeQuote(new QuoteId(ids.next()), List.of(jobs), hash, QUARTER, 3));
    }

    private Quote quoted(String hash, JobSpec... jobs) {
        QuoteResult result = quote(hash, jobs);
        assertThat(result).isInstanceOf(QuoteResult.Quoted.class);
        return ((QuoteResult.Quoted) result).quote();
    }

    private SubmitResult under(Quote quote, String hash, JobSpec... jobs) {
        return run(new Submit(List.of(jobs), Optional.empty(), Optional.of(new QuoteUse(quote.id(), hash))));
    }

    @Test
    void quote_ofAJob_saysThePriceStepByStepAndMovesNothing() throws Exception {
        useZone(BERLIN, 1);
        give(EVA, 3);
        tier(EVA, "half");
        Seen before = seen();

        QuoteResult.Quoted result = (QuoteResult.Quoted) quote("hash", spec(EVA, Tariff.of(LIST)));

        assertThat(result.available()).isEqualTo(Amount.credits(3));
        assertThat(result.lane()).isEqualTo(Lane.REGULAR);
        assertThat(result.quote().lines())
                .containsExactly(new Quote.Line(
                        new Price(
                                LIST,
                                Amount.parse("2.5"),
                                List.of(new Price.Step(Pricing.TIER_DISCOUNT, LIST, Amount.parse("2.5")))),
                        false));
        assertThat(result.quote().expiresAt()).isEqualTo(now().plus(QUARTER));
        assertThat(seen()).isEqualTo(before);
        restart();
        assertThat(store.quote(result.quote().id())).contains(result.quote());
    }

    @Test
    void quote_ofSomeoneNeverSeen_makesNoAccount() {
        Quote quote = quoted("hash", spec(EVA, Tariff.of(LIST)));

        assertThat(store.account(EVA)).isEmpty();
        assertThat(store.quote(quote.id())).contains(quote);
        assertThat(refused(under(quote, "hash", spec(EVA, Tariff.of(LIST)))))
                .isEqualTo(new Refusal.InsufficientCredits(LIST, Amount.ZERO));
        assertThat(store.quote(quote.id()).orElseThrow().usedAt())
                .as("a refusal uses nothing up")
                .isEmpty();
    }

    @Test
    void quote_usedOnce_isUsedUp() {
        give(EVA, 100);
        Quote quote = quoted("hash", spec(EVA, Tariff.of(LIST)));

        QueuedJob job = accepted(under(quote, "hash", spec(EVA, Tariff.of(LIST))))
                .jobs()
                .get(0);

        assertThat(hold(job.id()).amount()).isEqualTo(LIST);
        assertThat(refused(under(quote, "hash", spec(EVA, Tariff.of(LIST)))))
                .isEqualTo(new Refusal.QuoteUsed(quote.id(), now()));
        assertBalance(EVA, "95", "5");
    }

    @Test
    void quote_forManyThreads_isUsedOnce() throws Exception {
        give(EVA, 1000);
        Quote quote = quoted("hash", spec(EVA, Tariff.of(LIST)));

        List<SubmitResult> results = race(thread -> () -> under(quote, "hash", spec(EVA, Tariff.of(LIST))));

        assertThat(results)
                .filteredOn(result -> result instanceof SubmitResult.Accepted)
                .hasSize(1);
        assertBalance(EVA, "995", "5");
    }

    @Test
    void quote_underAnIdempotencyKey_isReplayedLikeAnyOther() {
        give(EVA, 100);
        Quote quote = quoted("hash", spec(EVA, Tariff.of(LIST)));
        JobSpec spec = spec(EVA, Tariff.of(LIST));
        Submit wish = new Submit(
                List.of(spec),
                Optional.of(new IdempotencyKey("key", "hash")),
                Optional.of(new QuoteUse(quote.id(), "hash")));

        SubmitResult first = run(wish);
        SubmitResult again = run(wish);

        assertThat(accepted(again).replayed()).isTrue();
        assertThat(accepted(again).jobs()).isEqualTo(accepted(first).jobs());
    }

    @Test
    void quote_ofAnotherUserOrAnotherRequest_isRefused() {
        give(EVA, 100);
        give(ADAM, 100);
        Quote quote = quoted("hash", spec(EVA, Tariff.of(LIST)));

        assertThat(refused(under(quote, "hash", spec(ADAM, Tariff.of(LIST)))))
                .isEqualTo(new Refusal.UnknownQuote(quote.id()));
        assertThat(refused(under(quote, "other", spec(EVA, Tariff.of(LIST)))))
                .isEqualTo(new Refusal.QuoteForAnother(quote.id()));
        assertThat(refused(under(quote, "hash", spec(EVA, Tariff.of(LIST)), spec(EVA, Tariff.of(LIST)))))
                .isEqualTo(new Refusal.QuoteForAnother(quote.id()));
        QuoteId unknown = new QuoteId(new UUID(7, 7));
        assertThat(refused(run(new Submit(
                        List.of(spec(EVA, Tariff.of(LIST))),
                        Optional.empty(),
                        Optional.of(new QuoteUse(unknown, "hash"))))))
                .isEqualTo(new Refusal.UnknownQuote(unknown));
        accepted(under(quote, "hash", spec(EVA, Tariff.of(LIST))));
    }

    @Test
    void quote_forWhoHasExactlyEnough_isNotOfTheRelaxedLane() {
        Tariff terms = Tariff.of(LIST).orRelaxed();
        run(new LedgerCommand.GrantCredits(
                EVA, GrantSource.BONUS, "enough", LIST, Optional.empty(), "admin:test", "for a test"));

        Quote quote = quoted("hash", spec(EVA, terms), spec(EVA, terms));

        assertThat(quote.lines()).extracting(Quote.Line::relaxed).containsExactly(false, true);
    }

    @Test
    void quote_ofTheRelaxedLane_givesAFreeRunThatCameBackMeanwhile() {
        Tariff one = quota(1, AfterQuota.RELAXED);
        JobId first = submit(spec(EVA, one)).id();
        Quote quote = quoted("hash", spec(EVA, one));
        assertThat(quote.lines().get(0).relaxed()).isTrue();
        run(new JobCommand.Cancel(first, EVA.value(), List.of()));

        QueuedJob job = accepted(under(quote, "hash", spec(EVA, one))).jobs().get(0);

        assertThat(job.lane()).isEqualTo(Lane.REGULAR);
        assertThat(today(EVA).held()).isEqualTo(1);
    }

    @Test
    void quote_whenThePriceRose_costsWhatWasPromised() {
        give(EVA, 100);
        tier(EVA, "half");
        Quote quote = quoted("hash", spec(EVA, Tariff.of(LIST)));
        tier(EVA, "standard");

        QueuedJob job = accepted(under(quote, "hash", spec(EVA, Tariff.of(Amount.credits(50)))))
                .jobs()
                .get(0);

        assertThat(hold(job.id()).price().steps())
                .containsExactly(new Price.Step(Pricing.QUOTE, Amount.credits(50), Amount.parse("2.5")));
    }

    @Test
    void quote_whenThePriceFell_costsTheLowerOne() {
        give(EVA, 100);
        Quote quote = quoted("hash", spec(EVA, Tariff.of(LIST)));
        tier(EVA, "half");

        QueuedJob job = accepted(under(quote, "hash", spec(EVA, Tariff.of(LIST))))
                .jobs()
                .get(0);

        assertThat(hold(job.id()).price().steps()).extracting(Price.Step::rule).containsExactly(Pricing.TIER_DISCOUNT);
    }

    @Test
    void quote_ofAFreeRunThatWasTakenMeanwhile_isKept() {
        Tariff one = quota(1, AfterQuota.REFUSE);
        Quote first = quoted("hash", spec(EVA, one));
        Quote second = quoted("hash", spec(EVA, one));

        accepted(under(first, "hash", spec(EVA, one)));
        QueuedJob job = accepted(under(second, "hash", spec(EVA, one))).jobs().get(0);

        assertThat(hold(job.id()).price().steps()).containsExactly(new Price.Step(Pricing.QUOTE, LIST, Amount.ZERO));
        assertThat(hold(job.id()).freeRun()).isEmpty();
        assertThat(today(EVA).held()).isEqualTo(1);
    }

    @Test
    void quote_ofABatch_countsFreeRunsAndCreditsOneAfterTheOther() throws Exception {
        useZone(BERLIN, 5);
        give(EVA, 7);
        Tariff terms = quota(1, AfterQuota.CHARGE).orRelaxed();

        Quote quote = quoted("hash", spec(EVA, terms), spec(EVA, terms), spec(EVA, terms));
        List<QueuedJob> jobs = accepted(under(quote, "hash", spec(EVA, terms), spec(EVA, terms), spec(EVA, terms)))
                .jobs();

        assertThat(quote.lines())
                .extracting(line -> line.price().net(), Quote.Line::relaxed)
                .containsExactly(tuple(Amount.ZERO, false), tuple(LIST, false), tuple(Amount.ZERO, true));
        assertThat(quote.net()).isEqualTo(LIST);
        assertThat(jobs).extracting(QueuedJob::lane).containsExactly(Lane.REGULAR, Lane.REGULAR, Lane.RELAXED);
        assertBalance(EVA, "2", "5");
    }

    @Test
    void quote_thatWasRelaxed_staysSoWhenCreditsCame() {
        Tariff terms = Tariff.of(LIST).orRelaxed();
        Quote quote = quoted("hash", spec(EVA, terms));
        give(EVA, 100);

        QueuedJob job = accepted(under(quote, "hash", spec(EVA, terms))).jobs().get(0);

        assertThat(job.lane()).isEqualTo(Lane.RELAXED);
        assertBalance(EVA, "100", "0");
    }

    @Test
    void quote_thatExpired_saysSoAndWhatItCostsNow() {
        give(EVA, 100);
        tier(EVA, "half");
        Quote quote = quoted("hash", spec(EVA, Tariff.of(LIST)));
        tier(EVA, "standard");

        clock.advance(QUARTER.minusMillis(1));
        QueuedJob inTime = accepted(under(quoted("h", spec(EVA, Tariff.of(LIST))), "h", spec(EVA, Tariff.of(LIST))))
                .jobs()
                .get(0);
        clock.advance(Duration.ofMillis(1));

        assertThat(inTime.kind()).isEqualTo(JobState.Kind.QUEUED);
        Refusal refusal = refused(under(quote, "hash", spec(EVA, Tariff.of(LIST))));
        assertThat(refusal)
                .isEqualTo(new Refusal.QuoteExpired(quote.id(), quote.expiresAt(), Amount.parse("2.5"), LIST));
        assertThat(refusal.code()).isEqualTo("quote_expired");
        assertThat(refusal.message()).contains("now it costs 5");
    }

    @Test
    void quote_overMidnight_binds() throws Exception {
        useZone(BERLIN, 1);
        give(EVA, 100);
        goTo("2026-11-22T22:55:00Z");
        run(new LedgerCommand.DrawLuck(EVA, LuckyDraw.SHIPPED, BERLIN, 0));
        Quote quote = quoted("hash", spec(EVA, Tariff.of(LIST)));
        assertThat(quote.net()).isEqualTo(Amount.parse("2.5"));

        goTo("2026-11-22T23:05:00Z");

        QueuedJob job = accepted(under(quote, "hash", spec(EVA, Tariff.of(LIST))))
                .jobs()
                .get(0);
        assertThat(hold(job.id()).amount()).isEqualTo(Amount.parse("2.5"));
    }

    @Test
    void quotes_ofOneUser_areBounded() {
        for (int i = 0; i < 3; i++) {
            quoted("hash", spec(EVA, Tariff.of(LIST)));
        }
        quoted("hash", spec(ADAM, Tariff.of(LIST)));

        QuoteResult fourth = quote("hash", spec(EVA, Tariff.of(LIST)));

        assertThat(fourth).isEqualTo(new QuoteResult.Refused(new Refusal.TooManyQuotes(3)));
        clock.advance(QUARTER);
        quoted("hash", spec(EVA, Tariff.of(LIST)));
    }

    @Test
    void quote_whoseRunsAreUsedUp_isRefused() {
        Tariff one = quota(1, AfterQuota.REFUSE);
        submit(spec(EVA, one));

        QuoteResult result = quote("hash", spec(EVA, one));

        assertThat(((QuoteResult.Refused) result).refusal()).isInstanceOf(Refusal.QuotaUsedUp.class);
    }

    @Test
    void quote_withAKnownId_isRefused() {
        MakeQuote wish =
                new MakeQuote(new QuoteId(ids.next()), List.of(spec(EVA, Tariff.of(LIST))), "hash", QUARTER, 3);
        run(wish);

        assertThatThrownBy(() -> run(wish)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void prune_dropsQuotesThatExpiredLongAgo() {
        Quote quote = quoted("hash", spec(EVA, Tariff.of(LIST)));

        answer(store.prune(now(), quote.expiresAt()).toCompletableFuture(), "prune");
        assertThat(store.quote(quote.id())).isPresent();
        int gone = answer(store.prune(now(), quote.expiresAt().plusMillis(1)).toCompletableFuture(), "prune");

        assertThat(gone).isEqualTo(1);
        assertThat(store.quote(quote.id())).isEmpty();
    }

    @Test
    void erase_ofAUser_keepsFreeRunsUnderThePseudonymAndNoQuote() {
        UserId nobody = new UserId("erased:17");
        slots(GPU_1, 50);
        submit(spec(EVA, quota(3, AfterQuota.CHARGE)));
        succeed(claim(1).get(0).attempt());
        Quote quote = quoted("hash", spec(EVA, quota(3, AfterQuota.CHARGE)));
        QuotaDay before = today(EVA);

        answer(store.erase(EVA, nobody, "admin:test", "wants to go").toCompletableFuture(), "erase");

        assertThat(store.quotas(EVA, 10)).isEmpty();
        assertThat(store.quotas(nobody, 10))
                .containsExactly(new QuotaDay(nobody, PRODUCT, before.day(), before.zone(), 3, 1, 0, true));
        assertThat(store.quote(quote.id())).isEmpty();
        submit(spec(EVA, quota(1, AfterQuota.REFUSE)));
    }

    @Test
    void hold_withAFreeRun_isReadBackAsItWas() throws Exception {
        useZone(BERLIN, 1);
        Hold before = hold(submit(spec(EVA, quota(3, AfterQuota.CHARGE))).id());

        restart();

        assertThat(hold(new JobId(before.id().value()))).isEqualTo(before);
        assertThat(before.freeRun().orElseThrow().zone()).isEqualTo(BERLIN);
    }

    @Test
    void tariff_ofAJob_isReadBackAsItWas() throws Exception {
        List<Tariff> tariffs = List.of(
                quota(3, AfterQuota.CHARGE),
                quota(1_000_000, AfterQuota.RELAXED).orRelaxed(),
                Tariff.free(LIST),
                Tariff.of(Amount.ZERO));
        List<JobId> jobs =
                tariffs.stream().map(tariff -> submit(spec(EVA, tariff)).id()).toList();

        restart();

        assertThat(jobs).extracting(id -> found(id).job().spec().tariff()).containsExactlyElementsOf(tariffs);
    }
}
