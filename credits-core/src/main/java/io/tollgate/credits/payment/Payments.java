package io.tollgate.credits.payment;

import io.tollgate.credits.account.UserId;
import io.tollgate.credits.ledger.Amount;
import io.tollgate.credits.ledger.Charge;
import io.tollgate.credits.ledger.Invoice;
import io.tollgate.credits.ledger.InvoiceId;
import io.tollgate.credits.ledger.InvoiceResult;
import io.tollgate.credits.ledger.LedgerCommand;
import io.tollgate.credits.ledger.LedgerStore;
import io.tollgate.credits.ledger.Money;
import io.tollgate.credits.ledger.Payment;
import io.tollgate.credits.ledger.PaymentFilter;
import io.tollgate.credits.ledger.PaymentId;
import io.tollgate.credits.ledger.PaymentPage;
import io.tollgate.credits.ledger.PaymentResult;
import io.tollgate.credits.ledger.StorableText;
import io.tollgate.credits.ledger.StoreUnavailableException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/**
 * What people and providers do with money. Safe for use by many threads; has none of its own. Wishes that make no sense
 * are refused with an {@link IllegalArgumentException} before the store is asked; reads throw
 * {@link StoreUnavailableException} when it can't be reached, and answers to wishes complete with it.
 */
public final class Payments {
    private static final int MAX_REASON = 500;
    private static final int PAGE = 100;
    private static final String SYSTEM = "system";

    private final LedgerStore store;
    private final Packs packs;
    private final Map<String, PaymentGateway> gateways;
    private final Duration invoiceExpires;
    private final Supplier<UUID> ids;

    /**
     * @param gateways who takes money; one that is named earlier is preferred where both take a currency
     * @param invoiceExpires how long an invoice is offered, more than 0
     * @param ids new ones, each once; many threads ask
     * @throws IllegalArgumentException if two gateways have the same word
     */
    public Payments(
            LedgerStore store,
            Packs packs,
            Collection<PaymentGateway> gateways,
            Duration invoiceExpires,
            Supplier<UUID> ids) {
        this.store = store;
        this.packs = packs;
        this.gateways = new LinkedHashMap<>();
        for (PaymentGateway gateway : gateways) {
            Charge.checkProvider(gateway.provider());
            if (this.gateways.put(gateway.provider(), gateway) != null) {
                throw new IllegalArgumentException("two gateways are called '" + gateway.provider() + "'");
            }
        }
        if (invoiceExpires.toMillis() < 1) {
            throw new IllegalArgumentException("an invoice is offered for some time, not " + invoiceExpires);
        }
        this.invoiceExpires = invoiceExpires;
        this.ids = ids;
    }

    /**
     * An invoice and how it can be paid.
     *
     * @param provider whom it is paid to
     */
    public record Bought(Invoice invoice, String provider, HowToPay how) {}

    /** What is sold. */
    public Packs packs() {
        return packs;
    }

    /**
     * Asks a user to pay for a pack, by the first gateway that takes its currency.
     *
     * @throws IllegalArgumentException if there is no such pack, or no gateway takes its currency
     */
    public CompletionStage<Bought> buy(UserId user, String pack) {
        Pack wanted = pack(pack);
        String currency = wanted.price().currency();
        PaymentGateway gateway = gateways.values().stream()
                .filter(one -> one.accepts(currency))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "no way to pay takes " + currency + "; there are " + gateways.keySet()));
        return buy(user, wanted, gateway, new InvoiceId(ids.get()));
    }

    /**
     * Asks a user to pay for a pack, by one gateway.
     *
     * @param id the invoice's; the same id asks for the same invoice
     * @throws IllegalArgumentException if there is no such pack or gateway, or it doesn't take the pack's currency
     */
    public CompletionStage<Bought> buy(UserId user, String pack, String provider, InvoiceId id) {
        Pack wanted = pack(pack);
        PaymentGateway gateway = gateway(provider);
        if (!gateway.accepts(wanted.price().currency())) {
            throw new IllegalArgumentException(
                    "'" + provider + "' doesn't take " + wanted.price().currency());
        }
        return buy(user, wanted, gateway, id);
    }

    private CompletionStage<Bought> buy(UserId user, Pack pack, PaymentGateway gateway, InvoiceId id) {
        LedgerCommand.OpenInvoice wish = new LedgerCommand.OpenInvoice(
                id, "inv:" + id, user, pack.name(), pack.price(), pack.credits(), invoiceExpires);
        return store.execute(wish).thenCompose(result -> {
            if (!(result instanceof InvoiceResult.Opened opened)) {
                throw new IllegalArgumentException("the id is another invoice's: " + id);
            }
            return gateway.howToPay(opened.invoice())
                    .thenApply(how -> new Bought(opened.invoice(), gateway.provider(), how));
        });
    }

    private Pack pack(String name) {
        return packs.find(name)
                .orElseThrow(() -> new IllegalArgumentException("there is no pack '" + name + "'"
                        + (packs.names().isEmpty() ? "; nothing is sold" : "; there are " + packs.names())));
    }

    private PaymentGateway gateway(String provider) {
        PaymentGateway gateway = gateways.get(provider);
        if (gateway == null) {
            throw new IllegalArgumentException(
                    "there is no way to pay called '" + provider + "'; there are " + gateways.keySet());
        }
        return gateway;
    }

    /**
     * Records money that a provider took, once per charge. Whatever the provider says besides is kept as far as it can
     * be kept: money that was taken is not turned away for it.
     *
     * @param payload what the provider brought back of an invoice
     * @param raw what else it said of it
     */
    public CompletionStage<PaymentResult> record(
            Charge charge, UserId payer, Money money, Optional<String> payload, String raw, String actor) {
        Optional<String> known = payload.filter(Invoice::isPayload);
        String kept = payload.isPresent() && known.isEmpty() ? "payload: " + payload.get() + "\n" + raw : raw;
        return store.execute(new LedgerCommand.RecordPayment(
                new PaymentId(ids.get()), charge, payer, money, known, bounded(kept, Payment.MAX_RAW), actor));
    }

    /**
     * Says whom an unmatched payment is for and what it is worth.
     *
     * @param credits more than 0
     * @param reason why, 3 to 500 characters
     */
    public CompletionStage<PaymentResult> match(
            PaymentId id, UserId user, Amount credits, String actor, String reason) {
        return store.execute(new LedgerCommand.MatchPayment(id, user, credits, actor, reason));
    }

    /**
     * Sends a payment's money back: its credits are taken back, the provider is asked, and what it answers is kept.
     * When nobody knows, the payment stays {@link Payment.State#REFUND_PENDING} until {@link #resumeRefunds} learns
     * more.
     *
     * @param override whether to do so though some of the credits were used; those are owed then
     * @param reason why, 3 to 500 characters
     * @return the payment as it stands then: credited again if the provider turned it down, with its word in the note
     * @throws IllegalArgumentException if nobody here can send money of its provider back; nothing was changed
     */
    public CompletionStage<PaymentResult> refund(PaymentId id, boolean override, String actor, String reason) {
        LedgerCommand.BeginRefund begin = new LedgerCommand.BeginRefund(id, override, actor, reason);
        Optional<Payment> payment = store.payment(id);
        if (payment.isEmpty()) {
            return CompletableFuture.completedStage(new PaymentResult.NoSuchPayment(id.toString()));
        }
        PaymentGateway gateway = gateway(payment.get().charge().provider());
        return store.execute(begin)
                .thenCompose(begun -> begun instanceof PaymentResult.Done done
                        ? finish(done, gateway, actor)
                        : CompletableFuture.completedStage(begun));
    }

    /** Asks for the money of a payment whose refund was begun. */
    private CompletionStage<PaymentResult> finish(PaymentResult.Done begun, PaymentGateway gateway, String actor) {
        Payment payment = begun.payment();
        return outcome(gateway, payment).thenCompose(outcome -> {
            if (outcome instanceof RefundOutcome.Unknown) {
                return CompletableFuture.completedStage(begun);
            }
            String said = gateway.provider() + ": "
                    + (outcome instanceof RefundOutcome.Refused refused
                            ? "refused: " + refused.why()
                            : outcome instanceof RefundOutcome.Done ? "sent back" : "was sent back before");
            return store.execute(new LedgerCommand.FinishRefund(
                    payment.id(), !(outcome instanceof RefundOutcome.Refused), actor, bounded(said, MAX_REASON)));
        });
    }

    private static CompletionStage<RefundOutcome> outcome(PaymentGateway gateway, Payment payment) {
        try {
            return gateway.refund(payment).exceptionally(e -> new RefundOutcome.Unknown(String.valueOf(e)));
        } catch (RuntimeException e) { // a gateway that breaks its word must not leave the others waiting
            return CompletableFuture.completedStage(new RefundOutcome.Unknown(String.valueOf(e)));
        }
    }

    /**
     * Records that a payer had the money taken back, once.
     *
     * @param reason what was said, 3 to 500 characters
     */
    public CompletionStage<PaymentResult> chargeBack(Charge charge, String actor, String reason) {
        return store.execute(new LedgerCommand.ChargeBack(charge, actor, reason));
    }

    /**
     * Asks again for the money of refunds that were begun and of which nobody knows how they ended: after a timeout, or
     * the end of the process in the middle. For a timer, and after a start. Those of providers that nobody here speaks
     * to wait on.
     *
     * @return how many are known now
     */
    public CompletionStage<Integer> resumeRefunds() {
        List<Payment> pending = new ArrayList<>();
        Optional<Long> next = Optional.empty();
        do {
            PaymentPage page = store.payments(PaymentFilter.of(Payment.State.REFUND_PENDING), next, PAGE);
            pending.addAll(page.payments());
            next = page.next();
        } while (next.isPresent());
        CompletionStage<Integer> known = CompletableFuture.completedStage(0);
        for (Payment payment : pending) {
            PaymentGateway gateway = gateways.get(payment.charge().provider());
            if (gateway != null) {
                // one after the other: a provider that is slow is not asked for all at once
                known = known.thenCompose(count -> finish(new PaymentResult.Done(payment, false), gateway, SYSTEM)
                        .thenApply(result -> count + (isPending(result) ? 0 : 1)));
            }
        }
        return known;
    }

    private static boolean isPending(PaymentResult result) {
        return result instanceof PaymentResult.Done done && done.payment().state() == Payment.State.REFUND_PENDING;
    }

    /** A payment in any state. */
    public Optional<Payment> payment(PaymentId id) {
        return store.payment(id);
    }

    /**
     * Payments, newest first.
     *
     * @param before the {@link PaymentPage#next} of the page before; empty for the newest page
     * @param limit the most payments, at least 1
     */
    public PaymentPage payments(PaymentFilter filter, Optional<Long> before, int limit) {
        return store.payments(filter, before, limit);
    }

    /** The invoice with a payload, for a provider that asks before it takes money. */
    public Optional<Invoice> invoice(String payload) {
        return store.invoiceByPayload(payload);
    }

    /**
     * A user's invoices, newest first.
     *
     * @param limit the most invoices, at least 1
     */
    public List<Invoice> invoices(UserId user, int limit) {
        return store.invoices(user, limit);
    }

    private static String bounded(String text, int most) {
        return StorableText.repaired(text.length() > most ? text.substring(0, most) : text);
    }
}
