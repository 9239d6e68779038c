package io.tollgate.queue.model;

import io.tollgate.credits.CreditPolicy;
import io.tollgate.credits.account.Perks;
import io.tollgate.credits.account.Tier;
import io.tollgate.credits.account.Tiers;
import io.tollgate.credits.account.UserId;
import io.tollgate.credits.ledger.Amount;
import io.tollgate.credits.ledger.Charge;
import io.tollgate.credits.ledger.InvoiceId;
import io.tollgate.credits.ledger.LuckyDraw;
import io.tollgate.credits.ledger.PaymentId;
import io.tollgate.credits.ledger.QuoteId;
import io.tollgate.credits.ledger.Trial;
import io.tollgate.credits.pricing.AfterQuota;
import io.tollgate.credits.pricing.DailyQuota;
import io.tollgate.credits.pricing.Tariff;
import io.tollgate.queue.job.BackendId;
import io.tollgate.queue.job.DeliveryEvent;
import io.tollgate.queue.job.DeliveryId;
import io.tollgate.queue.job.DeliveryTarget;
import io.tollgate.queue.job.JobCommand.Load;
import io.tollgate.queue.job.JobCommand.Offer;
import io.tollgate.queue.job.JobId;
import io.tollgate.queue.job.JobPolicy;
import io.tollgate.queue.job.ModelName;
import io.tollgate.queue.job.Needs;
import io.tollgate.queue.job.NodeId;
import io.tollgate.queue.job.QueueName;
import io.tollgate.queue.job.SubmissionLimits;
import io.tollgate.queue.test.CountingIds;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.UUID;
import java.util.function.UnaryOperator;

/**
 * The few names that commands are about, by number, and the numbers that a store decides by. Few names and tight
 * limits, so that collisions and refusals are the normal case.
 */
final class World {
    static final List<UserId> USERS = List.of(new UserId("eva"), new UserId("adam"), new UserId("zoe"));
    static final List<QueueName> QUEUES = List.of(new QueueName("image"), new QueueName("fair"));
    static final List<ModelName> MODELS = List.of(new ModelName("wide"), new ModelName("tight"));
    static final List<BackendId> BACKENDS = List.of(new BackendId("gpu-1"), new BackendId("gpu-2"));
    static final List<NodeId> NODES = List.of(new NodeId("node-a"), new NodeId("node-b"));
    static final List<Needs> NEEDS =
            List.of(new Needs(Set.of("comfy", "java2d"), Set.of()), new Needs(Set.of("java2d"), Set.of("big")));
    static final List<DeliveryTarget> TARGETS = List.of(
            new DeliveryTarget("webhook", "https://shop.example/hook", EnumSet.allOf(DeliveryEvent.class)),
            new DeliveryTarget("telegram", "42"));
    static final List<String> TIERS = List.of("standard", "vip", "half", "relaxed", "gone");
    static final Duration TTL = Duration.ofSeconds(30);
    static final Duration BACKOFF = Duration.ofSeconds(2);
    static final Duration LONGEST_BACKOFF = Duration.ofSeconds(5);
    static final Duration IN_HAND = Duration.ofSeconds(5);

    static final Trial TRIAL = new Trial(new Amount(70), Duration.ofMinutes(2));

    /** A zone whose midnight comes a minute after the beginning, so that it is met. */
    static final ZoneOffset DAYS = ZoneOffset.ofTotalSeconds(-60);

    static final int RELAXED_PER_USER = 2;

    static final JobPolicy POLICY = new JobPolicy(
            CreditPolicy.of(new Tiers(List.of(
                            new Tier(Tier.STANDARD, Perks.NONE),
                            new Tier("vip", new Perks(Optional.of("vip"), true, true, 0, false, OptionalInt.empty())),
                            new Tier("half", new Perks(Optional.empty(), false, false, 33, true, OptionalInt.of(3))),
                            new Tier(
                                    "relaxed",
                                    new Perks(Optional.of("relaxed"), true, true, 0, true, OptionalInt.empty())))))
                    .with(TRIAL)
                    .with(LuckyDraw.SHIPPED, DAYS),
            new SubmissionLimits(8, 14, 30, RELAXED_PER_USER),
            Map.of(MODELS.get(1), 1),
            Map.of(QUEUES.get(0), 3),
            Map.of(QUEUES.get(1), JobPolicy.Order.FAIR),
            0.5,
            2);

    /** What of a price costs nothing. */
    static final List<UnaryOperator<Tariff>> TERMS = List.of(
            price -> price,
            price -> Tariff.free(price.list()),
            price -> price.with(new DailyQuota(2, AfterQuota.REFUSE)),
            price -> price.with(new DailyQuota(1, AfterQuota.CHARGE)),
            price -> price.with(new DailyQuota(2, AfterQuota.CHARGE)).orRelaxed(),
            price -> price.with(new DailyQuota(1, AfterQuota.RELAXED)),
            Tariff::orRelaxed);

    static final Duration QUOTED_FOR = Duration.ofSeconds(20);
    static final int QUOTES_PER_USER = 2;

    private static final long QUOTES = 500_000;
    private static final long INVOICES = 600_000;
    private static final long PAYMENTS = 700_000;
    private static final long RUNS = 100_000;
    private static final long DELIVERIES = 200_000;
    private static final long OUTPUTS = 400_000;

    /** How many different loads there are. */
    static final int LOADS = 18;

    /** The first message of an end by hand. */
    static final int BY_HAND = 5;

    /** The first message of those before an end. */
    static final int BEFORE_END = 7;

    private World() {}

    /** A backend with its tags: any job can run on the second, and most on the first. */
    static Offer offer(int backend, int slots, int load) {
        return new Offer(
                BACKENDS.get(backend),
                backend == 0 ? "comfy" : "java2d",
                backend == 0 ? Set.of() : Set.of("big"),
                slots,
                load(load));
    }

    /** No load at all for 0, else 0 to 2 runs of which 1 or 2 go at once, and no model loaded or one of the two. */
    private static Load load(int number) {
        if (number == 0) {
            return Load.NONE;
        }
        int model = number / 6;
        return new Load(
                number % 3, 1 + number / 3 % 2, model == 0 ? Optional.empty() : Optional.of(MODELS.get(model - 1)));
    }

    static JobId job(int number) {
        return new JobId(CountingIds.id(number));
    }

    static QuoteId quote(int number) {
        return new QuoteId(CountingIds.id(QUOTES + number));
    }

    static InvoiceId invoice(int number) {
        return new InvoiceId(CountingIds.id(INVOICES + number));
    }

    static PaymentId payment(int number) {
        return new PaymentId(CountingIds.id(PAYMENTS + number));
    }

    static int number(PaymentId payment) {
        return (int) (number(payment.value()) - PAYMENTS);
    }

    /** What a payment's provider calls it. */
    static Charge charge(int payment) {
        return new Charge("shop", "charge'" + payment, payment % 3);
    }

    static UUID run(int number) {
        return CountingIds.id(RUNS + number);
    }

    /**
     * A job ends once, so that the messages it owes can be named before; but for one that is ended by hand, whose
     * messages then are named apart.
     *
     * @param target from 0, or from {@link #BY_HAND}; or from {@link #BEFORE_END}, for what comes before an end
     */
    static DeliveryId delivery(int job, int target) {
        if (target >= BEFORE_END) {
            List<DeliveryEvent> told = List.of(DeliveryEvent.QUEUED, DeliveryEvent.STARTED, DeliveryEvent.OUTPUT);
            return DeliveryId.of(job(job), told.get(target - BEFORE_END), target == BEFORE_END ? 0 : 1, 0);
        }
        return new DeliveryId(CountingIds.id(DELIVERIES + job * 10L + target));
    }

    static UUID output(int job, int index) {
        return CountingIds.id(OUTPUTS + job * 10L + index);
    }

    static int number(JobId job) {
        return (int) number(job.value());
    }

    /** A delivery by job and target. */
    static String name(DeliveryId delivery) {
        if (delivery.value().version() == 3) { // named for what it tells of
            return delivery.toString();
        }
        long number = number(delivery.value()) - DELIVERIES;
        return number / 10 + "." + number % 10;
    }

    private static long number(UUID id) {
        return id.getMostSignificantBits() >>> 16;
    }
}
