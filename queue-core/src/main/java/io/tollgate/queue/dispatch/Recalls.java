package io.tollgate.queue.dispatch;

import io.tollgate.queue.backend.Backends;
import io.tollgate.queue.job.BackendId;
import io.tollgate.queue.job.JobId;
import io.tollgate.queue.job.Lane;
import io.tollgate.queue.job.Needs;
import io.tollgate.queue.job.RequirementSet;
import io.tollgate.queue.lane.SetDepth;
import io.tollgate.queue.lane.WaitingLine;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Takes back runs that wait at their backends and have not begun, when a VIP finds no slot. Each job at the head of its
 * set has that done for it once: if it still can't run, as its model is at its limit, nothing is gained by more. Called
 * by one thread at a time; answers come on any.
 */
final class Recalls {
    private final Drivers drivers;
    private final Backends backends;
    private final Runnable lookAgain;
    private final Map<RequirementSet, JobId> served = new ConcurrentHashMap<>();

    /** @param lookAgain hears that a run could not be taken back, so that another may be */
    Recalls(Drivers drivers, Backends backends, Runnable lookAgain) {
        this.drivers = drivers;
        this.backends = backends;
        this.lookAgain = lookAgain;
    }

    /** Looks whether somebody needs a slot of those that only wait in theirs. */
    void look(WaitingLine line) {
        List<SetDepth> vips = line.sets().stream()
                .filter(set -> set.set().lane() == Lane.VIP && set.ready() > 0)
                .toList();
        served.keySet().retainAll(vips.stream().map(SetDepth::set).toList());
        for (SetDepth vip : vips) {
            JobId head = vip.head().orElseThrow();
            if (!head.equals(served.get(vip.set()))) {
                Set<BackendId> could = backends.serving(
                                line.queue(), Needs.parse(vip.set().needs()))
                        .keySet();
                drivers.recallOne(could).ifPresent(recalled -> {
                    served.put(vip.set(), head);
                    CompletionStage<Void> unused = recalled.thenAccept(back -> again(back, vip.set(), head));
                });
            }
        }
    }

    private void again(boolean back, RequirementSet set, JobId head) {
        if (!back && served.remove(set, head)) {
            lookAgain.run();
        }
    }
}
