package io.tollgate.queue.job;

import io.tollgate.queue.job.JobCommand.DeliveryReport;
import io.tollgate.queue.job.JobCommand.Redeliver;
import io.tollgate.queue.job.JobCommand.ReportDelivery;
import io.tollgate.queue.job.JobCommand.TakeDeliveries;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The outbox: who tries a delivery, and what became of it. */
final class DeliveryRules {
    private DeliveryRules() {}

    static JobDecision<List<Delivery>> take(TakeDeliveries command, JobRows rows, Instant now) {
        JobChanges.Builder changes = new JobChanges.Builder();
        List<Delivery> taken = new ArrayList<>();
        for (Delivery due : rows.dueDeliveries(command.limit())) {
            if (taken.size() == command.limit()) {
                break;
            }
            if (due.state() == Delivery.State.PENDING && !due.nextAt().isAfter(now)) {
                taken.add(due.taken(now.plus(command.holdFor())));
            }
        }
        changes.deliveries.addAll(taken);
        return new JobDecision<>(List.copyOf(taken), changes.build());
    }

    static JobDecision<Optional<Delivery>> report(ReportDelivery command, JobRows rows, Instant now) {
        Delivery delivery = rows.delivery(command.delivery()).orElse(null);
        if (delivery == null || delivery.state() != Delivery.State.PENDING || delivery.tries() != command.tries()) {
            return JobDecision.unchanged(Optional.empty());
        }
        DeliveryReport report = command.report();
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
        return changed(after);
    }

    static JobDecision<Optional<Delivery>> redeliver(Redeliver command, JobRows rows, Instant now) {
        Delivery delivery = rows.delivery(command.delivery()).orElse(null);
        return delivery == null ? JobDecision.unchanged(Optional.empty()) : changed(delivery.again(now));
    }

    private static JobDecision<Optional<Delivery>> changed(Delivery after) {
        JobChanges.Builder changes = new JobChanges.Builder();
        changes.deliveries.add(after);
        return new JobDecision<>(Optional.of(after), changes.build());
    }
}
