package io.tollgate.queue.job;

import io.tollgate.credits.account.UserId;
import io.tollgate.credits.ledger.AuditReport;
import io.tollgate.credits.ledger.Finding;
import io.tollgate.credits.ledger.Hold;
import io.tollgate.credits.ledger.HoldId;
import io.tollgate.credits.pricing.Pricing;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** What must always hold between jobs, what they take and what is held for them: G1, G2 and G6 of the design. */
public final class JobInvariants {
    private JobInvariants() {}

    /**
     * Checks all rows of a store against each other.
     *
     * @param late the holds of what was delivered after they were given back
     */
    public static AuditReport check(
            Collection<QueuedJob> jobs,
            Collection<Attempt> running,
            Collection<Slot> slots,
            Collection<ModelLimit> models,
            Collection<QueueSwitch> queues,
            Collection<UserLoad> loads,
            Collection<Hold> holds,
            Set<HoldId> late) {
        List<Finding> findings = new ArrayList<>();
        Map<JobId, QueuedJob> byId = new HashMap<>();
        jobs.forEach(job -> byId.put(job.id(), job));
        holds(byId, holds, late, findings);
        Set<JobId> driven = new HashSet<>();
        for (Attempt attempt : running) {
            if (!driven.add(attempt.job())) {
                findings.add(new Finding("attempt-once", attempt.job().toString(), "is run twice at once"));
            }
            QueuedJob job = byId.get(attempt.job());
            if (job == null || !job.kind().isActive()) {
                findings.add(new Finding("attempt-has-job", attempt.job().toString(), "runs, but its job does not"));
            }
        }
        for (QueuedJob job : jobs) {
            if (job.kind().isActive() && !driven.contains(job.id())) {
                findings.add(new Finding("job-has-attempt", job.id().toString(), "is running without an attempt"));
            }
        }
        Set<JobId> collecting = running.stream()
                .filter(attempt -> !attempt.phase().hasSlot())
                .map(Attempt::job)
                .collect(Collectors.toSet());
        slots(byId, running, collecting, slots, findings);
        counters(jobs, collecting, models, queues, loads, findings);
        unpaid(byId, loads, holds, findings);
        return new AuditReport(
                Map.of(
                        "jobs", (long) jobs.size(),
                        "running", (long) running.size(),
                        "slots", (long) slots.size()),
                findings);
    }

    private static void holds(
            Map<JobId, QueuedJob> jobs, Collection<Hold> holds, Set<HoldId> lateHolds, List<Finding> findings) {
        Set<JobId> held = new HashSet<>();
        for (Hold hold : holds) {
            JobId id = new JobId(hold.id().value());
            held.add(id);
            QueuedJob job = jobs.get(id);
            if (job == null) {
                if (hold.state() == Hold.State.OPEN) {
                    findings.add(new Finding("hold-has-job", id.toString(), "is held for a job that isn't there"));
                }
                continue;
            }
            boolean late = lateHolds.contains(hold.id());
            if (late && job.kind() != JobState.Kind.SUCCEEDED) {
                findings.add(new Finding(
                        "late-has-success",
                        id.toString(),
                        "was delivered late, but the job is " + job.kind().word()));
            }
            Hold.State wanted = switch (job.kind()) {
                case QUEUED, RUNNING, CANCELING -> Hold.State.OPEN;
                case SUCCEEDED -> late ? Hold.State.RELEASED : Hold.State.CAPTURED;
                case FAILED, CANCELED, EXPIRED -> Hold.State.RELEASED;
            };
            if (hold.state() != wanted) {
                findings.add(new Finding(
                        "hold-settled-once",
                        id.toString(),
                        "the job is " + job.kind().word() + " but its hold is " + hold.state()));
            }
        }
        for (JobId id : jobs.keySet()) {
            if (!held.contains(id)) {
                findings.add(new Finding("job-has-hold", id.toString(), "has no hold"));
            }
        }
    }

    private static void slots(
            Map<JobId, QueuedJob> jobs,
            Collection<Attempt> running,
            Set<JobId> collecting,
            Collection<Slot> slots,
            List<Finding> findings) {
        Map<JobId, Slot> taken = new HashMap<>();
        for (Slot slot : slots) {
            slot.job().ifPresent(job -> {
                if (taken.put(job, slot) != null) {
                    findings.add(new Finding("slot-once", job.toString(), "is in two slots"));
                }
                QueuedJob found = jobs.get(job);
                if (found == null || !found.kind().isActive() || collecting.contains(job)) {
                    findings.add(new Finding("slot-has-run", slot.toString(), "is taken by a job that doesn't run"));
                }
            });
        }
        for (Attempt attempt : running) {
            if (!attempt.phase().hasSlot()) {
                continue;
            }
            Slot slot = taken.get(attempt.job());
            if (slot == null || !slot.backend().equals(attempt.backend()) || slot.index() != attempt.slot()) {
                findings.add(new Finding("run-has-slot", attempt.job().toString(), "runs outside its slot"));
            }
        }
    }

    private static void counters(
            Collection<QueuedJob> jobs,
            Set<JobId> collecting,
            Collection<ModelLimit> models,
            Collection<QueueSwitch> queues,
            Collection<UserLoad> loads,
            List<Finding> findings) {
        Map<ModelName, Integer> byModel = new HashMap<>();
        Map<QueueName, Integer> relaxed = new HashMap<>();
        Map<UserId, Integer> live = new HashMap<>();
        for (QueuedJob job : jobs) {
            if (job.kind().isActive() && !collecting.contains(job.id())) {
                byModel.merge(job.spec().model(), 1, Integer::sum);
                if (job.lane() == Lane.RELAXED) {
                    relaxed.merge(job.spec().queue(), 1, Integer::sum);
                }
            }
            if (!job.kind().isTerminal()) {
                live.merge(job.user(), 1, Integer::sum);
            }
        }
        for (ModelLimit model : models) {
            compare("model-count", model.model(), byModel.remove(model.model()), model.running(), findings);
        }
        byModel.forEach((model, count) -> compare("model-count", model, count, 0, findings));
        for (QueueSwitch queue : queues) {
            compare("relaxed-count", queue.queue(), relaxed.remove(queue.queue()), queue.relaxedRunning(), findings);
        }
        relaxed.forEach((queue, count) -> compare("relaxed-count", queue, count, 0, findings));
        for (UserLoad load : loads) {
            compare("user-load", load.user(), live.remove(load.user()), load.live(), findings);
        }
        live.forEach((user, count) -> compare("user-load", user, count, 0, findings));
    }

    /** What users have under way for nothing, for being relaxed. */
    private static void unpaid(
            Map<JobId, QueuedJob> jobs, Collection<UserLoad> loads, Collection<Hold> holds, List<Finding> findings) {
        Map<UserId, Integer> relaxed = new HashMap<>();
        for (Hold hold : holds) {
            QueuedJob job = jobs.get(new JobId(hold.id().value()));
            if (job != null && !job.kind().isTerminal() && Pricing.isRelaxed(hold.price())) {
                relaxed.merge(job.user(), 1, Integer::sum);
            }
        }
        for (UserLoad load : loads) {
            compare("user-relaxed", load.user(), relaxed.remove(load.user()), load.relaxed(), findings);
        }
        relaxed.forEach((user, count) -> compare("user-relaxed", user, count, 0, findings));
    }

    private static void compare(
            String rule,
            Object subject,
            @org.jspecify.annotations.Nullable Integer counted,
            int kept,
            List<Finding> findings) {
        int real = counted == null ? 0 : counted;
        if (real != kept) {
            findings.add(new Finding(rule, subject.toString(), "counts " + kept + ", there are " + real));
        }
    }
}
