package io.tollgate.credits.ledger;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.credits.account.UserId;
import io.tollgate.credits.test.MutableClock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Many threads do the same few things to the same few users, so that collisions are the normal case. The callers keep
 * count of what they were told: of each hold one opening and one settlement, of each key one grant, one adjustment, of
 * each day one draw, of each charge one payment whose credits come once and whose money goes back once; who asks again
 * is told the same. In the end the books must balance, and hold as many postings of each kind as callers were told of,
 * and no more.
 *
 * <p>Each operation is a method of its own, listed in the constructor. {@code tollgate.collisions} says how many
 * operations there are in all.
 */
final class LedgerCollisions {
    static final int OPERATIONS = Integer.getInteger("tollgate.collisions", 2_000);

    private static final int THREADS = 8;
    private static final int USERS = 6;

    /** After how many operations there are new keys: each is asked for so often, by all threads together. */
    private static final int TRIES_A_KEY = 12;

    private static final String ACTOR = "collision";
    private static final String REASON = "for a test";

    private interface Operation {
        void run(Random random);
    }

    private final LedgerStore store;
    private final MutableClock clock;
    private final long seed;
    private final List<Operation> operations = new ArrayList<>();
    private final AtomicInteger done = new AtomicInteger();
    private final AtomicInteger refused = new AtomicInteger();
    private final AtomicInteger replays = new AtomicInteger();
    private final Map<Posting.Kind, AtomicInteger> told = new EnumMap<>(Posting.Kind.class);
    private final AtomicInteger drawn = new AtomicInteger();
    private final AtomicInteger invoiced = new AtomicInteger();
    private final Map<Charge, PaymentId> paid = new ConcurrentHashMap<>();

    /** What was told of first, by what was asked for; and what must not be told of twice. */
    private final Map<Object, Object> answers = new ConcurrentHashMap<>();

    private final Map<Object, Object> once = new ConcurrentHashMap<>();

    LedgerCollisions(LedgerStore store, MutableClock clock, long seed) {
        this.store = store;
        this.clock = clock;
        this.seed = seed;
        for (Posting.Kind kind : Posting.Kind.values()) {
            told.put(kind, new AtomicInteger());
        }
        choose(2, this::grant);
        choose(6, this::hold);
        choose(4, this::capture);
        choose(3, this::release);
        choose(2, this::bookLate);
        choose(2, this::adjust);
        choose(1, this::assignTier);
        choose(1, this::draw);
        choose(2, this::invoice);
        choose(5, this::pay);
        choose(2, this::match);
        choose(2, this::beginRefund);
        choose(2, this::finishRefund);
        choose(1, this::chargeBack);
        choose(1, this::expire);
        choose(1, this::pass);
    }

    private void choose(int weight, Operation operation) {
        for (int i = 0; i < weight; i++) {
            operations.add(operation);
        }
    }

    // ---- the operations

    private void grant(Random random) {
        int key = key(random);
        Instant never = Instant.ofEpochMilli(Long.MAX_VALUE / 2);
        LedgerCommand.GrantCredits wish = new LedgerCommand.GrantCredits(
                user(key),
                key % 3 == 0 ? GrantSource.OPENING : GrantSource.BONUS,
                "g" + key,
                new Amount(300 + random.nextInt(2)), // now and then another wish under the same key
                key % 2 == 0 ? Optional.of(MutableClock.START.plus(Duration.ofHours(key % 200))) : Optional.of(never),
                ACTOR,
                REASON);
        GrantResult result = execute(wish);
        if (result instanceof GrantResult.Granted granted) {
            told(
                    Posting.Kind.GRANT,
                    "grant " + key,
                    granted.replayed(),
                    wish,
                    granted.grant().id());
        } else {
            refused.incrementAndGet();
        }
    }

    private void hold(Random random) {
        int key = key(random);
        long list = 100L + key % 4 * 50L;
        Price price = Price.agreed(new Amount(list + random.nextInt(8) / 7), new Amount(list / 2));
        LedgerCommand.OpenHold wish = new LedgerCommand.OpenHold(hold(key), user(key), price, ACTOR);
        HoldResult result = execute(wish);
        if (result instanceof HoldResult.Held held) {
            assertThat(held.hold().price()).isEqualTo(price);
            told(
                    Posting.Kind.HOLD,
                    "hold " + key,
                    held.replayed(),
                    wish,
                    held.hold().slices());
        } else {
            refused.incrementAndGet();
        }
    }

    private void capture(Random random) {
        HoldId id = hold(key(random));
        Amount amount = new Amount(random.nextInt(3) * 25L);
        settled(Posting.Kind.CAPTURE, id, execute(new LedgerCommand.Capture(id, amount, amount, ACTOR)));
    }

    private void release(Random random) {
        HoldId id = hold(key(random));
        SettleResult result = execute(new LedgerCommand.Release(id, random.nextBoolean(), ACTOR, REASON));
        settled(Posting.Kind.RELEASE, id, result);
    }

    private void settled(Posting.Kind kind, HoldId id, SettleResult result) {
        if (result instanceof SettleResult.Settled settled) {
            told(kind, "settlement of " + id, false, id, settled.hold());
        } else if (result instanceof SettleResult.AlreadySettled before) {
            same(id, before.hold());
        } else {
            refused.incrementAndGet();
        }
    }

    private void bookLate(Random random) {
        HoldId id = hold(key(random));
        LedgerCommand.BookLate wish = new LedgerCommand.BookLate(id, new Amount(50L + random.nextInt(2)), ACTOR);
        LateResult result = execute(wish);
        if (result instanceof LateResult.Booked booked) {
            told(Posting.Kind.LATE, "late delivery of " + id, booked.replayed(), wish, booked.posting());
        } else {
            refused.incrementAndGet();
        }
    }

    private void adjust(Random random) {
        int key = key(random);
        LedgerCommand.Adjust wish = new LedgerCommand.Adjust(
                user(key), new Amount((key % 2 == 0 ? 70 : -70) + random.nextInt(2)), ACTOR, REASON, "a" + key);
        AdjustResult result = execute(wish);
        if (result instanceof AdjustResult.Adjusted adjusted) {
            told(Posting.Kind.ADJUST, "adjustment " + key, adjusted.replayed(), wish, adjusted.posting());
        } else {
            refused.incrementAndGet();
        }
    }

    private void assignTier(Random random) {
        TierResult result = execute(new LedgerCommand.AssignTier(
                user(random.nextInt(USERS)),
                random.nextBoolean() ? "silver" : "gold",
                Optional.empty(),
                ACTOR,
                REASON));
        if (result.changed()) {
            told(Posting.Kind.TIER).incrementAndGet();
        }
    }

    private void draw(Random random) {
        UserId user = user(random.nextInt(USERS));
        DrawResult result = execute(new LedgerCommand.DrawLuck(
                user, LuckyDraw.SHIPPED, ZoneOffset.UTC, random.nextInt(LuckyDraw.OUTCOMES)));
        LocalDate day = result.draw().day();
        if (!result.again()) {
            first("draw of " + user + " on " + day);
            drawn.incrementAndGet();
        }
        same(user + " " + day, result.draw());
    }

    private void invoice(Random random) {
        int key = key(random);
        LedgerCommand.OpenInvoice wish = new LedgerCommand.OpenInvoice(
                new InvoiceId(new UUID(0x7001, key)),
                "inv:" + key,
                user(key),
                "small",
                price(key, random),
                new Amount(200),
                Duration.ofHours(1));
        if (execute(wish) instanceof InvoiceResult.Opened opened) {
            if (opened.replayed()) {
                replays.incrementAndGet();
            } else {
                first("invoice " + key);
                invoiced.incrementAndGet();
            }
            same(wish, opened.invoice().createdAt());
        } else {
            refused.incrementAndGet();
        }
    }

    private void pay(Random random) {
        int key = key(random);
        Charge charge = charge(key);
        PaymentId id = new PaymentId(new UUID(random.nextLong(), random.nextLong()));
        Optional<String> payload = key % 4 == 0 ? Optional.empty() : Optional.of("inv:" + key);
        UserId payer = user(key + random.nextInt(8) / 7); // now and then another than was asked
        LedgerCommand.RecordPayment wish =
                new LedgerCommand.RecordPayment(id, charge, payer, price(key, random), payload, "{}", ACTOR);
        if (execute(wish) instanceof PaymentResult.Done done) {
            Payment payment = done.payment();
            if (done.replayed()) {
                replays.incrementAndGet();
            } else {
                first("payment of " + charge);
                paid.put(charge, payment.id());
                if (payment.user().isPresent()) {
                    credited(payment);
                }
            }
            same(charge, List.of(payment.id(), payment.payer(), payment.money()));
        } else {
            refused.incrementAndGet();
        }
    }

    private void match(Random random) {
        int key = key(random);
        LedgerCommand.MatchPayment wish = new LedgerCommand.MatchPayment(
                payment(key), user(key), new Amount(150L + random.nextInt(8) / 7), ACTOR, REASON);
        if (execute(wish) instanceof PaymentResult.Done done) {
            if (done.replayed()) {
                replays.incrementAndGet();
            } else {
                credited(done.payment());
            }
            same("credits of " + done.payment().id(), done.payment().credits());
        } else {
            refused.incrementAndGet();
        }
    }

    private void beginRefund(Random random) {
        PaymentId id = payment(contested(random));
        moved(
                Posting.Kind.REFUND,
                execute(new LedgerCommand.BeginRefund(id, random.nextBoolean(), ACTOR, REASON)),
                Payment.State.REFUND_PENDING);
    }

    private void finishRefund(Random random) {
        PaymentId id = payment(contested(random));
        boolean sentBack = random.nextBoolean();
        PaymentResult result = execute(new LedgerCommand.FinishRefund(id, sentBack, ACTOR, REASON));
        if (sentBack) {
            moved(Posting.Kind.REFUNDED, result, Payment.State.REFUNDED);
        } else {
            moved(Posting.Kind.REFUND_UNDONE, result, Payment.State.CREDITED);
        }
    }

    private void chargeBack(Random random) {
        PaymentResult result = execute(new LedgerCommand.ChargeBack(charge(contested(random)), ACTOR, REASON));
        moved(Posting.Kind.CHARGEBACK, result, Payment.State.CHARGED_BACK);
    }

    /** Counts what was done to a payment. Of one that made no grant, no posting tells. */
    private void moved(Posting.Kind kind, PaymentResult result, Payment.State to) {
        if (!(result instanceof PaymentResult.Done done)) {
            refused.incrementAndGet();
            return;
        }
        Payment payment = done.payment();
        boolean credits = payment.user().isPresent();
        assertThat(payment.state()).isEqualTo(to == Payment.State.CREDITED && !credits ? Payment.State.UNMATCHED : to);
        if (to == Payment.State.REFUNDED || to == Payment.State.CHARGED_BACK) {
            same("end of " + payment.id(), to);
        }
        if (done.replayed()) {
            replays.incrementAndGet();
            return;
        }
        if (to == Payment.State.REFUNDED || to == Payment.State.CHARGED_BACK) {
            first("money back of " + payment.id());
        }
        if (credits) {
            told(kind).incrementAndGet();
        }
    }

    private void credited(Payment payment) {
        first("credits of " + payment.id());
        told(Posting.Kind.GRANT).incrementAndGet();
        same("credits of " + payment.id(), payment.credits());
    }

    private void expire(Random random) {
        UserId user = user(random.nextInt(USERS));
        if (execute(new LedgerCommand.ExpireGrants(user)).isPositive()) {
            replays.incrementAndGet();
        }
    }

    /** Lets time pass, so that grants come to their end and days begin. */
    private void pass(Random random) {
        clock.advance(Duration.ofMinutes(random.nextInt(30)));
    }

    // ---- what callers keep count of

    private void told(Posting.Kind kind, String what, boolean replayed, Object asked, Object answer) {
        if (replayed) {
            replays.incrementAndGet();
        } else {
            first(what);
            told(kind).incrementAndGet();
        }
        same(asked, answer);
    }

    private AtomicInteger told(Posting.Kind kind) {
        AtomicInteger count = told.get(kind);
        if (count == null) {
            throw new AssertionError("no count of " + kind);
        }
        return count;
    }

    private void first(String what) {
        assertThat(once.putIfAbsent(what, what)).as("told of twice: " + what).isNull();
    }

    private void same(Object asked, Object answer) {
        Object before = answers.putIfAbsent(asked, answer);
        assertThat(before == null ? answer : before).as("asked again: " + asked).isEqualTo(answer);
    }

    private <R> R execute(LedgerCommand<R> command) {
        return LedgerStoreContract.execute(store, command);
    }

    private int key(Random random) {
        return done.get() / TRIES_A_KEY + random.nextInt(3);
    }

    /** A key of the few whose money goes back, so that all that can be done to it meets there. */
    private int contested(Random random) {
        int key = key(random);
        return key - key % 8 + random.nextInt(2);
    }

    private static UserId user(int key) {
        return new UserId("user-" + key % USERS);
    }

    private static Charge charge(int key) {
        return Charge.once("collision", "charge-" + key);
    }

    /** A payment by its charge; one that nobody has if it wasn't paid, or nobody was told yet. */
    private PaymentId payment(int key) {
        return paid.getOrDefault(charge(key), new PaymentId(new UUID(0, key)));
    }

    /** What an invoice asks for and a payment brings, which now and then isn't the same. */
    private static Money price(int key, Random random) {
        return new Money(400 + key % 100 + random.nextInt(8) / 7, "EUR");
    }

    private static HoldId hold(int key) {
        return new HoldId(new UUID(0x7000, key));
    }

    // ---- all of it

    /** Does all operations, and checks what is there afterwards. */
    void run() throws Exception {
        long start = System.nanoTime();
        race();
        double seconds = (System.nanoTime() - start) / 1e9;

        assertThat(store.auditLedger().findings()).as("seed " + seed).isEmpty();
        Map<Posting.Kind, Integer> stored = new EnumMap<>(Posting.Kind.class);
        int days = 0;
        int invoices = 0;
        for (int i = 0; i < USERS; i++) {
            for (Posting posting :
                    store.history(user(i), Optional.empty(), OPERATIONS * 2).postings()) {
                boolean byItself = posting.kind() == Posting.Kind.EXPIRE
                        || (posting.kind() == Posting.Kind.GRANT
                                && posting.key().isEmpty());
                if (!byItself) {
                    stored.merge(posting.kind(), 1, Integer::sum);
                }
            }
            List<Draw> draws = store.draws(user(i), OPERATIONS);
            Set<LocalDate> distinct =
                    new HashSet<>(draws.stream().map(Draw::day).toList());
            assertThat(draws).as("one draw a day, seed " + seed).hasSameSizeAs(distinct);
            days += draws.size();
            invoices += store.invoices(user(i), OPERATIONS).size();
        }
        Map<Posting.Kind, Integer> counted = new EnumMap<>(Posting.Kind.class);
        told.forEach((kind, count) -> {
            if (count.get() > 0) {
                counted.put(kind, count.get());
            }
        });
        assertThat(stored)
                .as("postings and what callers were told, seed " + seed)
                .isEqualTo(counted);
        assertThat(days).as("draws, seed " + seed).isEqualTo(drawn.get());
        assertThat(invoices).as("invoices, seed " + seed).isEqualTo(invoiced.get());
        List<Payment> payments =
                store.payments(PaymentFilter.ALL, Optional.empty(), OPERATIONS).payments();
        assertThat(payments)
                .as("payments, seed " + seed)
                .extracting(Payment::id)
                .containsExactlyInAnyOrderElementsOf(paid.values());
        assertThat(replays.get()).as("collisions, seed " + seed).isGreaterThan(OPERATIONS / 20);
        assertThat(refused.get()).as("refusals, seed " + seed).isGreaterThan(OPERATIONS / 20);
        System.out.printf(
                "%s: %d operations by %d threads on %d users, seed %d: %.0f a second; %d replays, %d refused,"
                        + " %d invoices, %d payments, %s%n",
                store.getClass().getSimpleName(),
                OPERATIONS,
                THREADS,
                USERS,
                seed,
                OPERATIONS / seconds,
                replays.get(),
                refused.get(),
                invoices,
                payments.size(),
                counted);
    }

    private void race() throws Exception {
        CyclicBarrier start = new CyclicBarrier(THREADS);
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        try {
            List<Future<Integer>> running = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                Random random = new Random(seed * THREADS + i);
                Callable<Integer> work = () -> {
                    start.await(30, SECONDS);
                    int count = 0;
                    while (done.getAndIncrement() < OPERATIONS) {
                        operations.get(random.nextInt(operations.size())).run(random);
                        count++;
                    }
                    return count;
                };
                running.add(threads.submit(work));
            }
            int all = 0;
            for (Future<Integer> one : running) {
                all += one.get(300, SECONDS);
            }
            assertThat(all).isEqualTo(OPERATIONS);
        } finally {
            threads.shutdownNow();
        }
    }
}
