package io.tollgate.queue.job;

import io.tollgate.queue.job.JobCommand.DeliveryReport;
import io.tollgate.queue.job.JobCommand.Redeliver;
import io.tollgate.queue.job.JobCommand.ReportDelivery;
import io.tollgate.queue.job.JobCommand.TakeDeliveries;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The outbox: who tries a delivery, and what became of it. */
final class DeliveryRules {
    private DeliveryRules() {}

    static JobDecision<List<Delivery>> take(TakeDeliveries command, JobRows rows, Instant now) {
        List<Delivery> due = rows.dueDeliveries(command.limit()).stream()
                .filter(delivery -> delivery.isDue(now))
                .limit(command.limit())
                .toList();
        Map<DeliveryId, Delivery> changed = new LinkedHashMap<>();
        List<Delivery> taken = new ArrayList<>();
        for (Delivery delivery : due) {
            if (delivery.state() == Delivery.State.WAITING) {
                waitedLong(delivery, rows, changed, now);
            }
        }
        for (Delivery delivery : due) {
            Delivery current = changed.getOrDefault(delivery.id(), delivery);
            if (current.state() == Delivery.State.PENDING) {
                Delivery mine = current.taken(now.plus(command.holdFor()));
                changed.put(mine.id(), mine);
                taken.add(mine);
            }
        }
        JobChanges.Builder changes = new JobChanges.Builder();
        changes.deliveries.addAll(changed.values());
        return new JobDecision<>(List.copyOf(taken), changes.build());
    }

    /**
     * An end goes before what is no end, once that had its chance; everything else goes on waiting for what is still
     * owed before it.
     */
    private static void waitedLong(Delivery delivery, JobRows rows, Map<DeliveryId, Delivery> changed, Instant now) {
        List<Delivery> before = Owed.before(delivery, rows).stream()
                .map(other -> changed.getOrDefault(other.id(), other))
                .filter(other -> other.state().isOwed())
                .toList();
        boolean goesOn = delivery.event().isFinal()
                ? before.stream().anyMatch(other -> other.event().isFinal() || Owed.isSpared(other, delivery, now))
                : !before.isEmpty();
        if (goesOn) {
            changed.put(delivery.id(), delivery.waiting(Owed.nextLook(delivery, now)));
            return;
        }
        before.forEach(
                other -> changed.put(other.id(), other.dead(delivery.event().type() + " went before it")));
        changed.put(delivery.id(), delivery.released(now));
    }

    static JobDecision<Optional<Delivery>> report(ReportDelivery command, JobRows rows, Instant now) {
        Delivery delivery = rows.delivery(command.delivery()).orElse(null);
        if (delivery == null) {
            return JobDecision.unchanged(Optional.empty());
        }
        JobChanges.Builder changes = new JobChanges.Builder();
        command.found().ifPresent(changes.tries::add); // what was found is so, whatever became of the delivery since
        DeliveryReport report = command.report();
        if (delivery.state() == Delivery.State.DEAD
                && delivery.tries() == command.tries()
                && report instanceof DeliveryReport.Delivered) { // it was given up while its last try was out
            Delivery after = delivery.delivered();
            changes.deliveries.add(after);
            return new JobDecision<>(Optional.of(after), changes.build());
        }
        if (delivery.state() != Delivery.State.PENDING || delivery.tries() != command.tries()) {
            return new JobDecision<>(Optional.empty(), changes.build());
        }
        Delivery after;
        if (report instanceof DeliveryReport.TryAgain again) {
            after = delivery.failed(again.error(), now.plus(again.after()));
        } else if (report instanceof DeliveryReport.PutBack back) {
            after = delivery.putBack(now.plus(back.after()));
        } else if (report instanceof DeliveryReport.GiveUp up) {
            after = delivery.dead(up.error());
        } else {
            after = delivery.delivered();
        }
        changes.deliveries.add(after);
        if (!after.state().isOwed()) {
            Owed.next(after, rows).ifPresent(next -> changes.deliveries.add(next.released(now)));
        }
        return new JobDecision<>(Optional.of(after), changes.build());
    }

    /** What waits goes on waiting: it will be sent anyway. */
    static JobDecision<Optional<Delivery>> redeliver(Redeliver command, JobRows rows, Instant now) {
        Delivery delivery = rows.delivery(command.delivery()).orElse(null);
        if (delivery == null || delivery.state() == Delivery.State.WAITING) {
            return JobDecision.unchanged(Optional.ofNullable(delivery));
        }
        JobChanges.Builder changes = new JobChanges.Builder();
        Delivery after = delivery.again(now);
        changes.deliveries.add(after);
        return new JobDecision<>(Optional.of(after), changes.build());
    }
}
