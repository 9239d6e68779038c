package io.tollgate.credits.ledger;

import io.tollgate.credits.account.UserId;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The rules of payments, as pure functions; see {@link LedgerRules}.
 *
 * <p>A debt arises when money is gone and not before, so that a refund that its provider turns down leaves nothing to
 * be put right but the grant itself.
 */
final class PaymentRules {
    private PaymentRules() {}

    static Decision<InvoiceResult> open(LedgerRows rows, LedgerCommand.OpenInvoice wish, Instant now) {
        Optional<Invoice> known = rows.invoice(wish.id());
        if (known.isPresent()) {
            Invoice invoice = known.get();
            boolean same = invoice.payload().equals(wish.payload())
                    && invoice.user().equals(wish.user())
                    && invoice.pack().equals(wish.pack())
                    && invoice.price().equals(wish.price())
                    && invoice.credits().equals(wish.credits());
            return Decision.unchanged(
                    same ? new InvoiceResult.Opened(invoice, true) : new InvoiceResult.Conflict(wish.id()));
        }
        if (rows.invoiceByPayload(wish.payload()).isPresent()) {
            return Decision.unchanged(new InvoiceResult.Conflict(wish.id()));
        }
        Invoice invoice = new Invoice(
                wish.id(),
                wish.payload(),
                wish.user(),
                wish.pack(),
                wish.price(),
                wish.credits(),
                Invoice.State.OPEN,
                now,
                now.plus(wish.lifetime()));
        return new Decision<>(
                new InvoiceResult.Opened(invoice, false),
                seen(rows, wish.user()).with(invoice));
    }

    static Decision<PaymentResult> record(LedgerRows rows, LedgerCommand.RecordPayment wish, Instant now) {
        Optional<Payment> known = rows.payment(wish.charge());
        if (known.isPresent()) {
            Payment payment = known.get();
            boolean same = payment.payer().equals(wish.payer())
                    && payment.money().equals(wish.money())
                    && payment.payload().equals(wish.payload());
            return Decision.unchanged(
                    same ? new PaymentResult.Done(payment, true) : new PaymentResult.ChargeReused(payment));
        }
        if (rows.payment(wish.id()).isPresent()) {
            throw new IllegalArgumentException("the id is another payment's: " + wish.id());
        }
        Optional<Invoice> invoice = wish.payload().flatMap(rows::invoiceByPayload);
        Optional<String> mismatch = mismatch(wish, invoice);
        Payment payment = new Payment(
                wish.id(),
                wish.charge(),
                wish.payer(),
                wish.money(),
                wish.payload(),
                mismatch.isPresent() ? Optional.empty() : invoice.map(Invoice::id),
                Optional.empty(),
                Amount.ZERO,
                Payment.State.UNMATCHED,
                mismatch,
                wish.raw(),
                now,
                now);
        if (mismatch.isPresent()) {
            return new Decision<>(
                    new PaymentResult.Done(payment, false),
                    seen(rows, wish.payer()).with(payment));
        }
        Invoice paid = invoice.orElseThrow();
        boolean foreign = !paid.user().equals(wish.payer());
        Optional<String> note = foreign ? Optional.of("paid by another than was asked") : Optional.empty();
        Payment credited = payment.creditedTo(wish.payer(), paid.credits(), note, now);
        LedgerChanges changes =
                credit(rows, credited, wish.actor(), "bought " + paid.pack() + " for " + wish.money(), now);
        // whoever was asked may still pay a foreign one
        boolean newlyPaid = !foreign && paid.state() == Invoice.State.OPEN;
        return new Decision<>(new PaymentResult.Done(credited, false), newlyPaid ? changes.with(paid.paid()) : changes);
    }

    /** Why a payment can't be told to be for an invoice, if it can't. */
    private static Optional<String> mismatch(LedgerCommand.RecordPayment wish, Optional<Invoice> invoice) {
        if (wish.payload().isEmpty()) {
            return Optional.of("no invoice was named");
        }
        if (invoice.isEmpty()) {
            return Optional.of("there is no invoice with this payload");
        }
        Money price = invoice.get().price();
        return price.equals(wish.money()) ? Optional.empty() : Optional.of("the invoice is of " + price);
    }

    static Decision<PaymentResult> match(LedgerRows rows, LedgerCommand.MatchPayment wish, Instant now) {
        Optional<Payment> found = rows.payment(wish.id());
        if (found.isEmpty()) {
            return noSuch(wish.id());
        }
        Payment payment = found.get();
        if (payment.state() == Payment.State.CREDITED
                && payment.user().equals(Optional.of(wish.user()))
                && payment.credits().equals(wish.credits())
                && payment.note().equals(Optional.of(wish.reason()))) {
            return Decision.unchanged(new PaymentResult.Done(payment, true));
        }
        if (payment.state() != Payment.State.UNMATCHED) {
            return Decision.unchanged(new PaymentResult.WrongState(payment));
        }
        Payment credited = payment.creditedTo(wish.user(), wish.credits(), Optional.of(wish.reason()), now);
        return new Decision<>(
                new PaymentResult.Done(credited, false), credit(rows, credited, wish.actor(), wish.reason(), now));
    }

    /** Makes the grant of a payment. What its user owes is settled first, in the same posting. */
    private static LedgerChanges credit(LedgerRows rows, Payment payment, String actor, String reason, Instant now) {
        UserId user = payment.user().orElseThrow();
        LedgerDraft draft = new LedgerDraft(rows, user, now);
        draft.expireDue();
        Grant grant = draft.buy(payment.sourceKey(), payment.credits());
        draft.post(new LedgerDraft.Header(Posting.Kind.GRANT, actor)
                .of(payment.credits())
                .because(reason)
                .once(payment.sourceKey(), RequestHash.of("payment", payment.charge(), payment.money()))
                .move(user, Book.AVAILABLE, grant.remaining())
                .move(user, Book.DEBT, grant.repaid())
                .move(grant.source().contra(), payment.credits().negated()));
        return draft.changes().with(payment);
    }

    static Decision<PaymentResult> beginRefund(LedgerRows rows, LedgerCommand.BeginRefund wish, Instant now) {
        Optional<Payment> found = rows.payment(wish.id());
        if (found.isEmpty()) {
            return noSuch(wish.id());
        }
        Payment payment = found.get();
        if (payment.state() != Payment.State.CREDITED && payment.state() != Payment.State.UNMATCHED) {
            return Decision.unchanged(new PaymentResult.WrongState(payment));
        }
        Payment pending = payment.with(Payment.State.REFUND_PENDING, Optional.of(wish.reason()), now);
        if (payment.user().isEmpty()) {
            return new Decision<>(new PaymentResult.Done(pending, false), LedgerChanges.NONE.with(pending));
        }
        UserId user = payment.user().get();
        LedgerDraft draft = new LedgerDraft(rows, user, now);
        draft.expireDue();
        Grant grant = draft.grant(payment.sourceKey());
        if (!wish.override() && grant.used().plus(grant.held()).isPositive()) {
            return Decision.unchanged(new PaymentResult.Spent(payment, grant.consumed(), grant.held(), grant.repaid()));
        }
        Amount back = grant.remaining();
        draft.put(grant.revoke(false, now));
        draft.post(new LedgerDraft.Header(Posting.Kind.REFUND, wish.actor())
                .of(back)
                .because(wish.reason())
                .move(user, Book.AVAILABLE, back.negated())
                .move(Book.REVOKED, back));
        return new Decision<>(
                new PaymentResult.Done(pending, false), draft.changes().with(pending));
    }

    static Decision<PaymentResult> finishRefund(LedgerRows rows, LedgerCommand.FinishRefund wish, Instant now) {
        Optional<Payment> found = rows.payment(wish.id());
        if (found.isEmpty()) {
            return noSuch(wish.id());
        }
        Payment payment = found.get();
        if (payment.state() != Payment.State.REFUND_PENDING) {
            return Decision.unchanged(new PaymentResult.WrongState(payment));
        }
        Payment.State stays = payment.user().isPresent() ? Payment.State.CREDITED : Payment.State.UNMATCHED;
        Payment.State state = wish.done() ? Payment.State.REFUNDED : stays;
        // of one that succeeded, why it was begun says more than that it succeeded
        Optional<String> note = wish.done() ? payment.note() : Optional.of(wish.reason());
        Payment finished = payment.with(state, note, now);
        if (payment.user().isEmpty()) {
            return new Decision<>(new PaymentResult.Done(finished, false), LedgerChanges.NONE.with(finished));
        }
        UserId user = payment.user().get();
        LedgerDraft draft = new LedgerDraft(rows, user, now);
        draft.expireDue();
        Grant grant = draft.grant(payment.sourceKey());
        if (wish.done()) {
            revokeForGood(
                    draft,
                    user,
                    grant,
                    new LedgerDraft.Header(Posting.Kind.REFUNDED, wish.actor()),
                    wish.reason(),
                    now);
        } else {
            Grant restored = grant.restore();
            draft.put(restored);
            draft.post(new LedgerDraft.Header(Posting.Kind.REFUND_UNDONE, wish.actor())
                    .of(restored.remaining())
                    .because(wish.reason())
                    .move(user, Book.AVAILABLE, restored.remaining())
                    .move(Book.REVOKED, restored.remaining().negated()));
            draft.expireDue();
        }
        return new Decision<>(
                new PaymentResult.Done(finished, false), draft.changes().with(finished));
    }

    static Decision<PaymentResult> chargeBack(LedgerRows rows, LedgerCommand.ChargeBack wish, Instant now) {
        Optional<Payment> found = rows.payment(wish.charge());
        if (found.isEmpty()) {
            return Decision.unchanged(
                    new PaymentResult.NoSuchPayment(wish.charge().toString()));
        }
        Payment payment = found.get();
        if (payment.state() == Payment.State.CHARGED_BACK) {
            return Decision.unchanged(new PaymentResult.Done(payment, true));
        }
        if (payment.state() == Payment.State.REFUNDED) {
            return Decision.unchanged(new PaymentResult.WrongState(payment));
        }
        Payment chargedBack = payment.with(Payment.State.CHARGED_BACK, Optional.of(wish.reason()), now);
        if (payment.user().isEmpty()) {
            return new Decision<>(new PaymentResult.Done(chargedBack, false), LedgerChanges.NONE.with(chargedBack));
        }
        UserId user = payment.user().get();
        LedgerDraft draft = new LedgerDraft(rows, user, now);
        draft.expireDue();
        Grant grant = draft.grant(payment.sourceKey());
        revokeForGood(
                draft, user, grant, new LedgerDraft.Header(Posting.Kind.CHARGEBACK, wish.actor()), wish.reason(), now);
        return new Decision<>(
                new PaymentResult.Done(chargedBack, false), draft.changes().with(chargedBack));
    }

    /** The money is gone: what remains is taken back, what was used is owed. What is held, its holds' end will tell. */
    private static void revokeForGood(
            LedgerDraft draft, UserId user, Grant grant, LedgerDraft.Header header, String reason, Instant now) {
        Amount back = grant.remaining();
        Amount owed = grant.used();
        draft.put(grant.revoke(true, now));
        draft.post(header.of(back.plus(owed))
                .because(reason)
                .move(user, Book.AVAILABLE, back.negated())
                .move(user, Book.DEBT, owed.negated())
                .move(Book.REVOKED, back.plus(owed)));
    }

    /** The account of someone who may never have been seen. */
    private static LedgerChanges seen(LedgerRows rows, UserId user) {
        return rows.account(user).isPresent()
                ? LedgerChanges.NONE
                : new LedgerChanges(List.of(Account.fresh(user)), List.of(), List.of(), List.of());
    }

    private static Decision<PaymentResult> noSuch(PaymentId id) {
        return Decision.unchanged(new PaymentResult.NoSuchPayment(id.toString()));
    }
}
