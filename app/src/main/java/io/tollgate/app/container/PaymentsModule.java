package io.tollgate.app.container;

import com.google.inject.AbstractModule;
import com.google.inject.Provides;
import com.google.inject.Singleton;
import com.google.inject.multibindings.Multibinder;
import io.tollgate.app.config.TollgateConfig;
import io.tollgate.credits.ledger.LedgerStore;
import io.tollgate.credits.payment.ManualGateway;
import io.tollgate.credits.payment.Packs;
import io.tollgate.credits.payment.PaymentGateway;
import io.tollgate.credits.payment.Payments;
import io.tollgate.queue.job.UuidV7;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Binds {@link Payments}; other modules can add a {@link PaymentGateway}. A node that works resumes refunds. */
final class PaymentsModule extends AbstractModule {
    private static final Logger LOG = LoggerFactory.getLogger(PaymentsModule.class);
    private static final Duration RESUME_EVERY = Duration.ofMinutes(1);
    private static final Duration STOP_WITHIN = Duration.ofSeconds(1);

    @Override
    protected void configure() {
        Multibinder.newSetBinder(binder(), PaymentGateway.class).addBinding().toInstance(new ManualGateway());
    }

    @Provides
    @Singleton
    Payments payments(
            TollgateConfig config,
            Access access,
            LedgerStore store,
            Set<PaymentGateway> gateways,
            InstantSource clock,
            Threads threads,
            Lifecycle lifecycle) {
        // whoever takes anything comes last
        List<PaymentGateway> preferred = gateways.stream()
                .sorted(Comparator.comparing(gateway -> gateway.provider().equals(ManualGateway.PROVIDER)))
                .toList();
        UuidV7 ids = new UuidV7(clock, new SecureRandom());
        Payments payments =
                new Payments(store, new Packs(config.packs()), preferred, config.invoiceExpires(), ids::next);
        if (access == Access.WORK) {
            lifecycle.add(resuming(payments, threads));
        }
        return payments;
    }

    private static Service resuming(Payments payments, Threads threads) {
        return Service.repeating(
                "payments", STOP_WITHIN, threads.work(), Duration.ZERO, RESUME_EVERY, () -> resume(payments), () -> {});
    }

    private static void resume(Payments payments) {
        try {
            payments.resumeRefunds().whenComplete((known, failure) -> {
                if (failure != null) {
                    failed(failure);
                } else if (known > 0) {
                    LOG.atInfo()
                            .setMessage("refunds resumed")
                            .addKeyValue("known", known)
                            .log();
                }
            });
        } catch (RuntimeException e) { // the next round tries again
            failed(e);
        }
    }

    private static void failed(Throwable failure) {
        LOG.atWarn()
                .setMessage("refunds not resumed")
                .addKeyValue("problem", String.valueOf(failure))
                .log();
    }
}
