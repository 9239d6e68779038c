package io.tollgate.credits.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.credits.account.UserId;
import io.tollgate.credits.test.MutableClock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A random walk of commands over a store, next to a model that is too simple to be wrong: after each step the answer,
 * every balance and the audit must agree. Few users and few ids, so that collisions are the normal case.
 */
final class LedgerWalk {
    private static final List<UserId> USERS = List.of(new UserId("u1"), new UserId("u2"), new UserId("u3"));
    private static final List<GrantSource> SOURCES =
            List.of(GrantSource.TRIAL, GrantSource.PURCHASE, GrantSource.BONUS, GrantSource.GOODWILL);
    private static final String ACTOR = "walk";
    private static final long DAY = 86_400_000;

    private final LedgerStore store;
    private final MutableClock clock;
    private final Random random;
    private final Map<UserId, List<Lot>> lots = new HashMap<>();
    private final Map<HoldId, Held> holds = new HashMap<>();
    private final Map<String, String> requests = new HashMap<>();
    private final List<String> trace = new ArrayList<>();
    private int lotCount;

    LedgerWalk(LedgerStore store, MutableClock clock, long seed) {
        this.store = store;
        this.clock = clock;
        this.random = new Random(seed);
    }

    void walk(int steps) {
        for (int i = 0; i < steps; i++) {
            clock.advance(Duration.ofMillis(random.nextInt(4) == 0 ? random.nextLong(DAY / 8) : 1));
            step();
            for (UserId user : USERS) {
                check(user);
            }
            assertThat(store.auditLedger().findings()).as(tail()).isEmpty();
        }
        assertThat(holds.values()).as("the walk settles holds").anyMatch(hold -> hold.state != Hold.State.OPEN);
    }

    private void step() {
        switch (random.nextInt(10)) {
            case 0, 1 -> grant();
            case 2, 3, 4 -> hold();
            case 5, 6 -> capture();
            case 7 -> release();
            case 8 -> adjust();
            default -> expire();
        }
    }

    private void grant() {
        UserId user = user();
        GrantSource source = SOURCES.get(random.nextInt(SOURCES.size()));
        String key = "g" + random.nextInt(200);
        long amount = 1L + random.nextInt(3);
        // ends on whole days, so that some are the same and a replay can ask alike
        long end = random.nextInt(3) == 0 ? Long.MAX_VALUE : (now() / DAY + random.nextInt(3)) * DAY;
        LedgerCommand.GrantCredits wish = new LedgerCommand.GrantCredits(
                user, source, key, new Amount(amount * 500), end(end), ACTOR, "for a test");
        String expected;
        String request = user + " " + source + " " + amount + " " + end;
        if (requests.containsKey(key)) {
            expected = request.equals(requests.get(key)) ? "replayed" : "reused";
        } else if (end <= now()) {
            expected = "due";
        } else {
            expected = "granted";
            requests.put(key, request);
            expireDue(user);
            lots(user).add(new Lot(++lotCount, source.priority(), end, source.paid(), now(), amount * 500));
        }

        GrantResult result = LedgerStoreContract.execute(store, wish);

        String actual;
        if (result instanceof GrantResult.Granted granted) {
            actual = granted.replayed() ? "replayed" : "granted";
        } else {
            actual = result instanceof GrantResult.KeyReused ? "reused" : "due";
        }
        same(wish, actual, expected);
    }

    private void hold() {
        UserId user = user();
        HoldId id = id();
        long list = random.nextInt(8) * 100L;
        long net = random.nextBoolean() ? list : list / 2;
        Held known = holds.get(id);
        String expected;
        if (known != null) {
            boolean alike = known.user.equals(user) && known.list == list && known.net == net;
            expected = alike ? "replayed" : "conflict";
        } else {
            long spendable = lots(user).stream()
                    .filter(lot -> lot.end > now())
                    .mapToLong(lot -> lot.left)
                    .sum();
            if (spendable < net) {
                expected = "insufficient " + spendable;
            } else {
                expected = "held";
                expireDue(user);
                Held hold = new Held(user, list, net);
                hold.parts.putAll(burn(user, net));
                hold.parts.forEach((lot, part) -> lot.held += part);
                holds.put(id, hold);
            }
        }
        LedgerCommand.OpenHold wish = new LedgerCommand.OpenHold(id, user, new Amount(list), new Amount(net), ACTOR);

        HoldResult result = LedgerStoreContract.execute(store, wish);

        String actual;
        if (result instanceof HoldResult.Held held) {
            actual = held.replayed() ? "replayed" : "held";
        } else if (result instanceof HoldResult.Insufficient insufficient) {
            actual = "insufficient " + insufficient.available().hundredths();
        } else {
            actual = "conflict";
        }
        same(wish, actual, expected);
    }

    private void capture() {
        HoldId id = id();
        Held hold = holds.get(id);
        int parts = random.nextInt(5);
        long amount = hold == null ? 0 : hold.net * parts / 4;
        long ofList = hold == null ? 0 : hold.list * parts / 4;
        String expected = expectedSettlement(hold);
        if (hold != null && hold.state == Hold.State.OPEN) {
            long left = amount;
            for (Lot lot : hold.parts.keySet()) {
                long part = hold.part(lot);
                long taken = Math.min(left, part);
                lot.held -= part;
                lot.left += part - taken;
                left -= taken;
            }
            hold.state = Hold.State.CAPTURED;
            hold.captured = amount;
            expireDue(hold.user);
        }
        settle(new LedgerCommand.Capture(id, new Amount(amount), new Amount(ofList), ACTOR), expected, hold);
    }

    private void release() {
        HoldId id = id();
        Held hold = holds.get(id);
        boolean ourFault = random.nextBoolean();
        String expected = expectedSettlement(hold);
        if (hold != null && hold.state == Hold.State.OPEN) {
            long late = 0;
            for (Lot lot : hold.parts.keySet()) {
                long part = hold.part(lot);
                lot.held -= part;
                lot.left += part;
                late += lot.end <= now() ? part : 0;
            }
            hold.state = Hold.State.RELEASED;
            expireDue(hold.user);
            if (ourFault && late > 0) {
                lots(hold.user).add(new Lot(++lotCount, 15, now() + DAY, false, now(), late));
            }
        }
        settle(new LedgerCommand.Release(id, ourFault, ACTOR, "for a test"), expected, hold);
    }

    private void settle(LedgerCommand<SettleResult> wish, String expected, @Nullable Held hold) {
        SettleResult result = LedgerStoreContract.execute(store, wish);

        String actual;
        if (result instanceof SettleResult.Settled settled) {
            actual = "settled";
            sameHold(settled.hold(), hold);
        } else if (result instanceof SettleResult.AlreadySettled settled) {
            actual = "already";
            sameHold(settled.hold(), hold);
        } else {
            actual = "none";
        }
        same(wish, actual, expected);
    }

    private static String expectedSettlement(@Nullable Held hold) {
        if (hold == null) {
            return "none";
        }
        return hold.state == Hold.State.OPEN ? "settled" : "already";
    }

    private void sameHold(Hold actual, @Nullable Held expected) {
        assertThat(expected).as(tail()).isNotNull();
        if (expected != null) {
            assertThat(actual.state()).as(tail()).isEqualTo(expected.state);
            assertThat(actual.captured().hundredths()).as(tail()).isEqualTo(expected.captured);
        }
    }

    private void adjust() {
        UserId user = user();
        String key = "a" + random.nextInt(60);
        long amount = (random.nextInt(2) * 2 - 1) * (1L + random.nextInt(4)) * 50;
        String request = user + " " + amount;
        long spendable = lots(user).stream()
                .filter(lot -> lot.end > now())
                .mapToLong(lot -> lot.left)
                .sum();
        String expected;
        if (requests.containsKey(key)) {
            expected = request.equals(requests.get(key)) ? "replayed" : "reused";
        } else if (spendable + amount < 0) {
            expected = "insufficient " + spendable;
        } else {
            expected = "adjusted";
            requests.put(key, request);
            expireDue(user);
            if (amount > 0) {
                lots(user).add(new Lot(++lotCount, 40, Long.MAX_VALUE, false, now(), amount));
            } else {
                burn(user, -amount);
            }
        }
        LedgerCommand.Adjust wish = new LedgerCommand.Adjust(user, new Amount(amount), ACTOR, "for a test", key);

        AdjustResult result = LedgerStoreContract.execute(store, wish);

        String actual;
        if (result instanceof AdjustResult.Adjusted adjusted) {
            actual = adjusted.replayed() ? "replayed" : "adjusted";
        } else if (result instanceof AdjustResult.Insufficient insufficient) {
            actual = "insufficient " + insufficient.available().hundredths();
        } else {
            actual = "reused";
        }
        same(wish, actual, expected);
    }

    private void expire() {
        LedgerCommand.ExpireGrants wish = new LedgerCommand.ExpireGrants(user());
        long expected = expireDue(wish.user());

        Amount actual = LedgerStoreContract.execute(store, wish);

        same(wish, actual.hundredths() + " expired", expected + " expired");
    }

    /** Takes an amount out of what is left, and says from where. */
    private Map<Lot, Long> burn(UserId user, long amount) {
        Map<Lot, Long> parts = new LinkedHashMap<>();
        long missing = amount;
        List<Lot> order = new ArrayList<>(lots(user));
        order.sort(Comparator.<Lot>comparingLong(lot -> lot.priority)
                .thenComparingLong(lot -> lot.end)
                .thenComparing(lot -> lot.paid)
                .thenComparingLong(lot -> lot.created)
                .thenComparingLong(lot -> lot.number));
        for (Lot lot : order) {
            long part = Math.min(missing, lot.left);
            if (part > 0) {
                lot.left -= part;
                missing -= part;
                parts.put(lot, part);
            }
        }
        assertThat(missing).as("the model has enough").isZero();
        return parts;
    }

    private long expireDue(UserId user) {
        long expired = 0;
        for (Lot lot : lots(user)) {
            if (lot.end <= now()) {
                expired += lot.left;
                lot.left = 0;
            }
        }
        return expired;
    }

    private void check(UserId user) {
        Account account = store.account(user).orElseGet(() -> Account.fresh(user));
        long left = lots(user).stream().mapToLong(lot -> lot.left).sum();
        long held = lots(user).stream().mapToLong(lot -> lot.held).sum();
        assertThat(account.available()).as(tail()).isEqualTo(new Amount(left));
        assertThat(account.held()).as(tail()).isEqualTo(new Amount(held));
        List<Long> parts = store.grants(user).stream()
                .map(grant -> grant.remaining().hundredths())
                .toList();
        List<Long> expected =
                new ArrayList<>(lots(user).stream().map(lot -> lot.left).toList());
        Collections.reverse(expected);
        assertThat(parts).as(tail()).isEqualTo(expected);
    }

    private void same(LedgerCommand<?> wish, String actual, String expected) {
        trace.add(clock.instant() + " " + wish + " -> " + actual);
        assertThat(actual).as(tail()).isEqualTo(expected);
    }

    private String tail() {
        int from = Math.max(0, trace.size() - 12);
        return "step " + trace.size() + ", the last ones:\n" + String.join("\n", trace.subList(from, trace.size()))
                + "\n";
    }

    private List<Lot> lots(UserId user) {
        return lots.computeIfAbsent(user, any -> new ArrayList<>());
    }

    private UserId user() {
        return USERS.get(random.nextInt(USERS.size()));
    }

    /** One of the ids in use or the next few, so that new ones come up all along the walk. */
    private HoldId id() {
        int last = holds.size();
        return new HoldId(new UUID(0x7000, Math.max(0, last - random.nextInt(8) + 2)));
    }

    private long now() {
        return clock.instant().toEpochMilli();
    }

    private static Optional<Instant> end(long millis) {
        return millis == Long.MAX_VALUE ? Optional.empty() : Optional.of(Instant.ofEpochMilli(millis));
    }

    /** A grant, as the model sees it. */
    private static final class Lot {
        private final long number;
        private final long priority;
        private final long end;
        private final boolean paid;
        private final long created;
        private long left;
        private long held;

        private Lot(long number, long priority, long end, boolean paid, long created, long left) {
            this.number = number;
            this.priority = priority;
            this.end = end;
            this.paid = paid;
            this.created = created;
            this.left = left;
        }
    }

    /** A hold, as the model sees it. */
    private static final class Held {
        private final UserId user;
        private final long list;
        private final long net;
        private final Map<Lot, Long> parts = new LinkedHashMap<>();
        private Hold.State state = Hold.State.OPEN;
        private long captured;

        private Held(UserId user, long list, long net) {
            this.user = user;
            this.list = list;
            this.net = net;
        }

        private long part(Lot lot) {
            return parts.getOrDefault(lot, 0L);
        }
    }
}
