package io.tollgate.credits.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.credits.account.UserId;
import io.tollgate.credits.model.LedgerModel;
import io.tollgate.credits.test.MutableClock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;

/**
 * A random walk of commands over a ledger, next to a {@link LedgerModel}: after each step the answer, every balance and
 * the audit must agree. Few users and few ids, so that collisions are the normal case.
 */
final class LedgerWalk {
    private static final List<UserId> USERS = List.of(new UserId("u1"), new UserId("u2"), new UserId("u3"));
    private static final List<GrantSource> SOURCES = List.of(
            GrantSource.TRIAL, GrantSource.PURCHASE, GrantSource.BONUS, GrantSource.GOODWILL, GrantSource.OPENING);
    private static final String ACTOR = "walk";
    private static final String REASON = "for a test";
    private static final long DAY = 86_400_000;

    private final LedgerStore store;
    private final MutableClock clock;
    private final Random random;
    private final LedgerModel model = new LedgerModel();
    private final List<String> trace = new ArrayList<>();
    private int holds;

    LedgerWalk(LedgerStore store, MutableClock clock, long seed) {
        this.store = store;
        this.clock = clock;
        this.random = new Random(seed);
    }

    void walk(int steps) {
        for (int i = 0; i < steps; i++) {
            clock.advance(Duration.ofMillis(random.nextInt(4) == 0 ? random.nextLong(DAY / 8) : 1));
            LedgerCommand<?> command = command();
            String expected = model.apply(command, clock.millis());

            String actual = answer(command);

            trace.add(clock.instant() + " " + command + " -> " + actual);
            assertThat(actual).as(tail()).isEqualTo(expected);
            for (UserId user : USERS) {
                assertThat(model.difference(store, user, 5)).as(tail()).isEmpty();
            }
            assertThat(store.auditLedger().findings()).as(tail()).isEmpty();
        }
        checkTotals();
        assertThat(model.open()).as("the walk settles holds").hasSizeLessThan(holds);
    }

    private String answer(LedgerCommand<?> command) {
        try {
            return LedgerModel.told(LedgerStoreContract.execute(store, command));
        } catch (IllegalArgumentException e) {
            return "error IllegalArgumentException";
        }
    }

    /** Sums up once more, as plainly as can be: each day's entries by book. */
    private void checkTotals() {
        Map<Long, Map<Book, Long>> days = new TreeMap<>();
        for (UserId user : USERS) {
            for (Posting posting :
                    store.history(user, Optional.empty(), Integer.MAX_VALUE - 1).postings()) {
                Map<Book, Long> day =
                        days.computeIfAbsent(posting.at().toEpochMilli() / DAY, any -> new EnumMap<>(Book.class));
                posting.entries()
                        .forEach(entry -> day.merge(entry.book(), entry.amount().hundredths(), Long::sum));
            }
        }
        LocalDate from = LocalDate.ofEpochDay(Collections.min(days.keySet()));
        LocalDate to = LocalDate.ofEpochDay(Collections.max(days.keySet()));

        Totals totals = store.totals(from, to, ZoneOffset.UTC);

        assertThat(totals.problems()).as(tail()).isEmpty();
        long available = 0;
        long held = 0;
        for (DailyTotals day : totals.days()) {
            Map<Book, Long> books = days.getOrDefault(day.day().toEpochDay(), Map.of());
            available += books.getOrDefault(Book.AVAILABLE, 0L);
            held += books.getOrDefault(Book.HELD, 0L);
            assertThat(List.of(
                            day.issuedPaid(),
                            day.issuedPromotional(),
                            day.issuedOpening(),
                            day.adjusted(),
                            day.captured(),
                            day.subsidised(),
                            day.expired().minus(day.creditBack()),
                            day.end().available(),
                            day.end().held()))
                    .as("%s", day)
                    .extracting(Amount::hundredths)
                    .containsExactly(
                            -books.getOrDefault(Book.ISSUED_PAID, 0L),
                            -books.getOrDefault(Book.ISSUED_PROMO, 0L),
                            -books.getOrDefault(Book.OPENING, 0L),
                            -books.getOrDefault(Book.ADJUST, 0L),
                            books.getOrDefault(Book.REVENUE, 0L) + books.getOrDefault(Book.SUBSIDY, 0L),
                            -books.getOrDefault(Book.SUBSIDY, 0L),
                            books.getOrDefault(Book.BREAKAGE, 0L),
                            available,
                            held);
        }
    }

    private LedgerCommand<?> command() {
        return switch (random.nextInt(14)) {
            case 0, 1 -> {
                // ends on whole days, so that some are the same and a replay can ask alike
                Instant end = Instant.ofEpochMilli((clock.millis() / DAY + random.nextInt(3)) * DAY);
                yield new LedgerCommand.GrantCredits(
                        user(),
                        SOURCES.get(random.nextInt(SOURCES.size())),
                        "g" + random.nextInt(200),
                        new Amount((1L + random.nextInt(3)) * 500),
                        random.nextInt(3) == 0 ? Optional.empty() : Optional.of(end),
                        ACTOR,
                        REASON);
            }
            case 2, 3, 4 -> {
                long list = random.nextInt(8) * 100L;
                holds++;
                yield new LedgerCommand.OpenHold(
                        id(),
                        user(),
                        Price.agreed(new Amount(list), new Amount(random.nextBoolean() ? list : list / 2)),
                        ACTOR);
            }
            case 5, 6 -> {
                HoldId id = id();
                int parts = random.nextInt(5);
                yield new LedgerCommand.Capture(
                        id, new Amount(model.held(id) * parts / 4), new Amount(model.listPrice(id) * parts / 4), ACTOR);
            }
            case 7 -> new LedgerCommand.Release(id(), random.nextBoolean(), ACTOR, REASON);
            case 8 -> {
                long amount = (random.nextInt(2) * 2 - 1) * (1L + random.nextInt(4)) * 50;
                yield new LedgerCommand.Adjust(user(), new Amount(amount), ACTOR, REASON, "a" + random.nextInt(60));
            }
            case 9 -> {
                HoldId id = id();
                yield new LedgerCommand.BookLate(
                        id, new Amount(model.listPrice(id) * random.nextInt(5) / 4 + random.nextInt(20) / 19), ACTOR);
            }
            case 12 ->
                new LedgerCommand.OpenBalance(
                        user(),
                        "origin-" + random.nextInt(8),
                        new Amount(100L + random.nextInt(3) * 50L),
                        random.nextBoolean() ? Optional.of("gold") : Optional.empty(),
                        Optional.empty(),
                        ACTOR,
                        REASON);
            case 10, 11 -> {
                DrawSecret.Secret secret = DrawSecret.Secret.from(random);
                // some days without a secret
                boolean provable = clock.millis() / (2 * DAY) % 2 == 0;
                yield provable && random.nextInt(4) == 0
                        ? new LedgerCommand.PrepareDraw(ZoneOffset.UTC, secret)
                        : new LedgerCommand.DrawLuck(
                                user(),
                                LuckyDraw.SHIPPED,
                                ZoneOffset.UTC,
                                random.nextInt(LuckyDraw.OUTCOMES),
                                provable && random.nextBoolean() ? Optional.of(secret) : Optional.empty());
            }
            default -> new LedgerCommand.ExpireGrants(user());
        };
    }

    private String tail() {
        int from = Math.max(0, trace.size() - 12);
        return "step " + trace.size() + ", the last ones:\n" + String.join("\n", trace.subList(from, trace.size()))
                + "\n";
    }

    private UserId user() {
        return USERS.get(random.nextInt(USERS.size()));
    }

    /** One of the ids in use or the next few, so that new ones come up all along the walk. */
    private HoldId id() {
        return new HoldId(new UUID(0x7000, Math.max(0, holds - random.nextInt(8) + 2)));
    }
}
