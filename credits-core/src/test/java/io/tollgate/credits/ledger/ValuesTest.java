package io.tollgate.credits.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tollgate.credits.account.UserId;
import io.tollgate.credits.test.MutableClock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.IntFunction;
import java.util.function.ToIntFunction;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** What can't be built wrong needn't be checked again. */
final class ValuesTest {
    private static final UserId EVA = new UserId("eva");
    private static final UserId ADAM = new UserId("adam");
    private static final Instant NOW = MutableClock.START;
    private static final Amount ONE = Amount.credits(1);

    @Test
    void posting_outOfBalance_isRefused() {
        refused(() -> posting(Entry.of(EVA, Book.AVAILABLE, ONE)));
        refused(() ->
                posting(Entry.of(EVA, Book.AVAILABLE, ONE), Entry.system(Book.ISSUED_PAID, Amount.parse("-0.99"))));
    }

    @Test
    void posting_thatTouchesAnother_isRefused() {
        refused(() -> posting(Entry.of(EVA, Book.AVAILABLE, ONE.negated()), Entry.of(ADAM, Book.AVAILABLE, ONE)));
    }

    @Test
    void posting_ofAnAdjustmentWithoutAReason_isRefused() {
        refused(() -> posting(Posting.Kind.ADJUST, Optional.empty()));
        refused(() -> posting(Posting.Kind.ADJUST, Optional.of("  x ")));
        assertThat(posting(Posting.Kind.ADJUST, Optional.of("why")).reason()).contains("why");
    }

    @Test
    void entry_ofNothingOrOfTheWrongOwner_isRefused() {
        refused(() -> Entry.of(EVA, Book.AVAILABLE, Amount.ZERO));
        refused(() -> Entry.of(EVA, Book.REVENUE, ONE));
        refused(() -> Entry.system(Book.HELD, ONE));
    }

    @Test
    void account_withImpossibleBalances_isRefused() {
        Amount less = new Amount(-1);
        refused(() -> account(less, Amount.ZERO, Amount.ZERO));
        refused(() -> account(Amount.ZERO, less, Amount.ZERO));
        refused(() -> account(Amount.ZERO, Amount.ZERO, ONE));
    }

    @Test
    void tierAt_fromItsEndOn_isStandard() {
        Account gold = Account.fresh(EVA).withTier("gold", Optional.of(NOW));

        assertThat(gold.tierAt(NOW.minusMillis(1))).isEqualTo("gold");
        assertThat(gold.tierAt(NOW)).isEqualTo("standard");
        assertThat(Account.fresh(EVA).withTier("gold", Optional.empty()).tierAt(Instant.MAX))
                .isEqualTo("gold");
    }

    @Test
    void grant_thatLosesOrMakesCredits_isRefused() {
        refused(() -> grant(5, 5, 1, 0, 0, 0));
        refused(() -> grant(5, 4, 0, 0, 0, 0));
        refused(() -> grant(5, 6, -1, 0, 0, 0));
        refused(() -> grant(0, 0, 0, 0, 0, 0));
        assertThat(grant(15, 1, 2, 3, 4, 5).live()).isTrue();
        assertThat(grant(5, 0, 0, 5, 0, 0).live()).isFalse();
    }

    @Test
    void burnOrder_ofGrantsAlikeInOneThing_goesByTheNext() {
        Optional<Instant> end = Optional.of(NOW.plusSeconds(9));
        List<Grant> order = List.of(
                grant(9, GrantSource.PURCHASE, 10, Optional.empty(), NOW),
                grant(8, GrantSource.PURCHASE, 20, end, NOW.plusSeconds(1)),
                grant(7, GrantSource.BONUS, 20, Optional.empty(), NOW.plusSeconds(1)),
                grant(4, GrantSource.PURCHASE, 20, Optional.empty(), NOW),
                grant(2, GrantSource.PURCHASE, 20, Optional.empty(), NOW.plusSeconds(1)),
                grant(3, GrantSource.PURCHASE, 20, Optional.empty(), NOW.plusSeconds(1)));
        List<Grant> mixed = new ArrayList<>(order);
        Collections.reverse(mixed);

        mixed.sort(Grant.BURN_ORDER);

        assertThat(mixed).isEqualTo(order);
    }

    @Test
    void hold_thatContradictsItself_isRefused() {
        List<Slice> slices = List.of(new Slice(new GrantId(1), ONE));
        Amount none = Amount.ZERO;
        refused(() -> hold(ONE, ONE, List.of(), Hold.State.OPEN, none, Optional.empty()));
        refused(() -> hold(none, ONE, slices, Hold.State.OPEN, none, Optional.empty()));
        refused(() -> hold(ONE, ONE, slices, Hold.State.OPEN, none, Optional.of(NOW)));
        refused(() -> hold(ONE, ONE, slices, Hold.State.CAPTURED, ONE, Optional.empty()));
        refused(() -> hold(ONE, ONE, slices, Hold.State.RELEASED, ONE, Optional.of(NOW)));
        refused(() -> hold(ONE, ONE, slices, Hold.State.CAPTURED, ONE.plus(ONE), Optional.of(NOW)));
        assertThat(hold(ONE, ONE, slices, Hold.State.CAPTURED, ONE, Optional.of(NOW))
                        .open())
                .isFalse();
    }

    @Test
    void commands_thatMakeNoSense_areRefused() {
        HoldId id = new HoldId(new UUID(1, 1));
        refused(() -> new LedgerCommand.OpenHold(id, EVA, Price.agreed(ONE, ONE.plus(ONE)), "test"));
        refused(() -> new LedgerCommand.OpenHold(id, EVA, Price.agreed(ONE, ONE.negated()), "test"));
        refused(() -> new LedgerCommand.OpenHold(id, EVA, Price.agreed(ONE, ONE), " "));
        refused(() -> new LedgerCommand.Capture(id, ONE, Amount.ZERO, "test"));
        refused(() -> new LedgerCommand.Release(id, true, "test", "x"));
        refused(() -> new LedgerCommand.BookLate(id, ONE.negated(), "test"));
        refused(() -> new LedgerCommand.BookLate(id, ONE, ""));
        refused(() -> new LedgerCommand.Adjust(EVA, Amount.ZERO, "test", "a reason", "k"));
        refused(() -> new LedgerCommand.Adjust(EVA, new Amount(Long.MIN_VALUE), "test", "a reason", "k"));
        refused(() -> new LedgerCommand.Adjust(EVA, ONE, "test", "no", "k"));
        refused(() -> new LedgerCommand.Adjust(EVA, ONE, "test", "a reason", "k".repeat(200)));
        refused(() -> grantCredits(GrantSource.BONUS, "k", Amount.ZERO));
        refused(() -> grantCredits(GrantSource.CREDIT_BACK, "k", ONE));
        refused(() -> grantCredits(GrantSource.ADJUST, "k", ONE));
        refused(() -> grantCredits(GrantSource.BONUS, "adjust:k", ONE));
        refused(() -> grantCredits(GrantSource.BONUS, "credit-back:k", ONE));
        refused(() -> grantCredits(GrantSource.BONUS, "", ONE.minus(ONE)));
        refused(() -> new LedgerCommand.AssignTier(EVA, "No Tier", Optional.empty(), "test", "a reason"));
    }

    @Test
    void codes_areDistinctAndLeadBack() {
        assertCodes(Book.values(), Book::code, Book::ofCode);
        assertCodes(GrantSource.values(), GrantSource::code, GrantSource::ofCode);
        assertCodes(Hold.State.values(), Hold.State::code, Hold.State::ofCode);
        assertCodes(Posting.Kind.values(), Posting.Kind::code, Posting.Kind::ofCode);
    }

    @Test
    void codes_thatAreStored_neverChange() {
        assertThat(Arrays.stream(Book.values()).map(Book::code))
                .containsExactly(1, 2, 3, 11, 12, 13, 14, 15, 16, 17, 18);
        assertThat(Arrays.stream(GrantSource.values()).map(GrantSource::code)).containsExactly(1, 2, 3, 4, 5, 6, 7);
        assertThat(Arrays.stream(Hold.State.values()).map(Hold.State::code)).containsExactly(1, 2, 3);
        assertThat(Arrays.stream(Posting.Kind.values()).map(Posting.Kind::code)).contains(1, 2, 3, 4, 5, 6, 7, 12);
    }

    @Test
    void requestHash_isTheSameForTheSamePartsOnly() {
        assertThat(RequestHash.of("ab", "c")).matches("[0-9a-f]{64}").isEqualTo(RequestHash.of("ab", "c"));
        assertThat(RequestHash.of("ab", "c")).isNotEqualTo(RequestHash.of("a", "bc"));
        assertThat(RequestHash.of("a\n1:b")).isNotEqualTo(RequestHash.of("a", "b"));
    }

    @Test
    void auditReports_together_addUp() {
        AuditReport one = new AuditReport(Map.of("holds", 2L), List.of(new Finding("rule", "hold 1", "is wrong")));
        AuditReport both = one.and(new AuditReport(Map.of("holds", 3L, "jobs", 1L), List.of()));

        assertThat(both.counts()).isEqualTo(Map.of("holds", 5L, "jobs", 1L));
        assertThat(both.findings()).isEqualTo(one.findings());
        assertThat(both.clean()).isFalse();
    }

    private static <E extends Enum<E>> void assertCodes(E[] values, ToIntFunction<E> code, IntFunction<E> ofCode) {
        for (E value : values) {
            assertThat(ofCode.apply(code.applyAsInt(value))).isEqualTo(value);
        }
        refused(() -> ofCode.apply(99));
    }

    private static void refused(ThrowingCallable making) {
        assertThatThrownBy(making).isInstanceOf(IllegalArgumentException.class);
    }

    private static Posting posting(Entry... entries) {
        return new Posting(
                Posting.Kind.GRANT,
                EVA,
                Optional.empty(),
                Amount.ZERO,
                ONE,
                "test",
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                NOW,
                List.of(entries));
    }

    private static Posting posting(Posting.Kind kind, Optional<String> reason) {
        return new Posting(
                kind,
                EVA,
                Optional.empty(),
                Amount.ZERO,
                ONE,
                "test",
                reason,
                Optional.empty(),
                Optional.empty(),
                NOW,
                List.of());
    }

    private static LedgerCommand.GrantCredits grantCredits(GrantSource source, String key, Amount amount) {
        return new LedgerCommand.GrantCredits(EVA, source, key, amount, Optional.empty(), "test", "a reason");
    }

    @Test
    void grant_withoutASourceKey_isRefused() {
        Amount none = Amount.ZERO;

        assertThatThrownBy(() -> new Grant(
                        new GrantId(1),
                        EVA,
                        GrantSource.BONUS,
                        "",
                        20,
                        ONE,
                        ONE,
                        none,
                        none,
                        none,
                        none,
                        NOW,
                        Optional.empty(),
                        NOW))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static Grant grant(long granted, long remaining, long held, long consumed, long expired, long revoked) {
        return new Grant(
                new GrantId(1),
                EVA,
                GrantSource.BONUS,
                "bonus:1",
                20,
                new Amount(granted),
                new Amount(remaining),
                new Amount(held),
                new Amount(consumed),
                new Amount(expired),
                new Amount(revoked),
                NOW,
                Optional.empty(),
                NOW);
    }

    private static Grant grant(
            long id, GrantSource source, int priority, Optional<Instant> expiresAt, Instant createdAt) {
        Amount none = Amount.ZERO;
        return new Grant(
                new GrantId(id),
                EVA,
                source,
                "key:" + id,
                priority,
                ONE,
                ONE,
                none,
                none,
                none,
                none,
                createdAt,
                expiresAt,
                createdAt);
    }

    private static Account account(Amount available, Amount held, Amount debt) {
        return new Account(
                EVA, "standard", Optional.empty(), Optional.empty(), Optional.empty(), available, held, debt);
    }

    private static Hold hold(
            Amount list,
            Amount amount,
            List<Slice> slices,
            Hold.State state,
            Amount captured,
            Optional<Instant> settledAt) {
        return new Hold(
                new HoldId(new UUID(1, 1)), EVA, Price.agreed(list, amount), slices, state, captured, NOW, settledAt);
    }
}
