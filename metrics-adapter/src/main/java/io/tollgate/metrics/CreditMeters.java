package io.tollgate.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.tollgate.credits.ledger.Amount;
import io.tollgate.credits.ledger.Book;
import io.tollgate.credits.ledger.Entry;
import io.tollgate.credits.ledger.Posting;
import io.tollgate.queue.job.CommitListener;
import io.tollgate.queue.job.JobChanges;
import java.util.List;

/**
 * Counts what jobs do to credits, by what is posted: held, captured, released, waived (the part of a list price that
 * somebody did not have to pay) and late (what was delivered after its hold was released). Reads commits that are there
 * anyway; grants and payments are no jobs and not among them.
 */
public final class CreditMeters implements CommitListener {
    private final Counter held;
    private final Counter captured;
    private final Counter released;
    private final Counter waived;
    private final Counter late;

    public CreditMeters(MeterRegistry registry) {
        held = counter(registry, "held");
        captured = counter(registry, "captured");
        released = counter(registry, "released");
        waived = counter(registry, "waived");
        late = counter(registry, "late");
    }

    private static Counter counter(MeterRegistry registry, String kind) {
        return Counter.builder("tollgate.credits")
                .description("Credits that jobs moved, by how.")
                .tag("kind", kind)
                .register(registry);
    }

    @Override
    public void committed(List<JobChanges> changes) {
        for (JobChanges change : changes) {
            change.ledger().postings().forEach(this::posted);
        }
    }

    private void posted(Posting posting) {
        switch (posting.kind()) {
            case HOLD -> add(held, posting.net());
            case RELEASE -> add(released, posting.net());
            case CAPTURE -> {
                add(captured, posting.net());
                add(waived, posting.listPrice().minus(posting.net()));
                add(released, fromHold(posting).minus(posting.net())); // a part only was delivered
            }
            case LATE -> add(late, posting.listPrice());
            case GRANT, EXPIRE, ADJUST, TIER, REFUND, REFUNDED, REFUND_UNDONE, CHARGEBACK -> {} // not of jobs
        }
    }

    private static Amount fromHold(Posting posting) {
        Amount left = Amount.ZERO;
        for (Entry entry : posting.entries()) {
            left = entry.book() == Book.HELD ? left.minus(entry.amount()) : left;
        }
        return left;
    }

    private static void add(Counter counter, Amount amount) {
        if (amount.isPositive()) { // a counter never falls
            counter.increment(amount.hundredths() / 100.0);
        }
    }
}
