package io.tollgate.credits;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tollgate.credits.account.Perks;
import io.tollgate.credits.account.Tier;
import io.tollgate.credits.account.Tiers;
import io.tollgate.credits.account.UserId;
import io.tollgate.credits.ledger.Amount;
import io.tollgate.credits.ledger.GrantSource;
import io.tollgate.credits.ledger.HoldId;
import io.tollgate.credits.ledger.LedgerCommand;
import io.tollgate.credits.ledger.Price;
import io.tollgate.credits.memory.MemoryLedgerStore;
import io.tollgate.credits.test.MutableClock;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every wish about credits with every text and amount that makes no sense: refused before a store is asked. */
final class BadWishesTest {
    private static final UserId EVA = new UserId("eva");
    private static final HoldId HOLD = new HoldId(new UUID(0, 1));
    private static final Amount ONE = Amount.credits(1);
    private static final Price PRICE = Price.agreed(ONE, ONE);
    private static final Amount LEAST = new Amount(Long.MIN_VALUE);

    private final MutableClock clock = new MutableClock();
    private final MemoryLedgerStore store = new MemoryLedgerStore(clock);
    private final CreditService credits = new CreditService(
            store,
            CreditPolicy.of(new Tiers(List.of(new Tier(Tier.STANDARD, Perks.NONE), new Tier("gold", Perks.NONE)))),
            clock,
            new Random(1));

    private interface OfText {
        Object with(String text);
    }

    static Stream<Arguments> texts() {
        return Stream.of(
                        actor("OpenHold", actor -> new LedgerCommand.OpenHold(HOLD, EVA, PRICE, actor)),
                        actor("Capture", actor -> new LedgerCommand.Capture(HOLD, ONE, ONE, actor)),
                        actor("Release", actor -> new LedgerCommand.Release(HOLD, true, actor, "because")),
                        actor("BookLate", actor -> new LedgerCommand.BookLate(HOLD, ONE, actor)),
                        actor("GrantCredits", actor -> grant("k", ONE, actor, "because")),
                        actor("Adjust", actor -> new LedgerCommand.Adjust(EVA, ONE, actor, "because", "k")),
                        actor("AssignTier", actor -> tier("gold", actor, "because")),
                        reason("Release", why -> new LedgerCommand.Release(HOLD, true, "test", why)),
                        reason("GrantCredits", why -> grant("k", ONE, "test", why)),
                        reason("Adjust", why -> new LedgerCommand.Adjust(EVA, ONE, "test", why, "k")),
                        reason("AssignTier", why -> tier("gold", "test", why)),
                        key("GrantCredits", key -> grant(key, ONE, "test", "because")),
                        key("Adjust", key -> new LedgerCommand.Adjust(EVA, ONE, "test", "because", key)),
                        of(
                                "tier of AssignTier",
                                tier -> tier(tier, "test", "because"),
                                "",
                                "Gold",
                                "a b",
                                "g".repeat(41)),
                        of("user", UserId::new, "", " ", "a b", "e/va", "u".repeat(65), "\u00e9va"))
                .flatMap(each -> each);
    }

    private static LedgerCommand<?> grant(String key, Amount amount, String actor, String reason) {
        return new LedgerCommand.GrantCredits(EVA, GrantSource.BONUS, key, amount, Optional.empty(), actor, reason);
    }

    private static LedgerCommand<?> tier(String tier, String actor, String reason) {
        return new LedgerCommand.AssignTier(EVA, tier, Optional.empty(), actor, reason);
    }

    private static Stream<Arguments> actor(String what, OfText wish) {
        return of("actor of " + what, wish, "", " ", "a".repeat(101));
    }

    private static Stream<Arguments> reason(String what, OfText wish) {
        return of("reason of " + what, wish, "", "  ", "no", " no ", "r".repeat(501));
    }

    private static Stream<Arguments> key(String what, OfText wish) {
        return of("key of " + what, wish, "k".repeat(201));
    }

    private static Stream<Arguments> of(String what, OfText wish, String... more) {
        Stream<String> nobodyKeeps = Stream.of("a\0bcd", "half \uD800", "half \uDC00 of it", "\uDC00\uD800 turned");
        return Stream.concat(nobodyKeeps, Stream.of(more))
                .map(text -> Arguments.of(what + " '" + text.replace('\0', '?') + "'", text, wish));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("texts")
    void text_thatMakesNoSense_isRefused(String name, String text, OfText wish) {
        assertThatThrownBy(() -> wish.with(text))
                .as(name)
                .isInstanceOf(IllegalArgumentException.class)
                .message()
                .isNotBlank();
    }

    @Test
    void amount_thatMakesNoSense_isRefused() {
        refused(() -> Amount.parse("-"));
        refused(() -> Amount.parse("0.001"));
        refused(() -> Amount.parse("NaN"));
        refused(() -> Amount.parse("92233720368547758.08"));
        refused(() -> grant("k", Amount.ZERO, "test", "because"));
        refused(() -> grant("k", ONE.negated(), "test", "because"));
        refused(() -> grant("k", LEAST, "test", "because"));
        refused(() -> new LedgerCommand.Adjust(EVA, Amount.ZERO, "test", "because", "k"));
        refused(() -> new LedgerCommand.Adjust(EVA, LEAST, "test", "because", "k"));
        refused(() -> new LedgerCommand.Capture(HOLD, ONE.negated(), ONE, "test"));
        refused(() -> new LedgerCommand.Capture(HOLD, ONE, ONE.negated(), "test"));
        refused(() -> new LedgerCommand.BookLate(HOLD, LEAST, "test"));
        refused(() -> Price.agreed(ONE.negated(), ONE.negated()));
        refused(() -> Price.agreed(ONE, Amount.credits(2)));
        refused(() -> Price.agreed(ONE, ONE.negated()));
    }

    @Test
    void service_amountsBeyondAnyPurpose_areRefusedAndChangeNothing() {
        Amount more = CreditService.MOST_AT_ONCE.plus(new Amount(1));

        refused(() -> credits.grant(EVA, GrantSource.BONUS, "k", more, Optional.empty(), "test", "because"));
        refused(() -> credits.grant(
                EVA, GrantSource.BONUS, "k", new Amount(Long.MAX_VALUE), Optional.empty(), "test", "because"));
        refused(() -> credits.adjust(EVA, more, "test", "because", "k"));
        refused(() -> credits.adjust(EVA, more.negated(), "test", "because", "k"));
        refused(() -> credits.adjust(EVA, LEAST, "test", "because", "k"));
        refused(() -> credits.assignTier(EVA, "platinum", Optional.empty(), "test", "because"));
        refused(() -> credits.assignTier(EVA, "gold", Optional.of(clock.instant()), "test", "because"));
        refused(() -> credits.history(EVA, Optional.empty(), 0));

        assertThat(store.account(EVA)).isEmpty();
        assertThat(store.auditLedger().counts().values()).containsOnly(0L);
        assertThat(credits.grant(
                        EVA, GrantSource.BONUS, "k", CreditService.MOST_AT_ONCE, Optional.empty(), "test", "because"))
                .isCompleted();
    }

    private static void refused(ThrowingCallable wish) {
        assertThatThrownBy(wish).isInstanceOf(IllegalArgumentException.class);
    }
}
