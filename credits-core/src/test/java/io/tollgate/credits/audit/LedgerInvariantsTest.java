package io.tollgate.credits.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.tollgate.credits.account.UserId;
import io.tollgate.credits.ledger.Account;
import io.tollgate.credits.ledger.Amount;
import io.tollgate.credits.ledger.AuditReport;
import io.tollgate.credits.ledger.Book;
import io.tollgate.credits.ledger.Decision;
import io.tollgate.credits.ledger.Entry;
import io.tollgate.credits.ledger.Finding;
import io.tollgate.credits.ledger.Grant;
import io.tollgate.credits.ledger.GrantId;
import io.tollgate.credits.ledger.GrantSource;
import io.tollgate.credits.ledger.Hold;
import io.tollgate.credits.ledger.HoldId;
import io.tollgate.credits.ledger.LedgerChanges;
import io.tollgate.credits.ledger.LedgerCommand;
import io.tollgate.credits.ledger.LedgerRules;
import io.tollgate.credits.ledger.Posting;
import io.tollgate.credits.ledger.Price;
import io.tollgate.credits.ledger.Slice;
import io.tollgate.credits.memory.LedgerTables;
import io.tollgate.credits.test.MutableClock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Books in order, then one row of them made wrong: the audit names the rule and the row. */
final class LedgerInvariantsTest {
    private static final UserId EVA = new UserId("eva");
    private static final UserId ADAM = new UserId("adam");
    private static final Instant NOW = MutableClock.START;
    private static final HoldId OPEN = new HoldId(new UUID(0, 1));
    private static final HoldId CAPTURED = new HoldId(new UUID(0, 2));
    private static final HoldId RELEASED = new HoldId(new UUID(0, 3));
    private static final Amount CENT = new Amount(1);

    private final List<Account> accounts = new ArrayList<>();
    private final List<Grant> grants = new ArrayList<>();
    private final List<Hold> holds = new ArrayList<>();
    private final List<Posting> postings = new ArrayList<>();

    @BeforeEach
    void booksInOrder() {
        LedgerTables tables = new LedgerTables();
        Instant end = NOW.plus(Duration.ofDays(1));
        run(tables, grant(EVA, GrantSource.TRIAL, "trial:1", Optional.of(end)), NOW);
        run(tables, grant(EVA, GrantSource.PURCHASE, "purchase:1", Optional.empty()), NOW);
        run(tables, grant(ADAM, GrantSource.BONUS, "bonus:1", Optional.empty()), NOW);
        run(tables, hold(RELEASED, 12), NOW);
        run(tables, new LedgerCommand.Release(RELEASED, true, "queue", "lost"), end);
        run(tables, new LedgerCommand.BookLate(RELEASED, Amount.credits(11), "queue"), end);
        run(tables, hold(CAPTURED, 6), end);
        run(tables, new LedgerCommand.Capture(CAPTURED, Amount.credits(4), Amount.credits(5), "queue"), end);
        run(tables, hold(OPEN, 7), end);
        run(tables, new LedgerCommand.Adjust(EVA, Amount.credits(3), "admin", "a reason", "k1"), end);
        run(tables, new LedgerCommand.Adjust(EVA, Amount.credits(-1), "admin", "a reason", "k2"), end);
        assertThat(tables.audit().findings()).isEmpty();
        tables.accounts(Optional.empty(), 10).forEach(accounts::add);
        grants.addAll(tables.allGrants(EVA));
        grants.addAll(tables.allGrants(ADAM));
        for (HoldId id : List.of(OPEN, CAPTURED, RELEASED)) {
            holds.add(tables.hold(id).orElseThrow());
        }
        for (UserId user : List.of(EVA, ADAM)) {
            List<Posting> oldestFirst =
                    new ArrayList<>(tables.history(user, Optional.empty(), 100).postings());
            Collections.reverse(oldestFirst);
            postings.addAll(oldestFirst);
        }
    }

    @Test
    void check_booksInOrder_findsNothingAndCountsAll() {
        AuditReport report = check();

        assertThat(report.findings()).isEmpty();
        assertThat(report.clean()).isTrue();
        assertThat(report.counts())
                .containsEntry("accounts", 2L)
                .containsEntry("grants", (long) grants.size())
                .containsEntry("holds", 3L)
                .containsEntry("postings", (long) postings.size())
                .containsEntry(
                        "entries",
                        postings.stream()
                                .mapToLong(posting -> posting.entries().size())
                                .sum());
    }

    @Test
    void check_aBalanceThatIsNotItsEntries_isFound() {
        change(
                accounts,
                account(EVA),
                account -> account.withAvailable(account.available().plus(CENT)));

        assertFound(LedgerInvariants.BALANCE_IS_SUM_OF_ENTRIES, "account eva");
        assertFound(LedgerInvariants.AVAILABLE_IS_SUM_OF_GRANTS, "account eva");
    }

    @Test
    void check_aDebtThatNobodyPosted_isFound() {
        change(
                accounts,
                account(ADAM),
                account -> new Account(
                        ADAM,
                        account.tier(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        account.available(),
                        account.held(),
                        CENT.negated()));

        assertFound(LedgerInvariants.BALANCE_IS_SUM_OF_ENTRIES, "account adam");
        assertThat(check().findings()).hasSize(1);
    }

    @Test
    void check_aBalanceHeldThatIsNotItsHolds_isFound() {
        change(
                accounts,
                account(EVA),
                account -> new Account(
                        EVA,
                        account.tier(),
                        account.tierUntil(),
                        account.trialUntil(),
                        account.draw(),
                        account.available(),
                        account.held().plus(CENT),
                        account.debt()));

        assertFound(LedgerInvariants.BALANCE_IS_SUM_OF_ENTRIES, "account eva");
        assertFound(LedgerInvariants.HELD_IS_SUM_OF_GRANTS, "account eva");
        assertFound(LedgerInvariants.HELD_IS_SUM_OF_HOLDS, "account eva");
    }

    @Test
    void check_aGrantThatMovedByItself_isFound() {
        Grant grant = grantOf("bonus:1");
        change(
                grants,
                grant,
                before -> parts(
                        before,
                        before.remaining().minus(CENT),
                        before.held().plus(CENT),
                        before.consumed(),
                        before.expired()));

        assertFound(LedgerInvariants.AVAILABLE_IS_SUM_OF_GRANTS, "account adam");
        assertFound(LedgerInvariants.HELD_IS_SUM_OF_GRANTS, "account adam");
        assertFound(LedgerInvariants.GRANT_AGREES_WITH_SLICES, "grant " + grant.id());
    }

    @Test
    void check_aGrantConsumedByNoHold_isFound() {
        Grant grant = grantOf("bonus:1");
        change(
                grants,
                grant,
                before -> parts(
                        before,
                        before.remaining().minus(CENT),
                        before.held(),
                        before.consumed().plus(CENT),
                        before.expired()));

        assertFound(LedgerInvariants.GRANT_AGREES_WITH_SLICES, "grant " + grant.id());
    }

    @Test
    void check_aGrantExpiredWithoutAPosting_isFound() {
        change(
                grants,
                grantOf("bonus:1"),
                before -> parts(
                        before,
                        before.remaining().minus(CENT),
                        before.held(),
                        before.consumed(),
                        before.expired().plus(CENT)));

        assertFound(LedgerInvariants.ISSUED_IS_GRANTED, "book BREAKAGE");
    }

    @Test
    void check_aGrantThatWasNeverPosted_isFound() {
        for (GrantSource source : GrantSource.values()) {
            Grant before = grantOf("bonus:1");
            Grant planted = copy(before, new GrantId(99), source, "planted", before.user());
            grants.add(planted);

            assertFound(LedgerInvariants.AVAILABLE_IS_SUM_OF_GRANTS, "account adam");
            String book = source == GrantSource.ADJUST
                    ? "ADJUST + REVOKED"
                    : source.contra().name();
            assertFound(LedgerInvariants.ISSUED_IS_GRANTED, "book " + book);
            grants.remove(planted);
        }
    }

    @Test
    void check_aSourceKeyUsedTwice_isFound() {
        Grant before = grantOf("bonus:1");
        grants.add(copy(before, new GrantId(99), before.source(), "bonus:1", before.user()));

        assertFound(LedgerInvariants.KEY_USED_ONCE, "source key bonus:1");
    }

    @Test
    void check_aKeyUsedTwice_isFound() {
        postings.add(posting(postings.size() - 1, Amount.ZERO, List.of()));

        assertFound(LedgerInvariants.KEY_USED_ONCE, "key grant:bonus:1");
    }

    @Test
    void check_aSliceOfNoGrantOrOfAnothers_isFound() {
        change(holds, hold(OPEN), hold -> withSlices(hold, List.of(new Slice(new GrantId(77), hold.amount()))));
        assertFound(LedgerInvariants.SLICE_HAS_GRANT, "hold " + OPEN);
        assertFound(
                LedgerInvariants.GRANT_AGREES_WITH_SLICES,
                "grant " + grantWithHeld().id());

        GrantId ofAdam = grantOf("bonus:1").id();
        change(holds, hold(OPEN), hold -> withSlices(hold, List.of(new Slice(ofAdam, hold.amount()))));
        assertFound(LedgerInvariants.SLICE_HAS_GRANT, "hold " + OPEN);
        assertFound(LedgerInvariants.GRANT_AGREES_WITH_SLICES, "grant " + ofAdam);
    }

    @Test
    void check_aHoldSettledWithoutAPosting_isFound() {
        change(holds, hold(OPEN), hold -> settled(hold, Hold.State.RELEASED, Amount.ZERO));

        assertFound(LedgerInvariants.HOLD_SETTLED_ONCE, "hold " + OPEN);
        assertFound(LedgerInvariants.HELD_IS_SUM_OF_HOLDS, "account eva");
    }

    @Test
    void check_aHoldSettledTheOtherWay_isFound() {
        change(holds, hold(RELEASED), hold -> settled(hold, Hold.State.CAPTURED, hold.amount()));

        assertFound(LedgerInvariants.HOLD_SETTLED_ONCE, "hold " + RELEASED);
        assertFound(LedgerInvariants.REVENUE_IS_CAPTURED, "book REVENUE + SUBSIDY");
    }

    @Test
    void check_aHoldThatIsOpenAgain_isFound() {
        change(
                holds,
                hold(RELEASED),
                hold -> new Hold(
                        hold.id(),
                        EVA,
                        hold.price(),
                        hold.slices(),
                        Hold.State.OPEN,
                        Amount.ZERO,
                        hold.openedAt(),
                        Optional.empty()));

        assertFound(LedgerInvariants.HOLD_SETTLED_ONCE, "hold " + RELEASED);
        assertFound(LedgerInvariants.HELD_IS_SUM_OF_HOLDS, "account eva");
    }

    @Test
    void check_aHoldCapturedForAnotherAmount_isFound() {
        change(
                holds,
                hold(CAPTURED),
                hold -> settled(hold, Hold.State.CAPTURED, hold.captured().plus(CENT)));

        assertFound(LedgerInvariants.HOLD_SETTLED_ONCE, "hold " + CAPTURED);
        assertFound(LedgerInvariants.REVENUE_IS_CAPTURED, "book REVENUE + SUBSIDY");
    }

    @Test
    void check_aHoldSettledTwice_isFound() {
        int capture = postingOf(CAPTURED, Posting.Kind.CAPTURE);
        postings.add(postings.get(capture));

        assertFound(LedgerInvariants.HOLD_SETTLED_ONCE, "hold " + CAPTURED);
        assertFound(LedgerInvariants.REVENUE_IS_CAPTURED, "book REVENUE + SUBSIDY");
    }

    @Test
    void check_aHoldWithoutAnOpening_isFound() {
        postings.remove(postingOf(OPEN, Posting.Kind.HOLD));

        assertFound(LedgerInvariants.HOLD_OPENED_ONCE, "hold " + OPEN);
        assertFound(LedgerInvariants.BALANCE_IS_SUM_OF_ENTRIES, "account eva");
    }

    @Test
    void check_anotherListPriceThanWasOpened_isFound() {
        change(
                holds,
                hold(OPEN),
                hold -> new Hold(
                        OPEN,
                        EVA,
                        Price.agreed(hold.listPrice().plus(CENT), hold.amount()),
                        hold.slices(),
                        Hold.State.OPEN,
                        Amount.ZERO,
                        hold.openedAt(),
                        Optional.empty()));

        assertFound(LedgerInvariants.HOLD_OPENED_ONCE, "hold " + OPEN);
    }

    @Test
    void check_revenueThatIsNotTheListPrice_isFound() {
        int capture = postingOf(CAPTURED, Posting.Kind.CAPTURE);
        Posting before = postings.get(capture);
        postings.set(capture, posting(capture, before.listPrice().plus(CENT), before.entries()));

        assertFound(LedgerInvariants.REVENUE_IS_LIST_PRICE, "book REVENUE");
        assertThat(check().findings()).hasSize(1);
    }

    @Test
    void check_creditsThatWereHeldBeforeTheyCame_areFound() {
        int hold = postingOf(RELEASED, Posting.Kind.HOLD);
        postings.add(0, postings.remove(hold));

        assertFound(LedgerInvariants.BALANCE_NEVER_NEGATIVE, "account eva");
        assertThat(check().findings()).hasSize(1);
    }

    @Test
    void check_aPriceThatGoesUpOnItsWay_isFound() {
        Amount list = hold(OPEN).listPrice();
        Price crooked = new Price(
                list,
                list,
                List.of(new Price.Step("up", list, list.plus(CENT)), new Price.Step("down", list.plus(CENT), list)));
        change(
                holds,
                hold(OPEN),
                hold -> new Hold(
                        OPEN,
                        EVA,
                        crooked,
                        hold.slices(),
                        Hold.State.OPEN,
                        Amount.ZERO,
                        hold.openedAt(),
                        Optional.empty()));

        assertFound(LedgerInvariants.PRICE_ADDS_UP, "hold " + OPEN);
        assertThat(check().findings()).hasSize(1);
    }

    @Test
    void check_aLateDeliveryOfWhatWasCaptured_isFound() {
        int late = postingOf(RELEASED, Posting.Kind.LATE);
        postings.set(late, about(postings.get(late), CAPTURED, Amount.ZERO));

        assertFound(LedgerInvariants.LATE_ONCE, "hold " + CAPTURED);
        assertThat(check().findings()).hasSize(1);
    }

    @Test
    void check_aSecondLateDelivery_isFound() {
        postings.add(postings.get(postingOf(RELEASED, Posting.Kind.LATE)));

        assertFound(LedgerInvariants.LATE_ONCE, "hold " + RELEASED);
        assertFound(LedgerInvariants.KEY_USED_ONCE, "key late:" + RELEASED);
    }

    @Test
    void check_aLateDeliveryThatCostsSomething_isFound() {
        int late = postingOf(RELEASED, Posting.Kind.LATE);
        postings.set(late, about(postings.get(late), RELEASED, CENT));

        assertFound(LedgerInvariants.LATE_ONCE, "hold " + RELEASED);
    }

    @Test
    void check_aLateDeliveryBeyondTheListPrice_isFound() {
        int late = postingOf(RELEASED, Posting.Kind.LATE);
        Amount more = hold(RELEASED).listPrice().plus(CENT);
        postings.set(
                late,
                posting(
                        late,
                        more,
                        List.of(Entry.system(Book.REVENUE, more), Entry.system(Book.SUBSIDY, more.negated()))));

        assertFound(LedgerInvariants.LATE_ONCE, "hold " + RELEASED);
        assertThat(check().findings()).hasSize(1);
    }

    private static Posting about(Posting posting, HoldId hold, Amount net) {
        return new Posting(
                posting.kind(),
                posting.user(),
                Optional.of(hold),
                posting.listPrice(),
                net,
                posting.actor(),
                posting.reason(),
                posting.key(),
                posting.requestHash(),
                posting.at(),
                posting.entries());
    }

    @Test
    void check_creditsMovedBetweenSystemBooks_areFound() {
        int last = postings.size() - 1;
        List<Entry> entries = new ArrayList<>(postings.get(last).entries());
        entries.add(Entry.system(Book.ISSUED_PAID, CENT));
        entries.add(Entry.system(Book.SUBSIDY, CENT.negated()));
        postings.set(last, posting(last, Amount.ZERO, entries));

        assertFound(LedgerInvariants.ISSUED_IS_GRANTED, "book ISSUED_PAID");
        assertFound(LedgerInvariants.REVENUE_IS_CAPTURED, "book REVENUE + SUBSIDY");
    }

    @Test
    void check_rowsOfNobody_areFound() {
        accounts.removeIf(account -> account.user().equals(ADAM));

        assertFound(LedgerInvariants.NO_ORPHANS, "grant " + grantOf("bonus:1").id());
        assertFound(LedgerInvariants.NO_ORPHANS, "posting GRANT at " + NOW);
    }

    @Test
    void check_postingsOfAHoldThatIsGone_areFound() {
        holds.removeIf(hold -> hold.id().equals(RELEASED));

        assertFound(LedgerInvariants.NO_ORPHANS, "hold " + RELEASED);
    }

    @Test
    void check_amountsBeyondAllSums_areFoundToo() {
        for (UserId user : List.of(EVA, ADAM)) {
            change(accounts, account(user), account -> account.withAvailable(new Amount(Long.MAX_VALUE)));
        }

        assertFound(LedgerInvariants.BALANCE_IS_SUM_OF_ENTRIES, "account eva");
    }

    private AuditReport check() {
        return LedgerInvariants.check(accounts, grants, holds, postings);
    }

    private void assertFound(String rule, String subject) {
        assertThat(check().findings())
                .extracting(Finding::rule, Finding::subject)
                .contains(tuple(rule, subject));
    }

    private static <T> void change(List<T> rows, T row, UnaryOperator<T> by) {
        rows.set(rows.indexOf(row), by.apply(row));
    }

    private Account account(UserId user) {
        return accounts.stream()
                .filter(account -> account.user().equals(user))
                .findFirst()
                .orElseThrow();
    }

    private Grant grantOf(String sourceKey) {
        return grants.stream()
                .filter(grant -> grant.sourceKey().equals(sourceKey))
                .findFirst()
                .orElseThrow();
    }

    private Grant grantWithHeld() {
        return grants.stream()
                .filter(grant -> grant.held().isPositive())
                .findFirst()
                .orElseThrow();
    }

    private Hold hold(HoldId id) {
        return holds.stream().filter(hold -> hold.id().equals(id)).findFirst().orElseThrow();
    }

    private int postingOf(HoldId hold, Posting.Kind kind) {
        for (int i = 0; i < postings.size(); i++) {
            if (postings.get(i).kind() == kind && postings.get(i).hold().equals(Optional.of(hold))) {
                return i;
            }
        }
        throw new AssertionError("no " + kind + " of " + hold);
    }

    /** The posting at an index, with another list price and other entries. */
    private Posting posting(int index, Amount listPrice, List<Entry> entries) {
        Posting before = postings.get(index);
        return new Posting(
                before.kind(),
                before.user(),
                before.hold(),
                listPrice,
                before.net(),
                before.actor(),
                before.reason(),
                before.key(),
                before.requestHash(),
                before.at(),
                entries);
    }

    private static Hold settled(Hold hold, Hold.State state, Amount captured) {
        return new Hold(
                hold.id(),
                hold.user(),
                hold.price(),
                hold.slices(),
                state,
                captured,
                hold.openedAt(),
                Optional.of(NOW));
    }

    private static Hold withSlices(Hold hold, List<Slice> slices) {
        return new Hold(
                hold.id(),
                hold.user(),
                hold.price(),
                slices,
                hold.state(),
                hold.captured(),
                hold.openedAt(),
                hold.settledAt());
    }

    private static Grant parts(Grant grant, Amount remaining, Amount held, Amount consumed, Amount expired) {
        return new Grant(
                grant.id(),
                grant.user(),
                grant.source(),
                grant.sourceKey(),
                grant.priority(),
                grant.granted(),
                remaining,
                held,
                consumed,
                expired,
                grant.revoked(),
                grant.effectiveAt(),
                grant.expiresAt(),
                grant.createdAt());
    }

    private static Grant copy(Grant grant, GrantId id, GrantSource source, String sourceKey, UserId user) {
        return new Grant(
                id,
                user,
                source,
                sourceKey,
                grant.priority(),
                grant.granted(),
                grant.remaining(),
                grant.held(),
                grant.consumed(),
                grant.expired(),
                grant.revoked(),
                grant.effectiveAt(),
                grant.expiresAt(),
                grant.createdAt());
    }

    private static LedgerCommand<?> grant(UserId user, GrantSource source, String key, Optional<Instant> end) {
        return new LedgerCommand.GrantCredits(user, source, key, Amount.credits(10), end, "test", "a reason");
    }

    private static LedgerCommand<?> hold(HoldId id, long credits) {
        return new LedgerCommand.OpenHold(
                id, EVA, Price.agreed(Amount.credits(credits), Amount.credits(credits)), "queue");
    }

    private static void run(LedgerTables tables, LedgerCommand<?> command, Instant at) {
        Decision<?> decision = LedgerRules.decide(command, tables, at);
        assertThat(decision.changes()).isNotEqualTo(LedgerChanges.NONE);
        tables.apply(decision.changes());
    }
}
