package io.tollgate.credits.ledger;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;

/** The rules of the lucky draw, as pure functions like {@link LedgerRules}. */
final class DrawRules {
    private DrawRules() {}

    /**
     * Draws once a day. On a day that has a secret every roll is made of it, whatever the wish's own; a wish for a
     * provable draw makes the day's secret if there is none yet.
     */
    static Decision<DrawResult> draw(LedgerRows rows, LedgerCommand.DrawLuck wish, Instant now) {
        Account account = rows.account(wish.user()).orElseGet(() -> Account.fresh(wish.user()));
        Optional<DrawSecret> latest = rows.drawSecret();
        LocalDate day = day(latest, wish.zone(), now);
        Optional<Draw> known = account.drawOf(day);
        if (known.isPresent()) {
            return Decision.unchanged(new DrawResult(known.get(), true));
        }
        Optional<DrawSecret> secret = latest.filter(one -> one.day().equals(day));
        LedgerChanges changes = LedgerChanges.NONE;
        if (secret.isEmpty() && wish.secret().isPresent()) {
            secret = Optional.of(new DrawSecret(day, wish.secret().get(), now));
            changes = changes.with(secret.get());
        }
        int roll = secret.map(one -> one.roll(wish.user())).orElse(wish.roll());
        LuckyDraw.Prize prize = wish.draw().prize(roll);
        Draw draw = new Draw(wish.user(), day, roll, prize.name(), prize.percentOff(), now, secret.isPresent());
        LedgerChanges drawn =
                new LedgerChanges(List.of(account.withDraw(draw)), List.of(), List.of(), List.of()).with(draw);
        return new Decision<>(new DrawResult(draw, false), drawn.and(changes));
    }

    /** Makes the day's secret, if there is none yet. */
    static Decision<DrawSecret> prepare(LedgerRows rows, LedgerCommand.PrepareDraw wish, Instant now) {
        Optional<DrawSecret> latest = rows.drawSecret();
        LocalDate day = day(latest, wish.zone(), now);
        Optional<DrawSecret> known = latest.filter(one -> one.day().equals(day));
        if (known.isPresent()) {
            return Decision.unchanged(known.get());
        }
        DrawSecret made = new DrawSecret(day, wish.secret(), now);
        return new Decision<>(made, LedgerChanges.NONE.with(made));
    }

    /**
     * The day that is drawn on. When a clock goes back it stays the last that had a secret: those of earlier days may
     * be known by now.
     */
    private static LocalDate day(Optional<DrawSecret> latest, ZoneId zone, Instant now) {
        LocalDate today = LuckyDraw.day(now, zone);
        return latest.map(DrawSecret::day).filter(day -> day.isAfter(today)).orElse(today);
    }
}
