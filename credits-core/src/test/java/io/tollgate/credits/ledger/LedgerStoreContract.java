package io.tollgate.credits.ledger;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tollgate.credits.account.UserId;
import io.tollgate.credits.test.MutableClock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What every {@link LedgerStore} must do. Extend it, give it an empty store, and add nothing else. */
public abstract class LedgerStoreContract {
    private static final UserId EVA = new UserId("eva");
    private static final UserId ADAM = new UserId("adam");
    private static final String ADMIN = "admin:test";
    private static final int THREADS = 32;

    private static final int WALK_STEPS = Integer.getInteger("tollgate.model.steps", 300);
    private static final int FRESH = 2;

    private final MutableClock clock = new MutableClock();
    private final AtomicLong ids = new AtomicLong();
    private LedgerStore store;

    /** An empty store that asks this clock for the time. */
    protected abstract LedgerStore emptyStore(InstantSource time) throws Exception;

    /** Frees what the store holds, after each test. */
    protected void close(LedgerStore used) throws Exception {}

    @BeforeEach
    final void open() throws Exception {
        store = emptyStore(clock);
    }

    @AfterEach
    final void auditAndClose() throws Exception {
        AuditReport report = store.auditLedger();
        close(store);

        assertThat(report.findings()).isEmpty();
    }

    @Test
    void account_ofSomeoneNeverSeen_isEmpty() {
        assertThat(store.account(EVA)).isEmpty();
        assertThat(store.grants(EVA)).isEmpty();
        assertThat(store.history(EVA, Optional.empty(), 10)).isEqualTo(new History(List.of(), Optional.empty()));
        assertThat(store.hold(newHoldId())).isEmpty();
        assertThat(store.accounts(Optional.empty(), 10)).isEmpty();
    }

    @Test
    void grant_ofPromotionalCredits_canBeRead() {
        Instant end = clock.instant().plus(Duration.ofDays(2));
        LedgerCommand.GrantCredits wish = new LedgerCommand.GrantCredits(
                EVA, GrantSource.TRIAL, "trial:eva:0", Amount.parse("20.25"), Optional.of(end), ADMIN, "to try it");

        Grant grant = granted(execute(wish));

        Amount amount = Amount.parse("20.25");
        assertThat(grant)
                .isEqualTo(Grant.fresh(
                        grant.id(), EVA, GrantSource.TRIAL, "trial:eva:0", amount, Optional.of(end), clock.instant()));
        assertThat(store.grants(EVA)).containsExactly(grant);
        assertThat(store.account(EVA)).contains(Account.fresh(EVA).withAvailable(amount));
        assertThat(store.history(EVA, Optional.empty(), 10).postings())
                .containsExactly(new Posting(
                        Posting.Kind.GRANT,
                        EVA,
                        Optional.empty(),
                        Amount.ZERO,
                        amount,
                        ADMIN,
                        Optional.of("to try it"),
                        Optional.of(wish.key()),
                        Optional.of(wish.requestHash()),
                        clock.instant(),
                        List.of(
                                Entry.of(EVA, Book.AVAILABLE, amount),
                                Entry.system(Book.ISSUED_PROMO, amount.negated()))));
    }

    @Test
    void grant_replayed_changesNothing() {
        LedgerCommand.GrantCredits wish = wish(EVA, GrantSource.BONUS, "bonus:1", 10, Optional.empty());
        Grant first = granted(execute(wish));
        execute(hold(newHoldId(), EVA, 4));
        clock.advance(Duration.ofHours(1));
        State before = state(EVA);

        GrantResult again = execute(wish);

        Grant now = first.hold(Amount.credits(4));
        assertThat(again).isEqualTo(new GrantResult.Granted(now, true));
        assertThat(state(EVA)).isEqualTo(before);
    }

    @Test
    void grant_replayedAfterItsEnd_isStillAReplay() {
        Instant end = clock.instant().plus(Duration.ofHours(1));
        LedgerCommand.GrantCredits wish = wish(EVA, GrantSource.TRIAL, "trial:1", 10, Optional.of(end));
        execute(wish);
        clock.advance(Duration.ofDays(1));
        execute(new LedgerCommand.ExpireGrants(EVA));
        State before = state(EVA);

        GrantResult again = execute(wish);

        assertThat(again).isEqualTo(new GrantResult.Granted(store.grants(EVA).get(0), true));
        assertThat(state(EVA)).isEqualTo(before);
    }

    @Test
    void grant_otherWishUnderTheSameKey_isRefused() {
        execute(wish(EVA, GrantSource.BONUS, "bonus:1", 10, Optional.empty()));
        State before = state(EVA);

        assertThat(execute(wish(EVA, GrantSource.BONUS, "bonus:1", 11, Optional.empty())))
                .isEqualTo(new GrantResult.KeyReused("bonus:1"));
        assertThat(execute(wish(ADAM, GrantSource.BONUS, "bonus:1", 10, Optional.empty())))
                .isEqualTo(new GrantResult.KeyReused("bonus:1"));
        assertThat(state(EVA)).isEqualTo(before);
        assertThat(store.account(ADAM)).isEmpty();
    }

    @Test
    void grant_thatWouldBeDueAtOnce_isRefused() {
        Instant now = clock.instant();

        assertThat(execute(wish(EVA, GrantSource.BONUS, "bonus:1", 10, Optional.of(now))))
                .isEqualTo(new GrantResult.AlreadyDue(now));
        assertThat(store.account(EVA)).isEmpty();
    }

    @Test
    void grant_beyondTheRangeOfABalance_changesNothing() {
        execute(wish(EVA, GrantSource.BONUS, "bonus:1", new Amount(Long.MAX_VALUE)));
        State before = state(EVA);

        assertThatThrownBy(() -> execute(wish(EVA, GrantSource.BONUS, "bonus:2", new Amount(1))))
                .isInstanceOf(ArithmeticException.class);
        assertThat(state(EVA)).isEqualTo(before);
    }

    @Test
    void hold_withEnough_setsCreditsAside() {
        give(EVA, 10);
        HoldId id = newHoldId();

        HoldResult result = execute(
                new LedgerCommand.OpenHold(id, EVA, Price.agreed(Amount.credits(12), Amount.credits(9)), ADMIN));

        Grant grant = store.grants(EVA).get(0);
        Hold hold = new Hold(
                id,
                EVA,
                Price.agreed(Amount.credits(12), Amount.credits(9)),
                List.of(new Slice(grant.id(), Amount.credits(9))),
                Hold.State.OPEN,
                Amount.ZERO,
                clock.instant(),
                Optional.empty());
        assertThat(result).isEqualTo(new HoldResult.Held(hold, false));
        assertThat(store.hold(id)).contains(hold);
        assertBalance(EVA, 1, 9);
        assertThat(grant.remaining()).isEqualTo(Amount.credits(1));
        assertThat(grant.held()).isEqualTo(Amount.credits(9));
        Posting posting = newest(EVA);
        assertThat(posting.hold()).contains(id);
        assertThat(posting.entries())
                .containsExactly(
                        Entry.of(EVA, Book.AVAILABLE, Amount.credits(-9)), Entry.of(EVA, Book.HELD, Amount.credits(9)));
    }

    @Test
    void hold_withTooFew_isRefusedAndChangesNothing() {
        give(EVA, 10);
        State before = state(EVA);
        HoldId id = newHoldId();

        assertThat(execute(new LedgerCommand.OpenHold(
                        id, EVA, Price.agreed(Amount.parse("10.01"), Amount.parse("10.01")), ADMIN)))
                .isEqualTo(new HoldResult.Insufficient(Amount.parse("10.01"), Amount.credits(10)));
        assertThat(state(EVA)).isEqualTo(before);
        assertThat(store.hold(id)).isEmpty();
    }

    @Test
    void hold_refusedAndThenPaidFor_succeedsUnderTheSameId() {
        HoldId id = newHoldId();
        assertThat(execute(hold(id, EVA, 5))).isEqualTo(new HoldResult.Insufficient(Amount.credits(5), Amount.ZERO));
        give(EVA, 5);

        assertThat(execute(hold(id, EVA, 5))).isInstanceOf(HoldResult.Held.class);
    }

    @Test
    void hold_replayed_answersAlikeAndChangesNothing() {
        give(EVA, 10);
        HoldId id = newHoldId();
        Hold hold = held(execute(hold(id, EVA, 6)));
        State before = state(EVA);
        clock.advance(Duration.ofSeconds(1));

        assertThat(execute(hold(id, EVA, 6))).isEqualTo(new HoldResult.Held(hold, true));
        assertThat(state(EVA)).isEqualTo(before);
    }

    @Test
    void hold_replayedAfterItsSettlement_doesNotOpenAgain() {
        give(EVA, 10);
        HoldId id = newHoldId();
        execute(hold(id, EVA, 6));
        execute(release(id, false));
        State before = state(EVA);

        HoldResult again = execute(hold(id, EVA, 6));

        assertThat(again).isEqualTo(new HoldResult.Held(store.hold(id).orElseThrow(), true));
        assertThat(held(again).state()).isEqualTo(Hold.State.RELEASED);
        assertThat(state(EVA)).isEqualTo(before);
    }

    @Test
    void hold_otherContentUnderTheSameId_isAConflict() {
        give(EVA, 10);
        give(ADAM, 10);
        HoldId id = newHoldId();
        execute(hold(id, EVA, 6));
        State before = state(EVA);
        State beforeOfAdam = state(ADAM);

        assertThat(execute(hold(id, EVA, 5))).isEqualTo(new HoldResult.Conflict(id));
        assertThat(execute(hold(id, ADAM, 6))).isEqualTo(new HoldResult.Conflict(id));
        assertThat(execute(
                        new LedgerCommand.OpenHold(id, EVA, Price.agreed(Amount.credits(7), Amount.credits(6)), ADMIN)))
                .isEqualTo(new HoldResult.Conflict(id));
        assertThat(state(EVA)).isEqualTo(before);
        assertThat(state(ADAM)).isEqualTo(beforeOfAdam);
    }

    @Test
    void hold_overSeveralGrants_spendsThemInBurnOrder() {
        Instant later = clock.instant().plus(Duration.ofDays(9));
        Grant paid = bought(EVA, 5);
        Grant bonusForever = granted(execute(wish(EVA, GrantSource.BONUS, "b1", 5, Optional.empty())));
        Grant bonusLater = granted(execute(wish(EVA, GrantSource.BONUS, "b2", 5, Optional.of(later))));
        clock.advance(Duration.ofMinutes(1));
        Grant bonusLaterYounger = granted(execute(wish(EVA, GrantSource.BONUS, "b3", 5, Optional.of(later))));
        Grant trial = granted(execute(wish(EVA, GrantSource.TRIAL, "t", 5, Optional.of(later))));

        Hold hold = held(execute(hold(newHoldId(), EVA, 22)));

        assertThat(hold.slices())
                .containsExactly(
                        new Slice(trial.id(), Amount.credits(5)),
                        new Slice(bonusLater.id(), Amount.credits(5)),
                        new Slice(bonusLaterYounger.id(), Amount.credits(5)),
                        new Slice(bonusForever.id(), Amount.credits(5)),
                        new Slice(paid.id(), Amount.credits(2)));
        assertThat(store.hold(hold.id())).contains(hold);
        assertThat(store.grants(EVA)).extracting(Grant::id).isSortedAccordingTo((a, b) -> b.compareTo(a));
    }

    @Test
    void hold_whenAGrantIsDue_expiresItFirst() {
        Instant end = clock.instant().plus(Duration.ofHours(1));
        execute(wish(EVA, GrantSource.TRIAL, "t", 5, Optional.of(end)));
        give(EVA, 5);
        clock.set(end);

        assertThat(execute(hold(newHoldId(), EVA, 6)))
                .isEqualTo(new HoldResult.Insufficient(Amount.credits(6), Amount.credits(5)));
        assertBalance(EVA, 10, 0); // a refusal writes nothing, not even that
        execute(hold(newHoldId(), EVA, 5));

        assertBalance(EVA, 0, 5);
        List<Posting> postings = store.history(EVA, Optional.empty(), 2).postings();
        assertThat(postings).extracting(Posting::kind).containsExactly(Posting.Kind.HOLD, Posting.Kind.EXPIRE);
        assertThat(postings.get(1).entries())
                .containsExactly(
                        Entry.of(EVA, Book.AVAILABLE, Amount.credits(-5)),
                        Entry.system(Book.BREAKAGE, Amount.credits(5)));
        assertThat(store.grants(EVA).get(1).expired()).isEqualTo(Amount.credits(5));
    }

    @Test
    void hold_atTheLastMomentOfAGrant_stillSpendsIt() {
        Instant end = clock.instant().plus(Duration.ofHours(1));
        execute(wish(EVA, GrantSource.TRIAL, "t", 5, Optional.of(end)));
        clock.set(end.minusMillis(1));

        assertThat(execute(hold(newHoldId(), EVA, 5))).isInstanceOf(HoldResult.Held.class);
    }

    @Test
    void hold_afterTheClockWentBack_stillSpendsWhatWasGranted() {
        give(EVA, 5);
        Instant latest = clock.instant();
        clock.advance(Duration.ofSeconds(-90));
        HoldId id = newHoldId();

        assertThat(execute(hold(id, EVA, 5))).isInstanceOf(HoldResult.Held.class);
        assertThat(store.hold(id).orElseThrow().openedAt()).isEqualTo(latest);
    }

    @Test
    void capture_whole_takesTheNetAndBooksTheListPrice() {
        give(EVA, 100);
        HoldId id = newHoldId();
        execute(new LedgerCommand.OpenHold(id, EVA, Price.agreed(Amount.credits(120), Amount.credits(84)), ADMIN));
        Instant at = clock.advance(Duration.ofMinutes(3));

        SettleResult result = execute(new LedgerCommand.Capture(id, Amount.credits(84), Amount.credits(120), ADMIN));

        Hold hold = store.hold(id).orElseThrow();
        assertThat(result).isEqualTo(new SettleResult.Settled(hold));
        assertThat(hold.state()).isEqualTo(Hold.State.CAPTURED);
        assertThat(hold.captured()).isEqualTo(Amount.credits(84));
        assertThat(hold.settledAt()).contains(at);
        assertBalance(EVA, 16, 0);
        assertThat(newest(EVA).listPrice()).isEqualTo(Amount.credits(120));
        assertThat(newest(EVA).net()).isEqualTo(Amount.credits(84));
        assertThat(newest(EVA).entries())
                .containsExactlyInAnyOrder(
                        Entry.of(EVA, Book.HELD, Amount.credits(-84)),
                        Entry.system(Book.SUBSIDY, Amount.credits(-36)),
                        Entry.system(Book.REVENUE, Amount.credits(120)));
        assertThat(store.grants(EVA).get(0).consumed()).isEqualTo(Amount.credits(84));
    }

    @Test
    void capture_ofAPart_returnsTheTailToItsGrants() {
        Grant trial = granted(execute(wish(EVA, GrantSource.TRIAL, "t", 4, Optional.empty())));
        Grant paid = bought(EVA, 6);
        HoldId id = newHoldId();
        execute(hold(id, EVA, 9));

        execute(new LedgerCommand.Capture(id, Amount.credits(5), Amount.credits(7), ADMIN));

        assertBalance(EVA, 5, 0);
        assertThat(grant(trial.id()).consumed()).isEqualTo(Amount.credits(4));
        assertThat(grant(paid.id()).consumed()).isEqualTo(Amount.credits(1));
        assertThat(grant(paid.id()).remaining()).isEqualTo(Amount.credits(5));
        assertThat(newest(EVA).entries())
                .containsExactlyInAnyOrder(
                        Entry.of(EVA, Book.HELD, Amount.credits(-9)),
                        Entry.of(EVA, Book.AVAILABLE, Amount.credits(4)),
                        Entry.system(Book.SUBSIDY, Amount.credits(-2)),
                        Entry.system(Book.REVENUE, Amount.credits(7)));
    }

    @Test
    void capture_ofAPartWhoseGrantIsDue_letsTheRestExpire() {
        Instant end = clock.instant().plus(Duration.ofHours(1));
        execute(wish(EVA, GrantSource.TRIAL, "t", 10, Optional.of(end)));
        HoldId id = newHoldId();
        execute(hold(id, EVA, 8));
        clock.set(end);

        execute(new LedgerCommand.Capture(id, Amount.credits(3), Amount.credits(3), ADMIN));

        assertBalance(EVA, 0, 0);
        Grant grant = store.grants(EVA).get(0);
        assertThat(grant.consumed()).isEqualTo(Amount.credits(3));
        assertThat(grant.expired()).isEqualTo(Amount.credits(7));
    }

    @Test
    void capture_ofMoreThanIsHeld_changesNothing() {
        give(EVA, 10);
        HoldId id = newHoldId();
        execute(hold(id, EVA, 5));
        State before = state(EVA);

        assertThatThrownBy(() -> execute(new LedgerCommand.Capture(id, Amount.credits(6), Amount.credits(6), ADMIN)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(id.toString());
        assertThat(state(EVA)).isEqualTo(before);
    }

    @Test
    void settle_aSecondTime_answersWithTheFirstAndChangesNothing() {
        give(EVA, 10);
        HoldId captured = newHoldId();
        HoldId released = newHoldId();
        execute(hold(captured, EVA, 5));
        execute(hold(released, EVA, 5));
        execute(capture(captured, 5));
        execute(release(released, true));
        State before = state(EVA);

        for (HoldId id : List.of(captured, released)) {
            SettleResult first = new SettleResult.AlreadySettled(store.hold(id).orElseThrow());
            assertThat(execute(capture(id, 5))).isEqualTo(first);
            assertThat(execute(release(id, true))).isEqualTo(first);
            assertThat(execute(release(id, false))).isEqualTo(first);
        }
        assertThat(state(EVA)).isEqualTo(before);
    }

    @Test
    void settle_aHoldThatNeverWas_saysSo() {
        HoldId id = newHoldId();

        assertThat(execute(capture(id, 1))).isEqualTo(new SettleResult.NoSuchHold(id));
        assertThat(execute(release(id, false))).isEqualTo(new SettleResult.NoSuchHold(id));
    }

    @Test
    void release_givesBackExactlyWhatWasTaken() {
        execute(wish(EVA, GrantSource.TRIAL, "t", 4, Optional.empty()));
        bought(EVA, 6);
        List<Grant> before = store.grants(EVA);
        HoldId id = newHoldId();
        execute(hold(id, EVA, 9));

        SettleResult result = execute(release(id, true));

        Hold hold = store.hold(id).orElseThrow();
        assertThat(result).isEqualTo(new SettleResult.Settled(hold));
        assertThat(hold.state()).isEqualTo(Hold.State.RELEASED);
        assertThat(store.grants(EVA)).isEqualTo(before);
        assertBalance(EVA, 10, 0);
        assertThat(newest(EVA).reason()).contains("it was canceled");
    }

    @Test
    void release_intoAGrantThatIsDue_expiresAtOnce() {
        Instant end = clock.instant().plus(Duration.ofHours(1));
        execute(wish(EVA, GrantSource.TRIAL, "t", 4, Optional.of(end)));
        give(EVA, 6);
        HoldId id = newHoldId();
        execute(hold(id, EVA, 9));
        clock.set(end);

        execute(release(id, false));

        assertBalance(EVA, 6, 0);
        assertThat(store.grants(EVA)).hasSize(2);
        assertThat(store.grants(EVA).get(1).expired()).isEqualTo(Amount.credits(4));
    }

    @Test
    void release_intoAGrantThatIsDueByOurFault_comesBackForADay() {
        Instant end = clock.instant().plus(Duration.ofHours(1));
        execute(wish(EVA, GrantSource.TRIAL, "t", 4, Optional.of(end)));
        give(EVA, 6);
        HoldId id = newHoldId();
        execute(hold(id, EVA, 9));
        clock.set(end);

        execute(release(id, true));

        assertBalance(EVA, 10, 0);
        Grant back = store.grants(EVA).get(0);
        assertThat(back.source()).isEqualTo(GrantSource.CREDIT_BACK);
        assertThat(back.granted()).isEqualTo(Amount.credits(4));
        assertThat(back.expiresAt()).contains(end.plus(Duration.ofHours(24)));
        clock.set(end.plus(Duration.ofHours(24)));
        assertThat(execute(new LedgerCommand.ExpireGrants(EVA))).isEqualTo(Amount.credits(4));
        assertBalance(EVA, 6, 0);
    }

    @Test
    void hold_ofNothing_isCapturedAgainstTheSubsidy() {
        HoldId id = newHoldId();

        execute(new LedgerCommand.OpenHold(id, EVA, Price.agreed(Amount.credits(30), Amount.ZERO), ADMIN));
        assertThat(store.account(EVA)).contains(Account.fresh(EVA));
        assertThat(newest(EVA).entries()).isEmpty();
        execute(new LedgerCommand.Capture(id, Amount.ZERO, Amount.credits(30), ADMIN));

        assertThat(store.hold(id).orElseThrow().state()).isEqualTo(Hold.State.CAPTURED);
        assertThat(store.history(EVA, Optional.empty(), 10).postings())
                .extracting(Posting::kind)
                .containsExactly(Posting.Kind.CAPTURE, Posting.Kind.HOLD);
        assertThat(newest(EVA).entries())
                .containsExactlyInAnyOrder(
                        Entry.system(Book.REVENUE, Amount.credits(30)),
                        Entry.system(Book.SUBSIDY, Amount.credits(-30)));
    }

    @Test
    void hold_ofNothing_isReleasedWithoutALine() {
        HoldId id = newHoldId();
        execute(new LedgerCommand.OpenHold(id, EVA, Price.agreed(Amount.credits(30), Amount.ZERO), ADMIN));

        execute(release(id, true));

        assertThat(newest(EVA).kind()).isEqualTo(Posting.Kind.RELEASE);
        assertThat(newest(EVA).entries()).isEmpty();
        assertThat(store.grants(EVA)).isEmpty();
    }

    @Test
    void bookLate_ofWhatWasReleased_costsTheUserNothing() {
        give(EVA, 10);
        HoldId id = newHoldId();
        execute(new LedgerCommand.OpenHold(id, EVA, Price.agreed(Amount.credits(12), Amount.credits(9)), ADMIN));
        execute(release(id, true));
        Hold released = store.hold(id).orElseThrow();

        LateResult result = execute(new LedgerCommand.BookLate(id, Amount.credits(12), ADMIN));

        assertThat(result).isEqualTo(new LateResult.Booked(newest(EVA), false));
        assertThat(newest(EVA).kind()).isEqualTo(Posting.Kind.LATE);
        assertThat(newest(EVA).hold()).contains(id);
        assertThat(newest(EVA).listPrice()).isEqualTo(Amount.credits(12));
        assertThat(newest(EVA).net()).isEqualTo(Amount.ZERO);
        assertThat(newest(EVA).entries())
                .containsExactlyInAnyOrder(
                        Entry.system(Book.REVENUE, Amount.credits(12)),
                        Entry.system(Book.SUBSIDY, Amount.credits(-12)));
        assertThat(store.hold(id)).contains(released);
        assertBalance(EVA, 10, 0);
    }

    @Test
    void bookLate_again_isAReplayOrAConflictAndChangesNothing() {
        give(EVA, 10);
        HoldId id = newHoldId();
        execute(hold(id, EVA, 10));
        execute(release(id, true));
        Posting first =
                ((LateResult.Booked) execute(new LedgerCommand.BookLate(id, Amount.credits(5), ADMIN))).posting();
        State before = state(EVA);

        assertThat(execute(new LedgerCommand.BookLate(id, Amount.credits(5), "somebody else")))
                .isEqualTo(new LateResult.Booked(first, true));
        assertThat(execute(new LedgerCommand.BookLate(id, Amount.credits(6), ADMIN)))
                .isEqualTo(new LateResult.Conflict(first));
        assertThat(state(EVA)).isEqualTo(before);
    }

    @Test
    void bookLate_ofWhatWasNotReleased_changesNothing() {
        give(EVA, 20);
        HoldId open = newHoldId();
        HoldId captured = newHoldId();
        HoldId released = newHoldId();
        HoldId nobodys = newHoldId();
        execute(hold(open, EVA, 5));
        execute(hold(captured, EVA, 5));
        execute(capture(captured, 5));
        execute(hold(released, EVA, 5));
        execute(release(released, true));
        State before = state(EVA);

        assertThat(execute(new LedgerCommand.BookLate(open, Amount.credits(5), ADMIN)))
                .isEqualTo(new LateResult.NotReleased(store.hold(open).orElseThrow()));
        assertThat(execute(new LedgerCommand.BookLate(captured, Amount.credits(5), ADMIN)))
                .isEqualTo(new LateResult.NotReleased(store.hold(captured).orElseThrow()));
        assertThat(execute(new LedgerCommand.BookLate(nobodys, Amount.credits(5), ADMIN)))
                .isEqualTo(new LateResult.NoSuchHold(nobodys));
        assertThatThrownBy(() -> execute(new LedgerCommand.BookLate(released, Amount.credits(6), ADMIN)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(state(EVA)).isEqualTo(before);
    }

    @Test
    void adjust_upwards_makesAGrant() {
        LedgerCommand.Adjust wish =
                new LedgerCommand.Adjust(EVA, Amount.parse("2.50"), ADMIN, "lost by an outage", "k1");

        AdjustResult result = execute(wish);

        assertThat(result).isEqualTo(new AdjustResult.Adjusted(newest(EVA), false));
        assertThat(newest(EVA).net()).isEqualTo(Amount.parse("2.5"));
        assertThat(newest(EVA).reason()).contains("lost by an outage");
        assertThat(store.grants(EVA)).extracting(Grant::source).containsExactly(GrantSource.ADJUST);
        assertThat(store.account(EVA).orElseThrow().available()).isEqualTo(Amount.parse("2.5"));
    }

    @Test
    void adjust_downwards_takesInBurnOrderButNotBelowZero() {
        Grant paid = bought(EVA, 6);
        Grant bonus = granted(execute(wish(EVA, GrantSource.BONUS, "b", 4, Optional.empty())));
        execute(hold(newHoldId(), EVA, 1));

        execute(new LedgerCommand.Adjust(EVA, Amount.credits(-5), ADMIN, "given twice", "k1"));
        State before = state(EVA);
        AdjustResult tooMuch = execute(new LedgerCommand.Adjust(EVA, Amount.credits(-5), ADMIN, "given twice", "k2"));

        assertThat(grant(bonus.id()).revoked()).isEqualTo(Amount.credits(3));
        assertThat(grant(paid.id()).revoked()).isEqualTo(Amount.credits(2));
        assertBalance(EVA, 4, 1);
        assertThat(tooMuch).isEqualTo(new AdjustResult.Insufficient(Amount.credits(5), Amount.credits(4)));
        assertThat(state(EVA)).isEqualTo(before);
    }

    @Test
    void adjust_replayedOrAltered_changesNothing() {
        LedgerCommand.Adjust wish = new LedgerCommand.Adjust(EVA, Amount.credits(3), ADMIN, "a reason", "k1");
        execute(wish);
        State before = state(EVA);

        assertThat(execute(new LedgerCommand.Adjust(EVA, Amount.credits(3), "admin:other", "a reason", "k1")))
                .isEqualTo(new AdjustResult.Adjusted(newest(EVA), true));
        assertThat(execute(new LedgerCommand.Adjust(EVA, Amount.credits(4), ADMIN, "a reason", "k1")))
                .isEqualTo(new AdjustResult.KeyReused("k1"));
        assertThat(state(EVA)).isEqualTo(before);
    }

    @Test
    void assignTier_isKeptWithItsEndAndItsReason() {
        give(EVA, 3);
        Instant end = clock.instant().plus(Duration.ofDays(30));
        LedgerCommand.AssignTier wish =
                new LedgerCommand.AssignTier(EVA, "gold", Optional.of(end), ADMIN, "won a prize");

        TierResult result = execute(wish);
        State before = state(EVA);
        TierResult again = execute(wish);

        Account account = store.account(EVA).orElseThrow();
        assertThat(account)
                .isEqualTo(Account.fresh(EVA).withAvailable(Amount.credits(3)).withTier("gold", Optional.of(end)));
        assertThat(result).isEqualTo(new TierResult(account, true));
        assertThat(newest(EVA).kind()).isEqualTo(Posting.Kind.TIER);
        assertThat(newest(EVA).reason().orElseThrow()).isEqualTo("tier gold until " + end + ": won a prize");
        assertThat(again).isEqualTo(new TierResult(account, false));
        assertThat(state(EVA)).isEqualTo(before);
    }

    @Test
    void assignTier_whenAGrantIsDue_expiresIt() {
        Instant end = clock.instant().plus(Duration.ofHours(1));
        execute(wish(EVA, GrantSource.TRIAL, "t", 4, Optional.of(end)));
        clock.set(end);

        execute(new LedgerCommand.AssignTier(EVA, "gold", Optional.empty(), ADMIN, "won a prize"));

        assertBalance(EVA, 0, 0);
        assertThat(store.account(EVA).orElseThrow().tier()).isEqualTo("gold");
    }

    @Test
    void draw_again_isWhatWasDrawn() {
        DrawResult first = execute(new LedgerCommand.DrawLuck(EVA, LuckyDraw.SHIPPED, ZoneOffset.UTC, 499));
        DrawResult second = execute(new LedgerCommand.DrawLuck(EVA, LuckyDraw.SHIPPED, ZoneOffset.UTC, 9_999));

        LocalDate today = LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);
        Draw draw = new Draw(EVA, today, 499, "SSR", 50, clock.instant());
        assertThat(first).isEqualTo(new DrawResult(draw, false));
        assertThat(second).isEqualTo(new DrawResult(draw, true));
        assertThat(store.account(EVA).orElseThrow().draw()).contains(draw);
        assertThat(store.draws(EVA, 10)).containsExactly(draw);
        assertThat(store.draws(ADAM, 10)).isEmpty();
        assertThat(store.history(EVA, Optional.empty(), 10).postings()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        // the day of 23 hours, the day of 25, and one that has no midnight
        "Europe/Berlin, 2026-03-28T23:00:00Z, 2026-03-29T21:59:59.999Z, 2026-03-29T22:00:00Z",
        "Europe/Berlin, 2026-10-24T22:00:00Z, 2026-10-25T22:59:59.999Z, 2026-10-25T23:00:00Z",
        "America/Santiago, 2026-09-06T04:00:00Z, 2026-09-07T02:59:59.999Z, 2026-09-07T03:00:00Z",
    })
    void draw_overTheDayOfAZone_isOneFromItsFirstMomentToItsLast(
            ZoneId zone, Instant begin, Instant last, Instant next) {
        clock.set(begin);
        execute(new LedgerCommand.DrawLuck(EVA, LuckyDraw.SHIPPED, zone, 1));
        clock.set(last);
        DrawResult same = execute(new LedgerCommand.DrawLuck(EVA, LuckyDraw.SHIPPED, zone, 2));
        clock.set(next);
        DrawResult other = execute(new LedgerCommand.DrawLuck(EVA, LuckyDraw.SHIPPED, zone, 3));

        assertThat(same.again()).isTrue();
        assertThat(other.again()).isFalse();
        assertThat(store.draws(EVA, 10)).extracting(Draw::roll).containsExactly(3, 1);
        assertThat(store.draws(EVA, 1)).extracting(Draw::roll).containsExactly(3);
    }

    @Test
    void draw_inAZoneWhoseDayIsEarlier_doesNotComeBack() {
        clock.set(Instant.parse("2026-05-01T12:00:00Z"));
        execute(new LedgerCommand.DrawLuck(EVA, LuckyDraw.SHIPPED, ZoneId.of("Pacific/Auckland"), 1));

        DrawResult again = execute(new LedgerCommand.DrawLuck(EVA, LuckyDraw.SHIPPED, ZoneOffset.UTC, 2));

        assertThat(again.again()).isTrue();
        assertThat(store.draws(EVA, 10)).hasSize(1);
    }

    private static DrawSecret.Secret secret(int number) {
        return new DrawSecret.Secret(String.format("%064x", number));
    }

    private static LedgerCommand.DrawLuck provable(UserId user, ZoneId zone, int secret) {
        return new LedgerCommand.DrawLuck(user, LuckyDraw.SHIPPED, zone, 42, Optional.of(secret(secret)));
    }

    @Test
    void draw_thatCanBeChecked_isMadeOfTheDaysOneSecret() {
        LocalDate today = LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);
        Draw first = execute(provable(EVA, ZoneOffset.UTC, 1)).draw();
        clock.advance(Duration.ofMinutes(1));
        Draw second = execute(provable(ADAM, ZoneOffset.UTC, 2)).draw();
        DrawSecret prepared = execute(new LedgerCommand.PrepareDraw(ZoneOffset.UTC, secret(3)));

        DrawSecret kept = new DrawSecret(today, secret(1), first.at());
        assertThat(prepared).isEqualTo(kept);
        assertThat(store.drawSecret(today)).contains(kept);
        assertThat(store.latestDrawSecret()).contains(kept);
        assertThat(store.drawSecret(today.plusDays(1))).isEmpty();
        assertThat(first.provable()).isTrue();
        assertThat(store.draws(EVA, 1)).containsExactly(first);
        assertThat(first.roll()).isEqualTo(kept.roll(EVA));
        assertThat(second.roll()).isEqualTo(kept.roll(ADAM)).isNotEqualTo(first.roll());
    }

    @Test
    void draw_thatNeedNotBeChecked_isOfTheDaysSecretToo() {
        DrawSecret prepared = execute(new LedgerCommand.PrepareDraw(ZoneOffset.UTC, secret(3)));

        Draw draw = execute(new LedgerCommand.DrawLuck(EVA, LuckyDraw.SHIPPED, ZoneOffset.UTC, 42))
                .draw();

        assertThat(draw.roll()).isEqualTo(prepared.roll(EVA));
    }

    @ParameterizedTest
    @CsvSource({
        "Europe/Berlin, 2026-03-28T23:00:00Z, 2026-03-29T21:59:59.999Z, 2026-03-29T22:00:00Z, 2026-03-29",
        "Europe/Berlin, 2026-10-24T22:00:00Z, 2026-10-25T22:59:59.999Z, 2026-10-25T23:00:00Z, 2026-10-25",
        "America/Santiago, 2026-09-06T04:00:00Z, 2026-09-07T02:59:59.999Z, 2026-09-07T03:00:00Z, 2026-09-06",
    })
    void prepareDraw_overTheDayOfAZone_isOneSecretFromItsFirstMomentToItsLast(
            ZoneId zone, Instant begin, Instant last, Instant next, LocalDate day) {
        clock.set(begin);
        DrawSecret made = execute(new LedgerCommand.PrepareDraw(zone, secret(1)));
        clock.set(last);
        execute(new LedgerCommand.PrepareDraw(zone, secret(2)));
        clock.set(next);
        DrawSecret other = execute(new LedgerCommand.PrepareDraw(zone, secret(3)));

        assertThat(made).isEqualTo(new DrawSecret(day, secret(1), begin));
        assertThat(other).isEqualTo(new DrawSecret(day.plusDays(1), secret(3), next));
        assertThat(store.drawSecret(day)).contains(made);
        assertThat(store.latestDrawSecret()).contains(other);
    }

    @Test
    void draw_onADayBeforeTheLatestSecret_isOfTheLatest() {
        clock.set(Instant.parse("2026-05-01T12:00:00Z"));
        ZoneId ahead = ZoneId.of("Pacific/Auckland");
        DrawSecret latest = execute(new LedgerCommand.PrepareDraw(ahead, secret(1)));

        Draw draw = execute(provable(EVA, ZoneOffset.UTC, 2)).draw();

        assertThat(draw.day()).isEqualTo(LocalDate.parse("2026-05-02"));
        assertThat(draw.roll()).isEqualTo(latest.roll(EVA));
        assertThat(store.latestDrawSecret()).contains(latest);
    }

    @Test
    void draw_byManyThreads_happensOnce() throws Exception {
        List<DrawResult> results = race(
                thread -> () -> execute(new LedgerCommand.DrawLuck(EVA, LuckyDraw.SHIPPED, ZoneOffset.UTC, thread)));

        assertThat(results).filteredOn(result -> !result.again()).hasSize(1);
        assertThat(results)
                .extracting(DrawResult::draw)
                .containsOnly(results.get(0).draw());
        assertThat(store.draws(EVA, 10)).hasSize(1);
    }

    @Test
    void expireGrants_whenNothingIsDue_changesNothing() {
        execute(wish(EVA, GrantSource.TRIAL, "t", 4, Optional.of(clock.instant().plusMillis(1))));
        State before = state(EVA);

        assertThat(execute(new LedgerCommand.ExpireGrants(EVA))).isEqualTo(Amount.ZERO);
        assertThat(execute(new LedgerCommand.ExpireGrants(ADAM))).isEqualTo(Amount.ZERO);
        assertThat(state(EVA)).isEqualTo(before);
        assertThat(store.account(ADAM)).isEmpty();
    }

    @Test
    void history_inPages_isCompleteAndNewestFirst() {
        for (int i = 1; i <= 7; i++) {
            execute(wish(EVA, GrantSource.BONUS, "eva:" + i, i, Optional.empty()));
            execute(wish(ADAM, GrantSource.BONUS, "adam:" + i, i, Optional.empty()));
        }

        List<Amount> seen = new ArrayList<>();
        List<Integer> sizes = new ArrayList<>();
        Optional<Long> next = Optional.empty();
        do {
            History page = store.history(EVA, next, 3);
            page.postings().forEach(posting -> seen.add(posting.net()));
            sizes.add(page.lines().size());
            next = page.next();
            execute(wish(EVA, GrantSource.BONUS, "meanwhile:" + sizes.size(), 50, Optional.empty()));
        } while (next.isPresent() && sizes.size() < 10);

        assertThat(seen)
                .isEqualTo(LongStream.of(7, 6, 5, 4, 3, 2, 1)
                        .mapToObj(Amount::credits)
                        .toList());
        assertThat(sizes).containsExactly(3, 3, 1);
        assertThat(store.history(EVA, Optional.empty(), 10).next()).isEmpty();
    }

    @Test
    void accounts_inPages_comeInTheOrderOfTheirUsers() {
        for (String name : List.of("c", "a", "e", "B", "d")) {
            give(new UserId(name), 1);
        }

        List<Account> first = store.accounts(Optional.empty(), 3);
        List<Account> rest = store.accounts(Optional.of(first.get(2).user()), 3);

        assertThat(first).extracting(account -> account.user().value()).containsExactly("B", "a", "c");
        assertThat(rest).extracting(account -> account.user().value()).containsExactly("d", "e");
    }

    private static LedgerCommand.OpenBalance opening(UserId user, String amount, Optional<String> tier) {
        return new LedgerCommand.OpenBalance(
                user, "old-bot", Amount.parse(amount), tier, Optional.empty(), ADMIN, "brought along");
    }

    @Test
    void openBalance_ofCreditsAndATier_isDoneOnce() {
        LedgerCommand.OpenBalance wish = opening(EVA, "12.34", Optional.of("gold"));

        OpeningResult first = execute(wish);
        State before = state(EVA);
        OpeningResult again = execute(wish);
        OpeningResult other = execute(opening(EVA, "12.35", Optional.of("gold")));

        Account account =
                Account.fresh(EVA).withAvailable(Amount.parse("12.34")).withTier("gold", Optional.empty());
        assertThat(first).isEqualTo(new OpeningResult.Opened(account, false));
        assertThat(again).isEqualTo(new OpeningResult.Opened(account, true));
        assertThat(other).isEqualTo(new OpeningResult.KeyReused());
        assertThat(state(EVA)).isEqualTo(before);
        assertThat(store.grants(EVA)).singleElement().satisfies(grant -> {
            assertThat(grant.source()).isEqualTo(GrantSource.OPENING);
            assertThat(grant.sourceKey()).startsWith("opening:").doesNotContain("eva");
        });
        assertThat(store.history(EVA, Optional.empty(), 9).postings())
                .extracting(Posting::kind)
                .containsExactly(Posting.Kind.GRANT, Posting.Kind.TIER);
    }

    @Test
    void openBalance_ofATierAlone_isDoneOnceWhateverBecameOfIt() {
        execute(opening(EVA, "0", Optional.of("gold")));
        execute(new LedgerCommand.AssignTier(EVA, "silver", Optional.empty(), ADMIN, "for a test"));

        OpeningResult again = execute(opening(EVA, "0", Optional.of("gold")));

        assertThat(again)
                .isEqualTo(new OpeningResult.Opened(Account.fresh(EVA).withTier("silver", Optional.empty()), true));
        assertThatThrownBy(() -> opening(EVA, "0", Optional.empty())).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void holdings_inPages_comeInOrderWithWhatIsLive() {
        Instant soon = clock.instant().plus(Duration.ofMinutes(1));
        execute(wish(EVA, GrantSource.BONUS, "bonus:1", 3, Optional.of(soon)));
        execute(wish(EVA, GrantSource.BONUS, "paid:1", 5, Optional.empty()));
        execute(wish(ADAM, GrantSource.BONUS, "paid:2", 4, Optional.empty()));
        HoldId spent = newHoldId();
        execute(hold(spent, ADAM, 4));
        execute(capture(spent, 4));
        clock.set(soon);

        List<Holdings> first = store.holdings(Optional.empty(), 1);
        List<Holdings> second = store.holdings(Optional.of(ADAM), 5);

        assertThat(first).containsExactly(new Holdings(Account.fresh(ADAM), List.of()));
        Holdings ofEva = second.get(0);
        assertThat(second).hasSize(1);
        assertThat(ofEva.account()).isEqualTo(store.account(EVA).orElseThrow());
        assertThat(ofEva.grants()).extracting(Grant::sourceKey).containsExactly("bonus:1", "paid:1");
        assertThat(ofEva.spendableAt(clock.instant())).isEqualTo(Amount.credits(5));
        assertThat(store.holdings(Optional.of(EVA), 5)).isEmpty();
    }

    @Test
    void totals_ofAnEmptyLedger_areNothing() {
        LocalDate day = LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);

        Totals totals = store.totals(day, day.plusDays(1), ZoneOffset.UTC);

        assertThat(totals.problems()).isEmpty();
        assertThat(totals.days()).extracting(DailyTotals::day).containsExactly(day, day.plusDays(1));
        assertThat(totals.days().get(1).end()).isEqualTo(Books.NONE);
        assertThat(totals.days().get(1).subsidies()).isEmpty();
    }

    @Test
    void totals_ofALateDelivery_areOurLossButForTheDiscount() {
        give(EVA, 10);
        HoldId id = newHoldId();
        Amount list = Amount.credits(12);
        Price price =
                new Price(list, Amount.credits(9), List.of(new Price.Step("tier-discount", list, Amount.credits(9))));
        execute(new LedgerCommand.OpenHold(id, EVA, price, ADMIN));
        execute(release(id, true));
        execute(new LedgerCommand.BookLate(id, Amount.credits(4), ADMIN)); // a third of it
        LocalDate day = LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);

        Totals totals = store.totals(day, day, ZoneOffset.UTC);

        assertThat(totals.problems()).isEmpty();
        assertThat(totals.days().get(0).subsidies())
                .containsOnly(
                        Map.entry("tier-discount", Amount.credits(1)), Map.entry(Price.OUR_LOSS, Amount.credits(3)));
    }

    @Test
    void totals_ofADayOnWhichEverythingHappened_addUp() {
        LocalDate day = LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);
        execute(wish(EVA, GrantSource.OPENING, "from:1", 7, Optional.empty()));
        clock.advance(Duration.ofDays(1));
        bought(EVA, 100);
        execute(wish(ADAM, GrantSource.BONUS, "bonus:1", 30, Optional.empty()));
        Instant soon = clock.instant().plus(Duration.ofMinutes(1));
        execute(wish(ADAM, GrantSource.TRIAL, "trial:1", 5, Optional.of(soon)));
        Price price = new Price(
                Amount.parse("10"),
                Amount.parse("6.30"),
                List.of(
                        new Price.Step("tier-discount", Amount.parse("10"), Amount.parse("9")),
                        new Price.Step("lucky-draw", Amount.parse("9"), Amount.parse("6.30"))));
        HoldId third = newHoldId();
        execute(new LedgerCommand.OpenHold(third, EVA, price, ADMIN));
        HoldId given = newHoldId();
        execute(hold(given, EVA, 20));
        HoldId late = newHoldId();
        execute(hold(late, ADAM, 4)); // of the trial
        HoldId open = newHoldId();
        execute(hold(open, ADAM, 3));
        execute(new LedgerCommand.Capture(third, Amount.parse("2.10"), Amount.parse("3.33"), ADMIN));
        execute(release(given, false));
        clock.advance(Duration.ofMinutes(2));
        execute(release(late, true));
        execute(new LedgerCommand.Adjust(EVA, Amount.parse("-1.50"), ADMIN, "for a test", "a1"));
        clock.advance(Duration.ofDays(1));
        execute(new LedgerCommand.Adjust(EVA, Amount.parse("2"), ADMIN, "for a test", "a2"));

        Totals totals = store.totals(day.plusDays(1), day.plusDays(2), ZoneOffset.UTC);

        assertThat(totals.problems()).isEmpty();
        DailyTotals first = totals.days().get(0);
        assertThat(first)
                .isEqualTo(new DailyTotals(
                        day.plusDays(1),
                        new Books(Amount.credits(7), Amount.ZERO, Amount.ZERO),
                        Amount.credits(100),
                        Amount.credits(35),
                        Amount.ZERO,
                        Amount.credits(4),
                        Amount.parse("-1.50"),
                        Amount.parse("33.30"),
                        Amount.parse("28.20"), // 20 and 4, and 6.30 less 2.10
                        Amount.parse("2.10"),
                        Amount.parse("1.23"),
                        // 1 and 2.70 of 3.70: 0.33 and what is left
                        Map.of("tier-discount", Amount.parse("0.33"), "lucky-draw", Amount.parse("0.90")),
                        Amount.credits(4), // the fifth of the trial is held
                        Amount.ZERO,
                        new Books(Amount.parse("135.40"), Amount.credits(3), Amount.ZERO)));
        assertThat(first.line())
                .isEqualTo("issued 135 + adjusted -1.5 + credit back 4 - captured 2.1 - expired 4 - revoked 0 = 131.4");
        assertThat(totals.days().get(1).adjusted()).isEqualTo(Amount.credits(2));
        assertThat(totals.accounts()).isEqualTo(totals.entries());
        assertThat(totals.accounts()).isEqualTo(totals.days().get(1).end());
        assertThat(store.totals(day, day, ZoneOffset.UTC).days().get(0).issuedOpening())
                .isEqualTo(Amount.credits(7));
    }

    @ParameterizedTest
    @CsvSource({"2026-03-29, 23", "2026-10-25, 25", "2026-11-22, 24"})
    void totals_ofADayOfAZone_areOfItsFirstMomentToItsLast(LocalDate day, long hours) {
        ZoneId berlin = ZoneId.of("Europe/Berlin");
        Instant midnight = day.atStartOfDay(berlin).toInstant();
        List<Instant> times = List.of(
                midnight.minusMillis(1),
                midnight,
                midnight.plus(Duration.ofHours(hours)).minusMillis(1),
                midnight.plus(Duration.ofHours(hours)));
        for (int i = 0; i < times.size(); i++) {
            clock.set(times.get(i));
            execute(wish(EVA, GrantSource.BONUS, "bonus:" + i, 1L << i, Optional.empty()));
        }

        Totals totals = store.totals(day, day, berlin);

        assertThat(totals.problems()).isEmpty();
        DailyTotals only = totals.days().get(0);
        assertThat(only.start().available()).isEqualTo(Amount.credits(1));
        assertThat(only.issued()).isEqualTo(Amount.credits(2 + 4));
        assertThat(only.end().available()).isEqualTo(Amount.credits(1 + 2 + 4));
        assertThat(totals.entries().available()).isEqualTo(Amount.credits(15));
    }

    @Test
    void totals_ofNoDaysOrTooMany_areRefused() {
        LocalDate day = LocalDate.of(2026, 1, 1);

        assertThatThrownBy(() -> store.totals(day, day.minusDays(1), ZoneOffset.UTC))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> store.totals(day, day.plusDays(Totals.MOST_DAYS), ZoneOffset.UTC))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void hold_byManyThreadsForTheLastCredit_hasOneWinner() throws Exception {
        give(EVA, 1);

        List<HoldResult> results = race(thread -> () -> execute(hold(newHoldId(), EVA, 1)));

        assertThat(results).filteredOn(HoldResult.Held.class::isInstance).hasSize(1);
        assertThat(results)
                .filteredOn(new HoldResult.Insufficient(Amount.credits(1), Amount.ZERO)::equals)
                .hasSize(THREADS - 1);
        assertBalance(EVA, 0, 1);
    }

    @Test
    void hold_ofOneIdByManyThreads_opensOnce() throws Exception {
        give(EVA, 100);
        HoldId id = newHoldId();

        List<HoldResult> results = race(thread -> () -> execute(hold(id, EVA, 2)));

        assertThat(results)
                .filteredOn(result -> result instanceof HoldResult.Held held && !held.replayed())
                .hasSize(1);
        assertThat(results).allMatch(HoldResult.Held.class::isInstance);
        assertBalance(EVA, 98, 2);
    }

    @Test
    void settle_byManyThreads_happensOnce() throws Exception {
        give(EVA, 10);
        HoldId id = newHoldId();
        execute(hold(id, EVA, 10));

        List<SettleResult> results =
                race(thread -> () -> execute(thread % 2 == 0 ? capture(id, 10) : release(id, true)));

        Hold hold = store.hold(id).orElseThrow();
        assertThat(results).filteredOn(new SettleResult.Settled(hold)::equals).hasSize(1);
        assertThat(results)
                .filteredOn(new SettleResult.AlreadySettled(hold)::equals)
                .hasSize(THREADS - 1);
        assertBalance(EVA, hold.state() == Hold.State.CAPTURED ? 0 : 10, 0);
    }

    @Test
    void grant_ofOneKeyByManyThreads_isGivenOnce() throws Exception {
        List<GrantResult> results =
                race(thread -> () -> execute(wish(EVA, GrantSource.TRIAL, "trial:eva:1", 20, Optional.empty())));

        assertThat(results)
                .filteredOn(result -> result instanceof GrantResult.Granted granted && !granted.replayed())
                .hasSize(1);
        assertBalance(EVA, 20, 0);
    }

    @Test
    void execute_byManyThreadsForFewUsers_keepsTheBooks() throws Exception {
        List<UserId> users = List.of(EVA, ADAM, new UserId("zoe"));
        users.forEach(user -> give(user, 20));

        race(thread -> () -> {
            for (int i = 0; i < 10; i++) {
                UserId user = users.get((thread + i) % users.size());
                HoldId id = newHoldId();
                if (execute(hold(id, user, 1 + i % 3)) instanceof HoldResult.Held) {
                    execute(i % 2 == 0 ? capture(id, 1) : release(id, false));
                }
            }
            return thread;
        });

        assertThat(store.auditLedger().findings()).isEmpty();
        for (UserId user : users) {
            assertThat(store.account(user).orElseThrow().held()).isEqualTo(Amount.ZERO);
        }
    }

    // ---- payments

    @Test
    void openInvoice_canBeReadAndReplayed() {
        LedgerCommand.OpenInvoice wish = invoice(EVA, 50);

        Invoice invoice = ((InvoiceResult.Opened) execute(wish)).invoice();
        clock.advance(Duration.ofHours(1));
        PaymentState before = paymentState(EVA);

        assertThat(invoice)
                .isEqualTo(new Invoice(
                        wish.id(),
                        wish.payload(),
                        EVA,
                        "small",
                        Money.parse("0.50 EUR"),
                        Amount.credits(50),
                        Invoice.State.OPEN,
                        MutableClock.START,
                        MutableClock.START.plus(Duration.ofHours(24))));
        assertThat(store.invoice(wish.id())).contains(invoice);
        assertThat(store.invoiceByPayload(wish.payload())).contains(invoice);
        assertThat(store.invoices(EVA, 10)).containsExactly(invoice);
        assertThat(store.invoices(ADAM, 10)).isEmpty();
        assertThat(execute(wish)).isEqualTo(new InvoiceResult.Opened(invoice, true));
        assertThat(paymentState(EVA)).isEqualTo(before);
    }

    @Test
    void openInvoice_withTheIdOrThePayloadOfAnother_isAConflict() {
        LedgerCommand.OpenInvoice first = invoice(EVA, 50);
        execute(first);
        PaymentState before = paymentState(EVA);

        assertThat(execute(new LedgerCommand.OpenInvoice(
                        first.id(),
                        first.payload(),
                        ADAM,
                        first.pack(),
                        first.price(),
                        first.credits(),
                        first.lifetime())))
                .isEqualTo(new InvoiceResult.Conflict(first.id()));
        LedgerCommand.OpenInvoice other = invoice(EVA, 50);
        assertThat(execute(new LedgerCommand.OpenInvoice(
                        other.id(),
                        first.payload(),
                        EVA,
                        first.pack(),
                        first.price(),
                        first.credits(),
                        first.lifetime())))
                .isEqualTo(new InvoiceResult.Conflict(other.id()));
        assertThat(paymentState(EVA)).isEqualTo(before);
    }

    @Test
    void recordPayment_ofAnInvoice_makesTheGrantInTheSameUnit() {
        LedgerCommand.OpenInvoice asked = invoice(EVA, 50);
        execute(asked);
        Instant at = clock.advance(Duration.ofMinutes(5));
        LedgerCommand.RecordPayment wish = payment(EVA, "charge-1", asked.price(), asked.payload());

        PaymentResult result = execute(wish);

        Payment payment = new Payment(
                wish.id(),
                wish.charge(),
                EVA,
                asked.price(),
                Optional.of(asked.payload()),
                Optional.of(asked.id()),
                Optional.of(EVA),
                Amount.credits(50),
                Payment.State.CREDITED,
                Optional.empty(),
                "{}",
                at,
                at);
        assertThat(result).isEqualTo(new PaymentResult.Done(payment, false));
        assertThat(store.payment(wish.id())).contains(payment);
        assertThat(store.payment(wish.charge())).contains(payment);
        assertThat(store.payments(PaymentFilter.ALL, Optional.empty(), 10))
                .isEqualTo(new PaymentPage(List.of(payment), Optional.empty()));
        assertThat(store.invoice(asked.id()).orElseThrow().state()).isEqualTo(Invoice.State.PAID);
        assertBalance(EVA, 50, 0);
        Grant grant = grantOf(EVA, payment);
        assertThat(grant.source()).isEqualTo(GrantSource.PURCHASE);
        assertThat(grant.sourceKey()).isEqualTo("purchase:" + wish.id());
        assertThat(newest(EVA).entries())
                .containsExactlyInAnyOrder(
                        Entry.of(EVA, Book.AVAILABLE, Amount.credits(50)),
                        Entry.system(Book.ISSUED_PAID, Amount.credits(-50)));
    }

    @Test
    void recordPayment_again_isTheSamePayment() {
        LedgerCommand.OpenInvoice asked = invoice(EVA, 50);
        execute(asked);
        Payment first = done(execute(payment(EVA, "charge-1", asked.price(), asked.payload())));
        PaymentState before = paymentState(EVA);
        clock.advance(Duration.ofHours(1));

        // the id is new, as when the first answer was lost; what the provider says besides may differ
        assertThat(execute(payment(EVA, "charge-1", asked.price(), asked.payload())))
                .isEqualTo(new PaymentResult.Done(first, true));
        assertThat(execute(payment(EVA, "charge-1", new Money(51, "EUR"), asked.payload())))
                .isEqualTo(new PaymentResult.ChargeReused(first));
        assertThat(execute(payment(ADAM, "charge-1", asked.price(), asked.payload())))
                .isEqualTo(new PaymentResult.ChargeReused(first));
        assertThat(execute(payment(EVA, "charge-1", asked.price(), "inv:other")))
                .isEqualTo(new PaymentResult.ChargeReused(first));
        assertThat(paymentState(EVA)).isEqualTo(before);
        assertThat(store.account(ADAM)).isEmpty();
    }

    @Test
    void recordPayment_ofAnotherPeriodOfOneCharge_isAnotherPayment() {
        LedgerCommand.OpenInvoice asked = invoice(EVA, 5);
        execute(asked);
        for (long end : new long[] {0, 100, 200, 100}) {
            LedgerCommand.RecordPayment wish = payment(EVA, "charge-1", asked.price(), asked.payload());
            execute(new LedgerCommand.RecordPayment(
                    wish.id(),
                    new Charge("manual", "charge-1", end),
                    EVA,
                    wish.money(),
                    wish.payload(),
                    wish.raw(),
                    ADMIN));
        }

        assertBalance(EVA, 15, 0);
        assertThat(store.payments(PaymentFilter.ALL, Optional.empty(), 10).payments())
                .hasSize(3);
    }

    @Test
    void recordPayment_byManyThreads_creditsOnce() throws Exception {
        LedgerCommand.OpenInvoice asked = invoice(EVA, 50);
        execute(asked);

        List<PaymentResult> results =
                race(thread -> () -> execute(payment(EVA, "charge-1", asked.price(), asked.payload())));

        assertThat(results)
                .filteredOn(result -> result instanceof PaymentResult.Done done && !done.replayed())
                .hasSize(1);
        assertBalance(EVA, 50, 0);
    }

    @Test
    void recordPayment_ofAnExpiredOrPaidInvoice_stillCreditsThePayer() {
        LedgerCommand.OpenInvoice asked = invoice(EVA, 50);
        execute(asked);
        clock.advance(Duration.ofDays(3));

        Payment late = done(execute(payment(EVA, "charge-1", asked.price(), asked.payload())));
        Payment twice = done(execute(payment(EVA, "charge-2", asked.price(), asked.payload())));

        assertThat(List.of(late, twice)).extracting(Payment::state).containsOnly(Payment.State.CREDITED);
        assertBalance(EVA, 100, 0);
        assertThat(store.invoice(asked.id()).orElseThrow().state()).isEqualTo(Invoice.State.PAID);
    }

    @Test
    void recordPayment_ofAnothersInvoice_creditsThePayerAndLeavesTheInvoice() {
        LedgerCommand.OpenInvoice asked = invoice(EVA, 50);
        execute(asked);

        Payment payment = done(execute(payment(ADAM, "charge-1", asked.price(), asked.payload())));

        assertThat(payment.user()).contains(ADAM);
        assertBalance(ADAM, 50, 0);
        assertBalance(EVA, 0, 0);
        assertThat(store.invoice(asked.id()).orElseThrow().state()).isEqualTo(Invoice.State.OPEN);
    }

    @Test
    void recordPayment_thatFitsNoInvoice_isKeptForAnOperator() {
        LedgerCommand.OpenInvoice asked = invoice(EVA, 50);
        execute(asked);

        Payment unknown = done(execute(payment(EVA, "charge-1", asked.price(), "inv:unknown")));
        Payment tooLittle = done(execute(payment(EVA, "charge-2", new Money(49, "EUR"), asked.payload())));
        Payment otherMoney = done(execute(payment(ADAM, "charge-3", new Money(50, "XTR"), asked.payload())));

        assertThat(List.of(unknown, tooLittle, otherMoney))
                .extracting(Payment::state)
                .containsOnly(Payment.State.UNMATCHED);
        assertThat(unknown.note()).contains("there is no invoice with this payload");
        assertThat(tooLittle.note()).contains("the invoice is of 0.50 EUR");
        assertThat(store.payments(PaymentFilter.of(Payment.State.UNMATCHED), Optional.empty(), 10)
                        .payments())
                .containsExactly(otherMoney, tooLittle, unknown);
        assertThat(store.account(ADAM)).contains(Account.fresh(ADAM));
        assertThat(store.grants(EVA)).isEmpty();
        assertThat(store.invoice(asked.id()).orElseThrow().state()).isEqualTo(Invoice.State.OPEN);
    }

    @Test
    void payments_inPages_areCompleteAndNewestFirst() {
        List<PaymentId> all = new ArrayList<>();
        for (int i = 0; i < 7; i++) {
            all.add(0, paid(i % 2 == 0 ? EVA : ADAM, 5).id());
        }

        PaymentPage first = store.payments(PaymentFilter.ALL, Optional.empty(), 4);
        PaymentPage rest = store.payments(PaymentFilter.ALL, first.next(), 4);

        List<PaymentId> seen = new ArrayList<>();
        first.payments().forEach(payment -> seen.add(payment.id()));
        rest.payments().forEach(payment -> seen.add(payment.id()));
        assertThat(seen).isEqualTo(all);
        assertThat(rest.next()).isEmpty();
        assertThat(store.payments(new PaymentFilter(Optional.empty(), Optional.of(ADAM)), Optional.empty(), 10)
                        .payments())
                .hasSize(3);
        assertThat(store.payments(PaymentFilter.of(Payment.State.REFUNDED), Optional.empty(), 10)
                        .payments())
                .isEmpty();
        assertThatThrownBy(() -> store.payments(PaymentFilter.ALL, Optional.empty(), 0))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void matchPayment_creditsWhomTheOperatorSays_once() {
        Payment unmatched = done(execute(payment(EVA, "charge-1", new Money(49, "EUR"), "inv:unknown")));
        LedgerCommand.MatchPayment wish =
                new LedgerCommand.MatchPayment(unmatched.id(), ADAM, Amount.credits(40), ADMIN, "a friend paid");

        Payment matched = done(execute(wish));
        PaymentState before = paymentState(ADAM);

        assertThat(matched.state()).isEqualTo(Payment.State.CREDITED);
        assertThat(matched.user()).contains(ADAM);
        assertThat(matched.payer()).isEqualTo(EVA);
        assertThat(matched.note()).contains("a friend paid");
        assertBalance(ADAM, 40, 0);
        assertThat(newest(ADAM).reason()).contains("a friend paid");
        assertThat(execute(wish)).isEqualTo(new PaymentResult.Done(matched, true));
        assertThat(execute(new LedgerCommand.MatchPayment(
                        unmatched.id(), EVA, Amount.credits(40), ADMIN, "a friend paid")))
                .isEqualTo(new PaymentResult.WrongState(matched));
        assertThat(execute(payment(EVA, "charge-1", new Money(49, "EUR"), "inv:unknown")))
                .isEqualTo(new PaymentResult.Done(matched, true));
        assertThat(paymentState(ADAM)).isEqualTo(before);
    }

    @Test
    void payments_thatAreNotThere_areNotFound() {
        PaymentId id = new PaymentId(new UUID(1, 1));

        assertThat(execute(new LedgerCommand.MatchPayment(id, EVA, Amount.credits(1), ADMIN, "a reason")))
                .isEqualTo(new PaymentResult.NoSuchPayment(id.toString()));
        assertThat(execute(refund(id, true))).isEqualTo(new PaymentResult.NoSuchPayment(id.toString()));
        assertThat(execute(finish(id, true))).isEqualTo(new PaymentResult.NoSuchPayment(id.toString()));
        assertThat(execute(chargeBack("charge-1"))).isEqualTo(new PaymentResult.NoSuchPayment("manual charge-1"));
        assertThat(store.payment(id)).isEmpty();
        assertThat(store.payment(Charge.once("manual", "charge-1"))).isEmpty();
        assertThat(store.account(EVA)).isEmpty();
    }

    @Test
    void refund_ofAnUntouchedPack_takesItsCreditsBackAndIsDoneOnce() {
        Payment payment = paid(EVA, 50);

        Payment pending = done(execute(refund(payment.id(), false)));

        assertThat(pending.state()).isEqualTo(Payment.State.REFUND_PENDING);
        assertThat(pending.note()).contains("not wanted");
        assertBalance(EVA, 0, 0);
        assertThat(newest(EVA).entries())
                .containsExactlyInAnyOrder(
                        Entry.of(EVA, Book.AVAILABLE, Amount.credits(-50)),
                        Entry.system(Book.REVOKED, Amount.credits(50)));
        assertThat(execute(hold(newHoldId(), EVA, 1))).isInstanceOf(HoldResult.Insufficient.class);
        PaymentState begun = paymentState(EVA);
        assertThat(execute(refund(payment.id(), false))).isEqualTo(new PaymentResult.WrongState(pending));
        assertThat(paymentState(EVA)).isEqualTo(begun);

        Payment refunded = done(execute(finish(payment.id(), true)));

        assertThat(refunded.state()).isEqualTo(Payment.State.REFUNDED);
        assertThat(store.account(EVA).orElseThrow().debt()).isEqualTo(Amount.ZERO);
        assertThat(newest(EVA).kind()).isEqualTo(Posting.Kind.REFUNDED);
        PaymentState ended = paymentState(EVA);
        assertThat(execute(finish(payment.id(), true))).isEqualTo(new PaymentResult.WrongState(refunded));
        assertThat(execute(finish(payment.id(), false))).isEqualTo(new PaymentResult.WrongState(refunded));
        assertThat(execute(refund(payment.id(), true))).isEqualTo(new PaymentResult.WrongState(refunded));
        assertThat(execute(new LedgerCommand.ChargeBack(payment.charge(), ADMIN, "the bank says so")))
                .isEqualTo(new PaymentResult.WrongState(refunded));
        assertThat(paymentState(EVA)).isEqualTo(ended);
    }

    @Test
    void refund_thatTheProviderTurnsDown_putsThingsBack() {
        Payment payment = paid(EVA, 50);
        execute(new LedgerCommand.Adjust(EVA, Amount.credits(-8), ADMIN, "given too much", "k1"));
        Grant before = grantOf(EVA, payment);
        execute(refund(payment.id(), false));

        Payment again = done(execute(new LedgerCommand.FinishRefund(payment.id(), false, ADMIN, "too late for it")));

        assertThat(again.state()).isEqualTo(Payment.State.CREDITED);
        assertThat(again.note()).contains("too late for it");
        assertThat(grantOf(EVA, payment)).isEqualTo(before);
        assertBalance(EVA, 42, 0);
        assertThat(newest(EVA).kind()).isEqualTo(Posting.Kind.REFUND_UNDONE);
        assertThat(execute(hold(newHoldId(), EVA, 42))).isInstanceOf(HoldResult.Held.class);
    }

    @Test
    void refund_thatIsTurnedDownAfterTheGrantWasSpent_makesItLiveAgain() {
        Payment payment = paid(EVA, 50);
        HoldId id = newHoldId();
        execute(hold(id, EVA, 50));
        execute(refund(payment.id(), true));
        execute(release(id, false)); // all of it is taken back now: nothing of the grant is left to move

        assertBalance(EVA, 0, 0);
        assertThat(grantOf(EVA, payment).revoked()).isEqualTo(Amount.credits(50));
        execute(finish(payment.id(), false));

        assertBalance(EVA, 50, 0);
        assertThat(execute(hold(newHoldId(), EVA, 50))).isInstanceOf(HoldResult.Held.class);
    }

    @Test
    void refund_ofAnUnmatchedPayment_movesNoCredits() {
        Payment unmatched = done(execute(payment(EVA, "charge-1", new Money(49, "EUR"), "inv:unknown")));

        assertThat(done(execute(refund(unmatched.id(), false))).state()).isEqualTo(Payment.State.REFUND_PENDING);
        assertThat(done(execute(finish(unmatched.id(), false))).state()).isEqualTo(Payment.State.UNMATCHED);
        execute(refund(unmatched.id(), false));
        Payment refunded = done(execute(finish(unmatched.id(), true)));

        assertThat(refunded.state()).isEqualTo(Payment.State.REFUNDED);
        assertThat(execute(new LedgerCommand.MatchPayment(unmatched.id(), EVA, Amount.credits(1), ADMIN, "a reason")))
                .isEqualTo(new PaymentResult.WrongState(refunded));
        assertThat(store.history(EVA, Optional.empty(), 10).postings()).isEmpty();
    }

    /** The first example of docs/credits.md. */
    @Test
    void refund_ofASpentPack_isRefusedAndWithOverrideLeavesADebt() {
        Payment payment = paid(EVA, 50);
        HoldId job = newHoldId();
        execute(hold(job, EVA, 30));
        State held = state(EVA);
        assertThat(execute(refund(payment.id(), false)))
                .isEqualTo(new PaymentResult.Spent(payment, Amount.ZERO, Amount.credits(30), Amount.ZERO));
        assertThat(state(EVA)).isEqualTo(held);
        execute(capture(job, 30));
        State spent = state(EVA);

        assertThat(execute(refund(payment.id(), false)))
                .isEqualTo(new PaymentResult.Spent(payment, Amount.credits(30), Amount.ZERO, Amount.ZERO));
        assertThat(state(EVA)).isEqualTo(spent);
        execute(refund(payment.id(), true));

        assertBalance(EVA, 0, 0);
        assertDebt(EVA, 0); // the money isn't gone yet
        execute(finish(payment.id(), true));

        assertDebt(EVA, 30);
        assertThat(newest(EVA).entries())
                .containsExactlyInAnyOrder(
                        Entry.of(EVA, Book.DEBT, Amount.credits(-30)), Entry.system(Book.REVOKED, Amount.credits(30)));
        give(EVA, 100); // a present settles no debt
        assertDebt(EVA, 30);
        State indebted = state(EVA);
        assertThat(execute(hold(newHoldId(), EVA, 1))).isEqualTo(new HoldResult.Indebted(Amount.credits(30)));
        assertThat(state(EVA)).isEqualTo(indebted);
        assertThat(execute(new LedgerCommand.OpenHold(
                        newHoldId(), EVA, Price.agreed(Amount.credits(5), Amount.ZERO), ADMIN)))
                .isInstanceOf(HoldResult.Held.class);
    }

    /** The second example of docs/credits.md. */
    @Test
    void chargeBack_withAnOpenHold_becomesADebtThatTheNextPackPays() {
        Payment payment = paid(EVA, 50);
        HoldId spent = newHoldId();
        HoldId running = newHoldId();
        HoldId failing = newHoldId();
        execute(hold(spent, EVA, 10));
        execute(capture(spent, 10));
        execute(hold(running, EVA, 20));
        execute(hold(failing, EVA, 5));

        Payment chargedBack = done(execute(new LedgerCommand.ChargeBack(payment.charge(), ADMIN, "the bank says so")));

        assertThat(chargedBack.state()).isEqualTo(Payment.State.CHARGED_BACK);
        assertBalance(EVA, 0, 25);
        assertDebt(EVA, 10);
        assertThat(newest(EVA).entries())
                .containsExactlyInAnyOrder(
                        Entry.of(EVA, Book.AVAILABLE, Amount.credits(-15)),
                        Entry.of(EVA, Book.DEBT, Amount.credits(-10)),
                        Entry.system(Book.REVOKED, Amount.credits(25)));
        State before = state(EVA);
        assertThat(execute(new LedgerCommand.ChargeBack(payment.charge(), ADMIN, "the bank says so")))
                .isEqualTo(new PaymentResult.Done(chargedBack, true));
        assertThat(state(EVA)).isEqualTo(before);

        execute(new LedgerCommand.Capture(running, Amount.credits(15), Amount.credits(15), ADMIN));

        assertBalance(EVA, 0, 5); // the tail of 5 doesn't come back
        assertDebt(EVA, 25);
        assertThat(newest(EVA).entries())
                .containsExactlyInAnyOrder(
                        Entry.of(EVA, Book.HELD, Amount.credits(-20)),
                        Entry.of(EVA, Book.DEBT, Amount.credits(-15)),
                        Entry.system(Book.REVOKED, Amount.credits(20)),
                        Entry.system(Book.REVENUE, Amount.credits(15)));
        execute(release(failing, true));
        assertBalance(EVA, 0, 0);
        assertDebt(EVA, 25);
        assertThat(grantOf(EVA, payment).revoked()).isEqualTo(Amount.credits(25));

        Payment next = paid(EVA, 40);

        assertBalance(EVA, 15, 0);
        assertDebt(EVA, 0);
        assertThat(grantOf(EVA, next).repaid()).isEqualTo(Amount.credits(25));
        assertThat(newest(EVA).entries())
                .containsExactlyInAnyOrder(
                        Entry.of(EVA, Book.AVAILABLE, Amount.credits(15)),
                        Entry.of(EVA, Book.DEBT, Amount.credits(25)),
                        Entry.system(Book.ISSUED_PAID, Amount.credits(-40)));
        assertThat(execute(hold(newHoldId(), EVA, 15))).isInstanceOf(HoldResult.Held.class);
    }

    @Test
    void chargeBack_ofAPackThatPaidADebt_bringsTheDebtBack() {
        Payment first = paid(EVA, 50);
        HoldId id = newHoldId();
        execute(hold(id, EVA, 50));
        execute(capture(id, 50));
        execute(new LedgerCommand.ChargeBack(first.charge(), ADMIN, "the bank says so"));
        Payment second = paid(EVA, 30); // all of it goes into the debt
        assertDebt(EVA, 20);
        assertBalance(EVA, 0, 0);
        assertThat(execute(refund(second.id(), false)))
                .isEqualTo(new PaymentResult.Spent(second, Amount.ZERO, Amount.ZERO, Amount.credits(30)));

        execute(new LedgerCommand.ChargeBack(second.charge(), ADMIN, "the bank says so"));

        assertDebt(EVA, 50);
    }

    @Test
    void chargeBack_whileARefundIsUnderWay_settlesIt() {
        Payment payment = paid(EVA, 50);
        execute(refund(payment.id(), false));

        Payment chargedBack = done(execute(new LedgerCommand.ChargeBack(payment.charge(), ADMIN, "the bank says so")));

        assertThat(chargedBack.state()).isEqualTo(Payment.State.CHARGED_BACK);
        assertThat(execute(finish(payment.id(), false))).isEqualTo(new PaymentResult.WrongState(chargedBack));
        assertBalance(EVA, 0, 0);
        assertDebt(EVA, 0);
    }

    @Test
    void chargeBack_ofAnUnmatchedPayment_movesNoCredits() {
        Payment unmatched = done(execute(payment(EVA, "charge-1", new Money(49, "EUR"), "inv:unknown")));

        Payment chargedBack = done(execute(chargeBack("charge-1")));

        assertThat(chargedBack).isEqualTo(store.payment(unmatched.id()).orElseThrow());
        assertThat(chargedBack.state()).isEqualTo(Payment.State.CHARGED_BACK);
        assertThat(store.grants(EVA)).isEmpty();
    }

    @Test
    void release_ofAHoldOverATrialAndAPackChargedBack_givesBackOnlyTheTrial() {
        Instant end = clock.instant().plus(Duration.ofHours(1));
        execute(wish(EVA, GrantSource.TRIAL, "t", 4, Optional.of(end)));
        give(EVA, 3);
        Payment payment = paid(EVA, 10);
        HoldId id = newHoldId();
        execute(hold(id, EVA, 12)); // 4 of the trial, 3 of the present, 5 of the pack
        execute(new LedgerCommand.ChargeBack(payment.charge(), ADMIN, "the bank says so"));
        clock.set(end);

        execute(release(id, true));

        // the trial's 4 expired and come back for a day, the pack's 5 are gone
        assertBalance(EVA, 7, 0);
        assertDebt(EVA, 0);
        assertThat(store.grants(EVA).get(0).granted()).isEqualTo(Amount.credits(4));
        assertThat(grantOf(EVA, payment).revoked()).isEqualTo(Amount.credits(10));
    }

    private static LedgerCommand.BeginRefund refund(PaymentId id, boolean override) {
        return new LedgerCommand.BeginRefund(id, override, ADMIN, "not wanted");
    }

    private static LedgerCommand.FinishRefund finish(PaymentId id, boolean done) {
        return new LedgerCommand.FinishRefund(id, done, ADMIN, "the provider said so");
    }

    private static LedgerCommand.ChargeBack chargeBack(String charge) {
        return new LedgerCommand.ChargeBack(Charge.once("manual", charge), ADMIN, "the bank says so");
    }

    private void assertDebt(UserId user, long credits) {
        assertThat(store.account(user).orElseThrow().debt()).isEqualTo(Amount.credits(-credits));
    }

    private PaymentState paymentState(UserId user) {
        return new PaymentState(
                state(user),
                store.invoices(user, 100),
                store.payments(PaymentFilter.ALL, Optional.empty(), 100).payments());
    }

    /** All that can be seen of a user and of payments. */
    private record PaymentState(State state, List<Invoice> invoices, List<Payment> payments) {}

    /** Seeds that always run, and some that nobody has seen. */
    static LongStream seeds() {
        Long only = Long.getLong("tollgate.model.seed");
        if (only != null) {
            return LongStream.of(only);
        }
        int seeds = Math.max(2, Integer.getInteger("tollgate.model.seeds", 5));
        LongStream fresh = LongStream.generate(RandomGenerator.getDefault()::nextLong);
        return LongStream.concat(LongStream.rangeClosed(1, seeds - FRESH), fresh.limit(FRESH));
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void execute_anyWalkOfCommands_agreesWithASmallModel(long seed) {
        new LedgerWalk(store, clock, seed).walk(WALK_STEPS);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void execute_anyWalkOfPayments_agreesWithASmallModel(long seed) {
        new LedgerWalk(store, clock, seed).walkOfPayments(2 * WALK_STEPS);
    }

    /** What threads do differs from run to run; the seed is what each of them wants to do. */
    @Test
    void execute_collisionsByManyThreads_breakNothing() throws Exception {
        new LedgerCollisions(store, clock, 42).run();
    }

    private interface Racer<R> {
        Callable<R> in(int thread);
    }

    private static <R> List<R> race(Racer<R> racer) throws Exception {
        CyclicBarrier start = new CyclicBarrier(THREADS);
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        try {
            List<Future<R>> running = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                Callable<R> work = racer.in(i);
                running.add(threads.submit(() -> {
                    start.await(30, SECONDS);
                    return work.call();
                }));
            }
            List<R> results = new ArrayList<>();
            for (Future<R> one : running) {
                results.add(one.get(60, SECONDS));
            }
            return results;
        } finally {
            threads.shutdownNow();
        }
    }

    private <R> R execute(LedgerCommand<R> command) {
        return execute(store, command);
    }

    /** Waits for the answer, and throws what it completes with. */
    static <R> R execute(LedgerStore store, LedgerCommand<R> command) {
        try {
            return store.execute(command).toCompletableFuture().get(60, SECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new CompletionException(e.getCause());
        } catch (TimeoutException e) {
            throw new AssertionError("no answer to " + command, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    private HoldId newHoldId() {
        return new HoldId(new UUID(0x7000, ids.incrementAndGet()));
    }

    private void give(UserId user, long credits) {
        execute(wish(user, GrantSource.BONUS, "gift:" + ids.incrementAndGet(), credits, Optional.empty()));
    }

    /** A pack that a user buys, at a cent a credit. */
    private Grant bought(UserId user, long credits) {
        return grantOf(user, paid(user, credits));
    }

    private Grant grantOf(UserId user, Payment payment) {
        return store.grants(user).stream()
                .filter(grant -> grant.sourceKey().equals(payment.sourceKey()))
                .findFirst()
                .orElseThrow();
    }

    private Payment paid(UserId user, long credits) {
        LedgerCommand.OpenInvoice invoice = invoice(user, credits);
        execute(invoice);
        return done(execute(payment(user, "charge-" + ids.incrementAndGet(), invoice.price(), invoice.payload())));
    }

    private LedgerCommand.OpenInvoice invoice(UserId user, long credits) {
        InvoiceId id = new InvoiceId(new UUID(0x7000, ids.incrementAndGet()));
        return new LedgerCommand.OpenInvoice(
                id,
                "inv:" + id,
                user,
                "small",
                new Money(credits, "EUR"),
                Amount.credits(credits),
                Duration.ofHours(24));
    }

    private LedgerCommand.RecordPayment payment(UserId payer, String charge, Money money, String payload) {
        return new LedgerCommand.RecordPayment(
                new PaymentId(new UUID(0x7000, ids.incrementAndGet())),
                Charge.once("manual", charge),
                payer,
                money,
                Optional.of(payload),
                "{}",
                ADMIN);
    }

    private static Payment done(PaymentResult result) {
        assertThat(result).isInstanceOf(PaymentResult.Done.class);
        return ((PaymentResult.Done) result).payment();
    }

    private static LedgerCommand.GrantCredits wish(
            UserId user, GrantSource source, String key, long credits, Optional<Instant> end) {
        return new LedgerCommand.GrantCredits(user, source, key, Amount.credits(credits), end, ADMIN, "for a test");
    }

    private static LedgerCommand.GrantCredits wish(UserId user, GrantSource source, String key, Amount amount) {
        return new LedgerCommand.GrantCredits(user, source, key, amount, Optional.empty(), ADMIN, "for a test");
    }

    private static LedgerCommand.OpenHold hold(HoldId id, UserId user, long credits) {
        return new LedgerCommand.OpenHold(
                id, user, Price.agreed(Amount.credits(credits), Amount.credits(credits)), ADMIN);
    }

    private static LedgerCommand.Capture capture(HoldId id, long credits) {
        return new LedgerCommand.Capture(id, Amount.credits(credits), Amount.credits(credits), ADMIN);
    }

    private static LedgerCommand.Release release(HoldId id, boolean ourFault) {
        return new LedgerCommand.Release(id, ourFault, ADMIN, "it was canceled");
    }

    private static Grant granted(GrantResult result) {
        assertThat(result).isInstanceOf(GrantResult.Granted.class);
        return ((GrantResult.Granted) result).grant();
    }

    private static Hold held(HoldResult result) {
        assertThat(result).isInstanceOf(HoldResult.Held.class);
        return ((HoldResult.Held) result).hold();
    }

    private Grant grant(GrantId id) {
        return store.grants(EVA).stream()
                .filter(grant -> grant.id().equals(id))
                .findFirst()
                .orElseThrow();
    }

    private Posting newest(UserId user) {
        return store.history(user, Optional.empty(), 1).postings().get(0);
    }

    private void assertBalance(UserId user, long available, long held) {
        Account account = store.account(user).orElseThrow();
        assertThat(account.available()).isEqualTo(Amount.credits(available));
        assertThat(account.held()).isEqualTo(Amount.credits(held));
    }

    private State state(UserId user) {
        return new State(
                store.account(user),
                store.grants(user),
                store.history(user, Optional.empty(), 1000).postings(),
                store.auditLedger().counts().entrySet().stream()
                        .map(Object::toString)
                        .sorted()
                        .toList());
    }

    /** All that can be seen of a user, and how many rows there are. */
    private record State(Optional<Account> account, List<Grant> grants, List<Posting> postings, List<String> counts) {}
}
