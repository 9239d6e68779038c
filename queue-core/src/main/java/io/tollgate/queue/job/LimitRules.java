package io.tollgate.queue.job;

import io.tollgate.queue.job.JobCommand.ProvideSlots;
import io.tollgate.queue.job.JobCommand.SetLimit;
import io.tollgate.queue.job.JobCommand.SwitchQueue;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What operators set: slots, limits of models, switches of queues. */
final class LimitRules {
    private LimitRules() {}

    static JobDecision<List<Slot>> provideSlots(ProvideSlots command, JobRows rows) {
        JobChanges.Builder changes = new JobChanges.Builder();
        List<Slot> kept = new ArrayList<>();
        for (Slot slot : rows.slots(command.backend())) {
            if (slot.index() < command.slots() || !slot.isFree()) {
                kept.add(slot);
            } else {
                changes.droppedSlots.add(slot);
            }
        }
        for (int index = 0; index < command.slots(); index++) {
            int wanted = index;
            if (kept.stream().noneMatch(slot -> slot.index() == wanted)) {
                Slot added = new Slot(command.backend(), index, Optional.empty());
                kept.add(added);
                changes.slots.add(added);
            }
        }
        return new JobDecision<>(List.copyOf(kept), changes.build());
    }

    static JobDecision<ModelLimit> setLimit(SetLimit command, JobRows rows) {
        ModelLimit before = ClaimRules.modelOf(rows, command.model());
        ModelLimit after = new ModelLimit(command.model(), command.limit(), before.running());
        JobChanges.Builder changes = new JobChanges.Builder();
        changes.models.add(after);
        return new JobDecision<>(after, changes.build());
    }

    static JobDecision<QueueSwitch> switchQueue(SwitchQueue command, JobRows rows) {
        QueueSwitch before = rows.queue(command.queue()).orElseGet(() -> ClaimRules.open(command.queue()));
        QueueSwitch after = new QueueSwitch(command.queue(), command.mode(), before.relaxedRunning());
        JobChanges.Builder changes = new JobChanges.Builder();
        changes.queues.add(after);
        return new JobDecision<>(after, changes.build());
    }
}
