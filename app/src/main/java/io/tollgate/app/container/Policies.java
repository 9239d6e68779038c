package io.tollgate.app.container;

import io.tollgate.app.config.TollgateConfig;
import io.tollgate.credits.CreditPolicy;
import io.tollgate.credits.account.Perks;
import io.tollgate.credits.account.Tier;
import io.tollgate.credits.account.Tiers;
import io.tollgate.credits.ledger.LuckyDraw;
import io.tollgate.credits.ledger.Trial;
import io.tollgate.queue.delivery.DeliveryPolicy;
import io.tollgate.queue.dispatch.DispatchSettings;
import io.tollgate.queue.job.BackendId;
import io.tollgate.queue.job.JobPolicy;
import io.tollgate.queue.job.Lane;
import io.tollgate.queue.job.QueueName;
import io.tollgate.queue.job.SubmissionLimits;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;

/** What the configuration means in the cores' own terms. */
final class Policies {
    private static final Duration SUBMIT_TIMEOUT = Duration.ofSeconds(30);
    private static final int LOST_AT_MOST = 3;
    private static final int DELIVERIES_IN_ALL = 64;

    private Policies() {}

    static JobPolicy jobs(TollgateConfig config) {
        TollgateConfig.Limits limits = config.limits();
        Map<QueueName, JobPolicy.Order> orders = new HashMap<>();
        config.queues()
                .forEach((name, queue) -> orders.put(
                        name,
                        switch (queue.order()) {
                            case FIFO -> JobPolicy.Order.FIFO;
                            case FAIR -> JobPolicy.Order.FAIR;
                        }));
        return new JobPolicy(
                credits(config),
                new SubmissionLimits(
                        limits.queuedPerUser(),
                        limits.queuedInAll(),
                        limits.submissionsPerMinute(),
                        limits.relaxedPerUser()),
                config.models(),
                config.modelDefaults(),
                orders,
                limits.relaxedShare().doubleValue(),
                LOST_AT_MOST);
    }

    private static CreditPolicy credits(TollgateConfig config) {
        TollgateConfig.Trial trial = config.trial();
        return new CreditPolicy(
                tiers(config.tiers()),
                trial.credits().isZero() ? Optional.empty() : Optional.of(new Trial(trial.credits(), trial.every())),
                config.prizes().isEmpty() ? Optional.empty() : Optional.of(draw(config)),
                config.timeZone());
    }

    private static LuckyDraw draw(TollgateConfig config) {
        LuckyDraw draw = new LuckyDraw(config.prizes().stream()
                .map(prize -> new LuckyDraw.Prize(
                        prize.name(), prize.chance().movePointRight(2).intValueExact(), prize.percentOff()))
                .toList());
        return config.drawProof() ? draw.withProof() : draw;
    }

    /** The standard tier first, whether the operator said what it is worth or not. */
    static Tiers tiers(Map<String, TollgateConfig.Tier> configured) {
        List<Tier> book = new ArrayList<>();
        if (!configured.containsKey(Tier.STANDARD)) {
            book.add(new Tier(Tier.STANDARD, Perks.NONE));
        }
        new TreeMap<>(configured).forEach((name, tier) -> book.add(new Tier(name, perks(tier))));
        return new Tiers(book);
    }

    private static Perks perks(TollgateConfig.Tier tier) {
        return new Perks(
                tier.lane() == Lane.REGULAR
                        ? Optional.empty()
                        : Optional.of(tier.lane().word()),
                tier.freeOfCharge(),
                tier.unlimited(),
                tier.discountPercent(),
                tier.watermark(),
                tier.jobsAtMost().map(OptionalInt::of).orElseGet(OptionalInt::empty));
    }

    static DispatchSettings dispatch(TollgateConfig config) {
        TollgateConfig.Dispatch spans = config.dispatch();
        Duration halfLease = spans.leaseTtl().dividedBy(2);
        return new DispatchSettings(
                spans.leaseTtl(),
                SUBMIT_TIMEOUT.compareTo(halfLease) > 0 ? halfLease : SUBMIT_TIMEOUT,
                spans.lookupGrace(),
                spans.sweepEvery(),
                config.limits().promoteAfter(),
                spans.sweepEvery(),
                spans.stopGrace());
    }

    static DeliveryPolicy deliveries(TollgateConfig.Delivery delivery) {
        return new DeliveryPolicy(
                delivery.retryBase(),
                delivery.retryCap(),
                delivery.retryFor(),
                delivery.timeout(),
                delivery.perTarget(),
                Math.max(DELIVERIES_IN_ALL, delivery.perTarget()));
    }

    /** The queues that a backend serves: empty for all, no value if it serves none. */
    static Optional<Set<QueueName>> queues(TollgateConfig config, BackendId id) {
        TollgateConfig.Backend backend = config.backends().get(id);
        boolean everyone = config.queues().values().stream()
                .allMatch(queue -> queue.backends().isEmpty());
        if (backend == null || (everyone && backend.queues().isEmpty())) {
            return Optional.of(Set.of());
        }
        Set<QueueName> served = new HashSet<>(backend.queues());
        served.removeAll(config.queues().keySet());
        config.queues().keySet().stream()
                .filter(queue -> config.backendsOf(queue).contains(id))
                .forEach(served::add);
        return served.isEmpty() ? Optional.empty() : Optional.of(served);
    }
}
