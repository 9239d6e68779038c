package io.tollgate.credits.audit;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.credits.account.UserId;
import io.tollgate.credits.ledger.Account;
import io.tollgate.credits.ledger.Amount;
import io.tollgate.credits.ledger.Draw;
import io.tollgate.credits.ledger.DrawSecret;
import io.tollgate.credits.ledger.Finding;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class DrawInvariantsTest {
    private static final UserId EVA = new UserId("eva");
    private static final LocalDate DAY = LocalDate.of(2026, 11, 22);
    private static final DrawSecret SECRET =
            new DrawSecret(DAY, new DrawSecret.Secret("0f".repeat(32)), Instant.ofEpochMilli(10));

    private static Draw draw(UserId user, int roll, boolean provable) {
        return new Draw(user, DAY, roll, "R", 15, Instant.ofEpochMilli(11), provable);
    }

    private static Account account(Draw draw) {
        return new Account(
                draw.user(),
                "standard",
                Optional.empty(),
                Optional.empty(),
                Optional.of(draw),
                Amount.ZERO,
                Amount.ZERO,
                Amount.ZERO);
    }

    private static List<String> found(List<Account> accounts, List<Draw> draws) {
        return DrawInvariants.check(accounts, draws, Map.of(DAY, SECRET)).findings().stream()
                .map(Finding::rule)
                .toList();
    }

    @Test
    void check_aRollOfTheSecret_isSound() {
        Draw right = draw(EVA, SECRET.roll(EVA), true);

        assertThat(found(List.of(account(right)), List.of(right))).isEmpty();
    }

    @Test
    void check_anotherRoll_isFoundUnlessItIsOfNoneOrNobodyCanTell() {
        Draw wrong = draw(EVA, (SECRET.roll(EVA) + 1) % 10_000, true);
        Draw plain = draw(EVA, wrong.roll(), false);
        Draw gone = draw(new UserId("erased:1"), wrong.roll(), true);

        assertThat(found(List.of(account(wrong)), List.of(wrong))).containsExactly(DrawInvariants.DRAW_IS_OF_SECRET);
        assertThat(found(List.of(account(plain)), List.of(plain))).isEmpty();
        assertThat(found(List.of(account(gone)), List.of(gone))).isEmpty();
    }

    @Test
    void check_aDrawThatTheAccountDoesNotSay_isFound() {
        Draw right = draw(EVA, SECRET.roll(EVA), true);

        assertThat(found(List.of(Account.fresh(EVA)), List.of(right))).containsExactly(DrawInvariants.DRAW_IS_LATEST);
        assertThat(found(List.of(account(right)), List.of())).containsExactly(DrawInvariants.DRAW_IS_LATEST);
        assertThat(found(List.of(account(right)), List.of(right, right)))
                .containsExactly(DrawInvariants.DRAW_IS_LATEST);
    }
}
