package io.tollgate.credits.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tollgate.credits.account.UserId;
import io.tollgate.credits.ledger.Account;
import io.tollgate.credits.ledger.Amount;
import io.tollgate.credits.ledger.Book;
import io.tollgate.credits.ledger.Decision;
import io.tollgate.credits.ledger.Entry;
import io.tollgate.credits.ledger.Grant;
import io.tollgate.credits.ledger.GrantId;
import io.tollgate.credits.ledger.GrantSource;
import io.tollgate.credits.ledger.Hold;
import io.tollgate.credits.ledger.HoldId;
import io.tollgate.credits.ledger.HoldResult;
import io.tollgate.credits.ledger.LedgerChanges;
import io.tollgate.credits.ledger.LedgerCommand;
import io.tollgate.credits.ledger.LedgerRows;
import io.tollgate.credits.ledger.LedgerRules;
import io.tollgate.credits.ledger.Posting;
import io.tollgate.credits.ledger.Price;
import io.tollgate.credits.ledger.SettleResult;
import io.tollgate.credits.ledger.Trial;
import io.tollgate.credits.test.MutableClock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The rules as the queue composes them: several decisions on loaded rows, then one write. */
final class LedgerRulesTest {
    private static final UserId EVA = new UserId("eva");
    private static final Instant NOW = MutableClock.START;
    private static final HoldId ONE = new HoldId(new UUID(0, 1));
    private static final HoldId TWO = new HoldId(new UUID(0, 2));

    private final LedgerTables tables = new LedgerTables();

    @ParameterizedTest
    @CsvSource({
        "4, 4, 84, 120",
        "2, 4, 42, 60",
        "1, 4, 21, 30",
        "1, 3, 28, 40",
        "2, 7, 24, 34.28",
        "0, 4, 0, 0",
    })
    void capture_ofParts_isInProportionRoundedDown(int delivered, int expected, String net, String list) {
        give(Amount.credits(100));
        apply(LedgerRules.hold(tables, ONE, EVA, Price.agreed(Amount.credits(120), Amount.credits(84)), NOW, "queue"));

        apply(LedgerRules.capture(tables, ONE, delivered, expected, NOW, "queue"));

        Hold hold = tables.hold(ONE).orElseThrow();
        assertThat(hold.state()).isEqualTo(Hold.State.CAPTURED);
        assertThat(hold.captured()).isEqualTo(Amount.parse(net));
        assertThat(available()).isEqualTo(Amount.credits(100).minus(Amount.parse(net)));
        List<Entry> entries =
                tables.history(EVA, Optional.empty(), 1).postings().get(0).entries();
        if (delivered > 0) {
            assertThat(entries).contains(Entry.system(Book.REVENUE, Amount.parse(list)));
            assertThat(entries)
                    .contains(Entry.system(Book.SUBSIDY, Amount.parse(net).minus(Amount.parse(list))));
        }
        assertThat(tables.audit().findings()).isEmpty();
    }

    @Test
    void renewTrial_onceInAPeriod_replacesWhatIsLeft() {
        Trial trial = new Trial(Amount.credits(20), Duration.ofDays(2));
        Instant end = NOW.plus(trial.every());

        tables.apply(LedgerRules.renewTrial(tables, EVA, trial, NOW));

        assertThat(tables.account(EVA).orElseThrow().trialUntil()).contains(end);
        assertThat(LedgerRules.renewTrial(tables, EVA, trial, end.minusMillis(1)))
                .isEqualTo(LedgerChanges.NONE);
        tables.apply(LedgerRules.renewTrial(tables, EVA, trial, end));
        assertThat(tables.account(EVA).orElseThrow().available()).isEqualTo(Amount.credits(20));
        assertThat(tables.history(EVA, Optional.empty(), 10).postings())
                .extracting(Posting::kind)
                .containsExactly(Posting.Kind.GRANT, Posting.Kind.EXPIRE, Posting.Kind.GRANT);
        assertThat(tables.audit().findings()).isEmpty();
    }

    @Test
    void renewTrial_ofSomeoneInDebt_givesNothing() {
        Trial trial = new Trial(Amount.credits(20), Duration.ofDays(2));
        Account debtor = new Account(
                EVA,
                "standard",
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Amount.ZERO,
                Amount.ZERO,
                Amount.credits(1).negated());
        tables.apply(new LedgerChanges(List.of(debtor), List.of(), List.of(), List.of()));

        assertThat(LedgerRules.renewTrial(tables, EVA, trial, NOW)).isEqualTo(LedgerChanges.NONE);
    }

    @Test
    void capture_ofPartsOfNoHold_findsNone() {
        Decision<SettleResult> decision = LedgerRules.capture(tables, ONE, 1, 2, NOW, "queue");

        assertThat(decision.result()).isEqualTo(new SettleResult.NoSuchHold(ONE));
    }

    @Test
    void hold_ofMoreThanTheListPrice_isAMistakeWhateverIsThere() {
        assertThatThrownBy(() -> LedgerRules.hold(
                        tables, ONE, EVA, Price.agreed(Amount.credits(1), Amount.credits(2)), NOW, "queue"))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void capture_ofMoreThanItsListPrice_isAMistake() {
        give(Amount.credits(10));
        apply(LedgerRules.hold(tables, ONE, EVA, Price.agreed(Amount.credits(3), Amount.credits(3)), NOW, "queue"));

        assertThatThrownBy(() -> LedgerRules.capture(tables, ONE, Amount.credits(2), Amount.credits(1), NOW, "queue"))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void capture_ofPartsOfAFreeHold_hasNoLineOfTheUser() {
        apply(LedgerRules.hold(tables, ONE, EVA, Price.agreed(Amount.credits(30), Amount.ZERO), NOW, "queue"));

        apply(LedgerRules.capture(tables, ONE, 1, 2, NOW, "queue"));

        assertThat(tables.history(EVA, Optional.empty(), 1).postings().get(0).entries())
                .containsExactlyInAnyOrder(
                        Entry.system(Book.REVENUE, Amount.credits(15)),
                        Entry.system(Book.SUBSIDY, Amount.credits(-15)));
        assertThat(tables.audit().findings()).isEmpty();
    }

    @Test
    void hold_twiceOnRowsThatWereNotWritten_seesTheFirst() {
        give(Amount.credits(10));
        Decision<HoldResult> first =
                LedgerRules.hold(tables, ONE, EVA, Price.agreed(Amount.credits(6), Amount.credits(6)), NOW, "queue");
        LedgerRows after = tables.after(first.changes());

        Decision<HoldResult> tooMuch =
                LedgerRules.hold(after, TWO, EVA, Price.agreed(Amount.credits(5), Amount.credits(5)), NOW, "queue");
        Decision<HoldResult> enough =
                LedgerRules.hold(after, TWO, EVA, Price.agreed(Amount.credits(4), Amount.credits(4)), NOW, "queue");
        Decision<HoldResult> again =
                LedgerRules.hold(after, ONE, EVA, Price.agreed(Amount.credits(6), Amount.credits(6)), NOW, "queue");

        assertThat(tooMuch.result()).isEqualTo(new HoldResult.Insufficient(Amount.credits(5), Amount.credits(4)));
        assertThat(tooMuch.changes()).isEqualTo(LedgerChanges.NONE);
        assertThat(again.result()).isInstanceOf(HoldResult.Held.class);
        assertThat(again.changes().isEmpty()).isTrue();
        LedgerChanges both = first.changes().and(enough.changes());
        assertThat(both.accounts()).hasSize(1);
        assertThat(both.grants()).hasSize(1);
        assertThat(both.holds()).hasSize(2);
        tables.apply(both);
        assertThat(available()).isEqualTo(Amount.ZERO);
        assertThat(tables.audit().findings()).isEmpty();
    }

    @Test
    void after_someChanges_allRowsAreSeen() {
        LedgerCommand.GrantCredits wish = wish("a", Amount.credits(3));
        LedgerRows after = tables.after(LedgerRules.decide(wish, tables, NOW).changes());
        LedgerRows spent = after.after(
                LedgerRules.hold(after, ONE, EVA, Price.agreed(Amount.credits(3), Amount.credits(3)), NOW, "queue")
                        .changes());
        LedgerRows captured =
                spent.after(LedgerRules.capture(spent, ONE, 1, 1, NOW, "queue").changes());

        assertThat(tables.account(EVA)).isEmpty();
        assertThat(after.account(EVA)).contains(Account.fresh(EVA).withAvailable(Amount.credits(3)));
        assertThat(after.posting(wish.key())).isPresent();
        assertThat(after.grantBySourceKey("a")).isPresent();
        assertThat(spent.grants(EVA)).extracting(Grant::held).containsExactly(Amount.credits(3));
        assertThat(captured.grants(EVA)).isEmpty();
        assertThat(captured.grantBySourceKey("a").orElseThrow().consumed()).isEqualTo(Amount.credits(3));
        assertThat(captured.hold(ONE).orElseThrow().open()).isFalse();
    }

    @Test
    void settle_onRowsWithoutTheGrant_isADefectOfTheStore() {
        give(Amount.credits(10));
        apply(LedgerRules.hold(tables, ONE, EVA, Price.agreed(Amount.credits(6), Amount.credits(6)), NOW, "queue"));
        LedgerTables partly = new LedgerTables();
        partly.apply(new LedgerChanges(
                List.of(tables.account(EVA).orElseThrow()),
                List.of(),
                List.of(tables.hold(ONE).orElseThrow()),
                List.of()));

        assertThatThrownBy(() -> LedgerRules.release(partly, ONE, false, "queue", "canceled", NOW))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void hold_ofAGrantThatStartsLater_waitsForIt() {
        Instant start = NOW.plusSeconds(60);
        Grant later = new Grant(
                new GrantId(tables.nextGrantId()),
                EVA,
                GrantSource.BONUS,
                "later",
                20,
                Amount.credits(5),
                Amount.credits(5),
                Amount.ZERO,
                Amount.ZERO,
                Amount.ZERO,
                Amount.ZERO,
                start,
                Optional.empty(),
                NOW);
        tables.apply(new LedgerChanges(
                List.of(Account.fresh(EVA).withAvailable(Amount.credits(5))), List.of(later), List.of(), List.of()));

        assertThat(holdFive(start.minusMillis(1)))
                .isEqualTo(new HoldResult.Insufficient(Amount.credits(5), Amount.ZERO));
        assertThat(holdFive(start)).isInstanceOf(HoldResult.Held.class);
    }

    @Test
    void release_ourFault_givesBackOnlyWhatWouldHaveExpired() {
        Instant end = NOW.plusSeconds(60);
        apply(LedgerRules.decide(
                new LedgerCommand.GrantCredits(
                        EVA, GrantSource.TRIAL, "t", Amount.credits(4), Optional.of(end), "test", "a reason"),
                tables,
                NOW));
        give(Amount.credits(6));
        apply(LedgerRules.hold(tables, ONE, EVA, Price.agreed(Amount.credits(3), Amount.credits(3)), NOW, "queue"));

        // one credit of the four was not held: it expires as it would have
        SettleResult result = apply(LedgerRules.release(tables, ONE, true, "queue", "node lost", end));

        assertThat(result).isInstanceOf(SettleResult.Settled.class);
        assertThat(tables.allGrants(EVA)).extracting(Grant::source).contains(GrantSource.CREDIT_BACK);
        assertThat(available()).isEqualTo(Amount.credits(9));
        assertThat(tables.audit().findings()).isEmpty();
    }

    @Test
    void apply_ofATakenKey_changesNothing() {
        LedgerChanges changes =
                LedgerRules.decide(wish("a", Amount.credits(3)), tables, NOW).changes();
        tables.apply(changes);

        assertThatThrownBy(() -> tables.apply(changes)).isInstanceOf(IllegalStateException.class);
        assertThat(tables.history(EVA, Optional.empty(), 10).lines()).hasSize(1);
        assertThat(tables.audit().findings()).isEmpty();
    }

    private HoldResult holdFive(Instant at) {
        return LedgerRules.hold(tables, ONE, EVA, Price.agreed(Amount.credits(5), Amount.credits(5)), at, "queue")
                .result();
    }

    private void give(Amount amount) {
        apply(LedgerRules.decide(wish("gift:" + tables.nextGrantId(), amount), tables, NOW));
    }

    private static LedgerCommand.GrantCredits wish(String key, Amount amount) {
        return new LedgerCommand.GrantCredits(
                EVA, GrantSource.BONUS, key, amount, Optional.empty(), "test", "a reason");
    }

    private <R> R apply(Decision<R> decision) {
        tables.apply(decision.changes());
        return decision.result();
    }

    private Amount available() {
        return tables.account(EVA).orElseThrow().available();
    }
}
