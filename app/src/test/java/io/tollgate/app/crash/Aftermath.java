package io.tollgate.app.crash;

import io.tollgate.credits.ledger.Account;
import io.tollgate.credits.ledger.Amount;
import io.tollgate.credits.ledger.History;
import io.tollgate.credits.ledger.Hold;
import io.tollgate.credits.ledger.HoldId;
import io.tollgate.credits.ledger.Posting;
import io.tollgate.queue.job.Attempt;
import io.tollgate.queue.job.Delivery;
import io.tollgate.queue.job.DeliveryEvent;
import io.tollgate.queue.job.DeliveryTarget;
import io.tollgate.queue.job.Failure;
import io.tollgate.queue.job.InputValue;
import io.tollgate.queue.job.JobFilter;
import io.tollgate.queue.job.JobRecord;
import io.tollgate.queue.job.JobState;
import io.tollgate.queue.test.StoredDeliveries;
import io.tollgate.sql.SqliteDatabase;
import io.tollgate.sql.SqliteOptions;
import io.tollgate.sql.SqliteStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;

/**
 * What is found when all is over: looks through the data directory and the server's counts for whatever must not be.
 * Confined to one thread.
 */
final class Aftermath {
    private static final int PAGE = 1_000;

    private final Path data;
    private final Map<String, Integer> counts;
    private final List<String> faults = new ArrayList<>();
    private Set<String> acknowledged = Set.of();
    private boolean runsMayBeLost;
    private boolean runsMayBeUnclaimed;
    private int jobs;

    /** @param counts how often each run was submitted, by run id, on all servers there were */
    Aftermath(Path data, Map<String, Integer> counts) {
        this.data = data;
        this.counts = Map.copyOf(counts);
    }

    /** These jobs must be there. */
    Aftermath acknowledged(Collection<String> ids) {
        acknowledged = Set.copyOf(ids);
        return this;
    }

    /** The server was restarted and forgot its runs, so that a job may have needed more than one. */
    Aftermath serverForgot() {
        runsMayBeLost = true;
        return this;
    }

    /** The end of the log was damaged, so that a run may be of an attempt that was never heard of again. */
    Aftermath logWasCut() {
        runsMayBeUnclaimed = true;
        return this;
    }

    /** How many jobs {@link #faults} looked at. */
    int jobs() {
        return jobs;
    }

    /** All that is wrong, a line each. */
    List<String> faults() {
        try (SqliteDatabase database = SqliteDatabase.openReader(
                        data, SqliteOptions.of("aftermath", Executors.defaultThreadFactory()));
                SqliteStore store = SqliteStore.readOnly(database)) {
            List<JobRecord> all = store.list(JobFilter.ALL, Optional.empty(), Integer.MAX_VALUE);
            jobs = all.size();
            all.forEach(this::checkJob);
            checkRuns(all);
            checkLedger(store, all);
            checkDeliveries(store, all);
            store.audit().findings().forEach(finding -> faults.add("audit: " + finding));
            Set<String> known = new HashSet<>();
            all.forEach(record -> known.add(record.job().id().toString()));
            acknowledged.stream()
                    .filter(id -> !known.contains(id))
                    .forEach(id -> faults.add(id + " was acknowledged and is gone"));
        }
        return List.copyOf(faults);
    }

    private void checkJob(JobRecord record) {
        JobState.Kind kind = record.job().kind();
        Mood mood = Mood.of(record.job());
        if (!kind.isTerminal()) {
            wrong(record, "never ended");
        }
        int executed = 0;
        for (Attempt attempt : record.attempts()) {
            int count = count(attempt);
            executed += count;
            boolean lost = attempt.failure().map(Failure::kind).equals(Optional.of(Failure.Kind.LOST));
            if (lost && count > 0 && !runsMayBeLost && !mood.deniesRuns()) {
                wrong(record, "was given up for lost as run " + attempt.runId() + ", which its server knows");
            }
        }
        boolean once = kind != JobState.Kind.CANCELED
                && !mood.deniesRuns()
                && !runsMayBeLost
                && !runsMayBeUnclaimed
                && !makesNothing(record);
        int attempts = record.attempts().size();
        if (kind == JobState.Kind.EXPIRED ? executed != 0 : once ? executed != 1 : executed > attempts) {
            wrong(record, "was run " + executed + " times in " + attempts + " attempts, as " + kind);
        }
        if (kind == JobState.Kind.SUCCEEDED && executed == 0 && !runsMayBeLost) {
            wrong(record, "succeeded without a run");
        }
    }

    private static boolean makesNothing(JobRecord record) {
        return new InputValue.Whole(0).equals(record.job().spec().inputs().get("makes"));
    }

    private int count(Attempt attempt) {
        return counts.getOrDefault(attempt.runId().toString(), 0);
    }

    private void checkRuns(List<JobRecord> all) {
        Set<String> claimed = new HashSet<>();
        all.forEach(record ->
                record.attempts().forEach(attempt -> claimed.add(attempt.runId().toString())));
        counts.forEach((run, count) -> {
            if (count > 1) {
                faults.add("run " + run + " was submitted " + count + " times");
            }
            if (!claimed.contains(run) && !runsMayBeUnclaimed) {
                faults.add("run " + run + " is of no attempt");
            }
        });
    }

    private void checkLedger(SqliteStore store, List<JobRecord> all) {
        Map<HoldId, List<Posting.Kind>> postings = postings(store);
        Amount captured = Amount.ZERO;
        for (JobRecord record : all) {
            Hold hold = record.hold();
            boolean succeeded = record.job().kind() == JobState.Kind.SUCCEEDED;
            captured = captured.plus(hold.captured());
            boolean late = record.history().stream().anyMatch(line -> line.to() == JobState.Kind.FAILED) && succeeded;
            if (hold.state() != (succeeded && !late ? Hold.State.CAPTURED : Hold.State.RELEASED)) {
                wrong(record, "ended " + record.job().kind() + " with its hold " + hold.state());
            }
            if (!late
                    && record.job().state() instanceof JobState.Succeeded well
                    && well.partial() == hold.captured().equals(hold.amount())) {
                wrong(record, "paid " + hold.captured() + " of " + hold.amount() + ", partial: " + well.partial());
            }
            List<Posting.Kind> expected = late
                    ? List.of(Posting.Kind.LATE, Posting.Kind.RELEASE, Posting.Kind.HOLD)
                    : List.of(succeeded ? Posting.Kind.CAPTURE : Posting.Kind.RELEASE, Posting.Kind.HOLD);
            if (!expected.equals(postings.get(hold.id()))) { // newest first
                wrong(record, "has the postings " + postings.get(hold.id()) + ", not " + expected);
            }
        }
        Account account = store.account(Node.USER).orElseThrow();
        if (!account.held().equals(Amount.ZERO)) {
            faults.add("still held: " + account.held());
        }
        if (!account.available().plus(captured).equals(Node.GRANTED)) {
            faults.add("of " + Node.GRANTED + " granted, " + captured + " were captured and " + account.available()
                    + " are left");
        }
    }

    private static Map<HoldId, List<Posting.Kind>> postings(SqliteStore store) {
        Map<HoldId, List<Posting.Kind>> postings = new HashMap<>();
        Optional<Long> next = Optional.empty();
        do {
            History page = store.history(Node.USER, next, PAGE);
            page.postings()
                    .forEach(posting -> posting.hold()
                            .ifPresent(hold -> postings.computeIfAbsent(hold, first -> new ArrayList<>())
                                    .add(posting.kind())));
            next = page.next();
        } while (next.isPresent());
        return postings;
    }

    private void checkDeliveries(SqliteStore store, List<JobRecord> all) {
        Map<String, List<Delivery>> deliveries = new HashMap<>();
        StoredDeliveries.of(store, Optional.empty(), Integer.MAX_VALUE)
                .forEach(delivery -> deliveries
                        .computeIfAbsent(delivery.job().toString(), first -> new ArrayList<>())
                        .add(delivery));
        for (JobRecord record : all) {
            String id = record.job().id().toString();
            List<Delivery> made = deliveries.getOrDefault(id, List.of());
            if (made.size() != owed(record)) {
                wrong(record, "has " + made.size() + " deliveries, not " + owed(record));
            }
            for (Delivery delivery : made) {
                Path told = data.resolve("deliveries")
                        .resolve(delivery.target().address())
                        .resolve(id)
                        .resolve("status.txt");
                // what comes before an end may be given up for it
                boolean over = delivery.state() == Delivery.State.DELIVERED
                        || (delivery.state() == Delivery.State.DEAD
                                && !delivery.event().isFinal());
                if (!over || !Files.exists(told)) {
                    wrong(record, "has a delivery that is " + delivery.state());
                }
            }
        }
    }

    /** How many messages its whole story makes. */
    private static long owed(JobRecord record) {
        long owed = 0;
        for (DeliveryTarget target : record.job().spec().targets()) {
            for (DeliveryEvent event : target.events()) {
                owed += switch (event) {
                    case QUEUED -> 1;
                    case STARTED -> record.job().attempts();
                    case OUTPUT -> record.outputs().isEmpty() ? 0 : 1;
                    case PROGRESS -> 0;
                    case SUCCEEDED, FAILED, CANCELED, EXPIRED ->
                        event.word().equals(record.job().kind().word()) ? 1 : 0;
                };
            }
        }
        return owed;
    }

    private void wrong(JobRecord record, String what) {
        faults.add(record.job().id() + " (" + Mood.of(record.job()) + ") " + what);
    }
}
