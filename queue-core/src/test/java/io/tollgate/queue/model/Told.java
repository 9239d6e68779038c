package io.tollgate.queue.model;

import io.tollgate.credits.model.LedgerModel;
import io.tollgate.queue.job.AttemptRef;
import io.tollgate.queue.job.Delivery;
import io.tollgate.queue.job.JobCommand;
import io.tollgate.queue.job.JobCommand.CancelResult;
import io.tollgate.queue.job.JobCommand.Claimed;
import io.tollgate.queue.job.JobCommand.DriveResult;
import io.tollgate.queue.job.JobCommand.QuoteResult;
import io.tollgate.queue.job.JobCommand.RenewResult;
import io.tollgate.queue.job.JobCommand.ResolveResult;
import io.tollgate.queue.job.JobCommand.SubmitResult;
import io.tollgate.queue.job.ModelLimit;
import io.tollgate.queue.job.QueueSwitch;
import io.tollgate.queue.job.QueuedJob;
import io.tollgate.queue.job.Refusal;
import io.tollgate.queue.job.Slot;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** What a store answered, in the words of the {@link Model}. */
final class Told {
    private Told() {}

    static String of(Wish wish, Object result) {
        if (wish instanceof Wish.OfLedger) {
            return LedgerModel.told(result);
        }
        JobCommand<?> command = ((Wish.OfJobs) wish).command();
        if (command instanceof JobCommand.TakeOver) {
            // which comes first says nothing
            return "took " + claims(result).sorted().collect(Collectors.joining(" "));
        } else if (command instanceof JobCommand.Claim) {
            return "claimed " + claims(result).collect(Collectors.joining(" "));
        } else if (command instanceof JobCommand.ProvideSlots) {
            return "slots "
                    + ((List<?>) result)
                            .stream()
                                    .map(Slot.class::cast)
                                    .sorted((one, other) -> Integer.compare(one.index(), other.index()))
                                    .map(slot -> slot.index() + ":"
                                            + slot.job().map(World::number).orElse(0))
                                    .collect(Collectors.joining(" "));
        } else if (command instanceof JobCommand.TakeDeliveries) {
            return "took "
                    + ((List<?>) result)
                            .stream()
                                    .map(one -> World.name(((Delivery) one).id()))
                                    .collect(Collectors.joining(" "));
        } else if (result instanceof Optional<?> delivery) {
            return delivery.map(one -> of((Delivery) one)).orElse("none");
        }
        return of(result);
    }

    private static String of(Object result) {
        if (result instanceof SubmitResult.Accepted accepted) {
            return (accepted.replayed() ? "replayed " : "accepted ")
                    + accepted.jobs().stream().map(Told::of).collect(Collectors.joining(" "));
        } else if (result instanceof SubmitResult.Refused refused) {
            return "refused " + of(refused.refusal());
        } else if (result instanceof QuoteResult.Quoted quoted) {
            return "quoted "
                    + quoted.quote().lines().stream()
                            .map(line -> line.price().net().hundredths() + "/"
                                    + line.price().list().hundredths() + (line.relaxed() ? " relaxed" : ""))
                            .collect(Collectors.joining(", "))
                    + " until " + quoted.quote().expiresAt().toEpochMilli() + " of "
                    + quoted.available().hundredths() + " in " + quoted.lane().word();
        } else if (result instanceof QuoteResult.Refused refused) {
            return "refused " + of(refused.refusal());
        } else if (result instanceof DriveResult.Done done) {
            return "done " + of(done.job());
        } else if (result instanceof DriveResult.LeaseLost) {
            return "lease lost";
        } else if (result instanceof CancelResult.Canceled canceled) {
            return "canceled " + of(canceled.job());
        } else if (result instanceof CancelResult.AlreadyEnded ended) {
            return "ended " + of(ended.job());
        } else if (result instanceof CancelResult.NotFound) {
            return "not found";
        } else if (result instanceof RenewResult renewed) {
            return "lost " + renewed.lost().stream().map(Told::of).collect(Collectors.joining(" "));
        } else if (result instanceof ResolveResult.Resolved resolved) {
            return "resolved " + of(resolved.job());
        } else if (result instanceof ResolveResult.Refused refused) {
            return "refused " + of(refused.refusal());
        } else if (result instanceof ModelLimit limit) {
            return "limit " + (limit.set().isPresent() ? limit.set().getAsInt() : 0) + " running " + limit.running();
        } else if (result instanceof QueueSwitch queue) {
            return "queue " + queue.mode() + " relaxed " + queue.relaxedRunning();
        }
        return result.toString();
    }

    static String of(Throwable failure) {
        return "error " + failure.getClass().getSimpleName();
    }

    private static java.util.stream.Stream<String> claims(Object result) {
        return ((List<?>) result).stream().map(one -> {
            Claimed claimed = (Claimed) one;
            return of(claimed.attempt().ref()) + "@" + claimed.attempt().backend() + ":"
                    + claimed.attempt().slot();
        });
    }

    static String of(AttemptRef ref) {
        return World.number(ref.job()) + "/" + ref.number() + "/" + ref.token();
    }

    private static String of(QueuedJob job) {
        return World.number(job.id()) + "=" + job.kind();
    }

    static String of(Delivery delivery) {
        return World.name(delivery.id()) + " " + delivery.event() + " " + delivery.state() + " tries "
                + delivery.tries() + " next " + delivery.nextAt().toEpochMilli();
    }

    private static String of(Refusal refusal) {
        if (refusal instanceof Refusal.InsufficientCredits less) {
            return "credits " + less.required().hundredths() + " of "
                    + less.available().hundredths();
        } else if (refusal instanceof Refusal.InDebt owing) {
            return "debt " + owing.debt().hundredths();
        } else if (refusal instanceof Refusal.TooManyJobs many) {
            return "many " + many.live() + " of " + many.limit();
        } else if (refusal instanceof Refusal.TooFast fast) {
            return "fast " + fast.perMinute() + " wait " + fast.retryAfter().toMillis();
        } else if (refusal instanceof Refusal.QueueFull full) {
            return "full " + full.limit();
        } else if (refusal instanceof Refusal.QuotaUsedUp usedUp) {
            return "used up " + usedUp.perDay() + " until " + usedUp.until().toEpochMilli();
        } else if (refusal instanceof Refusal.QuoteExpired expired) {
            return "quote of " + expired.quoted().hundredths() + " expired, now "
                    + expired.price().hundredths();
        } else if (refusal instanceof Refusal.QueueClosed closed) {
            return "closed " + closed.queue();
        } else if (refusal instanceof Refusal.InvalidState state) {
            return "state " + state.state();
        }
        return refusal.code();
    }
}
