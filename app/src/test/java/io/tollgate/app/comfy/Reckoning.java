package io.tollgate.app.comfy;

import io.tollgate.comfyui.sim.ComfySimulator;
import io.tollgate.comfyui.sim.Execution;
import io.tollgate.comfyui.sim.Touch;
import io.tollgate.credits.ledger.Account;
import io.tollgate.credits.ledger.Amount;
import io.tollgate.credits.ledger.History;
import io.tollgate.credits.ledger.Hold;
import io.tollgate.credits.ledger.HoldId;
import io.tollgate.credits.ledger.Posting;
import io.tollgate.queue.job.Attempt;
import io.tollgate.queue.job.Failure;
import io.tollgate.queue.job.JobFilter;
import io.tollgate.queue.job.JobRecord;
import io.tollgate.queue.job.JobState;
import io.tollgate.sql.SqliteDatabase;
import io.tollgate.sql.SqliteOptions;
import io.tollgate.sql.SqliteStore;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;

/*
 * What a run's execution obliges to. A run that a server carried to success, and that this server knew until its
 * attempt was over, must be what its job succeeded with: else it was thrown away, and perhaps made again elsewhere.
 * There are three exceptions. The server's life in which it was run was over before the attempt was: it has forgotten the
 * run, whose end nobody can tell any more. What it made could not be fetched, three times. Or the job was canceled.
 *
 * A run must begin before its attempt ends: one that begins later was given up while its server had it, and runs
 * besides its successor.
 */
/** Compares what Tollgate remembers with what its servers really did. Confined to one thread. */
final class Reckoning {
    private static final int PAGE = 1_000;
    private static final int ATTEMPTS = 3; // as chaos.conf says
    private static final Duration SLACK = Duration.ofMillis(100);

    private final Path data;
    private final Servers servers;
    private final Runs runs;
    private final Blame blame;
    private final List<String> wrongs = new ArrayList<>();
    private List<JobRecord> jobs = List.of();

    /** @param kills when Tollgate was killed */
    Reckoning(Path data, Servers servers, List<Instant> kills) {
        this.data = data;
        this.servers = servers;
        this.runs = new Runs(servers);
        this.blame = new Blame(servers, runs, kills);
    }

    /**
     * All that is wrong, a line each.
     *
     * @param acknowledged the jobs that must be there
     */
    List<String> wrongs(Collection<String> acknowledged) {
        try (SqliteDatabase database = SqliteDatabase.openReader(
                        data, SqliteOptions.of("reckoning", Executors.defaultThreadFactory()));
                SqliteStore store = SqliteStore.readOnly(database)) {
            jobs = store.list(JobFilter.ALL, Optional.empty(), Integer.MAX_VALUE);
            Set<String> known = new HashSet<>();
            Set<String> numbers = new HashSet<>();
            for (JobRecord record : jobs) {
                known.add(record.job().id().toString());
                if (!numbers.add(record.job().spec().metadata().get(ChaosNode.NUMBER))) {
                    wrong(record, "was submitted twice under one key");
                }
                checkEnd(record);
                record.attempts().forEach(attempt -> checkAttempt(record, attempt));
            }
            acknowledged.stream()
                    .filter(id -> !known.contains(id))
                    .forEach(id -> wrongs.add(id + " was acknowledged and is gone"));
            checkRuns();
            checkLedger(store);
            store.audit().findings().forEach(finding -> wrongs.add("audit: " + finding));
        }
        servers.all().values().forEach(this::checkNeighbors);
        return List.copyOf(wrongs);
    }

    /** The jobs that {@link #wrongs} looked at. */
    List<JobRecord> jobs() {
        return jobs;
    }

    Runs runs() {
        return runs;
    }

    private void checkEnd(JobRecord record) {
        JobState state = record.job().state();
        if (!(state instanceof JobState.Terminal) || state instanceof JobState.Expired) {
            wrong(record, "is " + state);
        } else if (state instanceof JobState.Failed failed
                && failed.failure().message().isBlank()) {
            wrong(record, "failed without a reason");
        } else if (state instanceof JobState.Failed failed
                && failed.failure().kind().isRetryable()
                && record.job().counted() < ATTEMPTS) {
            wrong(record, "was given up after " + record.job().counted() + " attempts that count");
        }
        String workflow = record.job().spec().workflow().value();
        if (state instanceof JobState.Succeeded well
                && (workflow.equals("none") || (workflow.equals("half") && !well.partial()))) {
            wrong(record, "succeeded with what it can't make");
        }
    }

    private void checkAttempt(JobRecord record, Attempt attempt) {
        Optional<Failure> failure = attempt.failure();
        boolean canceled = record.job().kind() == JobState.Kind.CANCELED;
        if (attempt.endedAt().isEmpty()) {
            wrong(record, attempt, "never ended");
            return;
        }
        boolean last = attempt.number() == record.attempts().size();
        if (failure.isEmpty() && !(last && record.job().kind() == JobState.Kind.SUCCEEDED)) {
            wrong(record, attempt, "ended well, but not its job");
        }
        if (failure.isPresent() && failure.get().message().isBlank()) {
            wrong(record, attempt, "failed without a reason");
        }
        if (failure.isPresent() && !(canceled && last) && !blame.explains(record, attempt, failure.get())) {
            wrong(record, attempt, "met no fault that explains it");
        }
        for (Runs.Ran ran : runs.of(attempt)) {
            Instant end = attempt.endedAt().get();
            if (servers.at(ran.execution().startedNanos()).isAfter(end.plus(SLACK))) {
                wrong(record, attempt, "was run after it had ended");
            }
            boolean succeeded = ran.execution().ending() == Execution.Ending.SUCCEEDED;
            boolean fetched = !failure.map(Failure::kind).equals(Optional.of(Failure.Kind.STORAGE));
            if (succeeded && failure.isPresent() && !canceled && fetched && !blame.wasForgotten(attempt, ran)) {
                wrong(record, attempt, "was run to success, which its server knew, and was thrown away");
            }
        }
        if (failure.isEmpty()
                && runs.of(attempt).stream().noneMatch(ran -> ran.execution().ending() == Execution.Ending.SUCCEEDED)) {
            wrong(record, attempt, "ended well, but nothing was run for it");
        }
    }

    private void checkRuns() {
        runs.repeated()
                .forEach((label, twice) -> wrongs.add("run " + label + " was run " + twice.size() + " times: "
                        + twice.stream()
                                .map(ran -> ran.server().name() + " in life "
                                        + ran.execution().life() + " "
                                        + ran.execution().ending())
                                .collect(Collectors.joining(", "))));
        Set<String> claimed = new HashSet<>();
        jobs.forEach(record ->
                record.attempts().forEach(attempt -> runs.of(attempt).forEach(ran -> claimed.add(ran.label()))));
        for (Runs.Ran ran : runs.all()) {
            if (!claimed.contains(ran.label())) {
                wrongs.add("run " + ran.label() + " on " + ran.server().name() + " is of no attempt");
            }
        }
    }

    private void checkLedger(SqliteStore store) {
        Map<HoldId, List<Posting.Kind>> postings = postings(store);
        Amount captured = Amount.ZERO;
        for (JobRecord record : jobs) {
            Hold hold = record.hold();
            boolean succeeded = record.job().kind() == JobState.Kind.SUCCEEDED;
            captured = captured.plus(hold.captured());
            if (hold.state() != (succeeded ? Hold.State.CAPTURED : Hold.State.RELEASED)) {
                wrong(record, "ended with its hold " + hold.state());
            }
            if (record.job().state() instanceof JobState.Succeeded well
                    && well.partial() == hold.captured().equals(hold.amount())) {
                wrong(record, "paid " + hold.captured() + " of " + hold.amount() + ", partial: " + well.partial());
            }
            List<Posting.Kind> expected =
                    List.of(succeeded ? Posting.Kind.CAPTURE : Posting.Kind.RELEASE, Posting.Kind.HOLD); // newest first
            if (!expected.equals(postings.get(hold.id()))) {
                wrong(record, "has the postings " + postings.get(hold.id()) + ", not " + expected);
            }
        }
        Account account = store.account(ChaosNode.USER).orElseThrow();
        if (!account.held().equals(Amount.ZERO)) {
            wrongs.add("still held: " + account.held());
        }
        if (!account.available().plus(captured).equals(ChaosNode.GRANTED)) {
            wrongs.add("of " + ChaosNode.GRANTED + " granted, " + captured + " were captured and " + account.available()
                    + " are left");
        }
    }

    private static Map<HoldId, List<Posting.Kind>> postings(SqliteStore store) {
        Map<HoldId, List<Posting.Kind>> postings = new HashMap<>();
        Optional<Long> next = Optional.empty();
        do {
            History page = store.history(ChaosNode.USER, next, PAGE);
            page.postings()
                    .forEach(posting -> posting.hold()
                            .ifPresent(hold -> postings.computeIfAbsent(hold, first -> new ArrayList<>())
                                    .add(posting.kind())));
            next = page.next();
        } while (next.isPresent());
        return postings;
    }

    /** Prompts of others were run, or died with their server; and nobody did anything to them. */
    private void checkNeighbors(Servers.Server server) {
        ComfySimulator simulator = server.simulator();
        for (Touch touch : simulator.touches()) {
            wrongs.add("a client touched what is others' on " + server.name() + ": " + touch);
        }
        Map<String, List<Execution.Ending>> endings = new HashMap<>();
        for (Execution execution : simulator.executions()) {
            if (execution.foreign()) {
                endings.computeIfAbsent(execution.promptId(), first -> new ArrayList<>())
                        .add(execution.ending());
            }
        }
        for (Servers.Foreign prompt : server.foreign()) {
            List<Execution.Ending> ran = endings.getOrDefault(prompt.id(), List.of());
            boolean forgotten = ran.isEmpty() && simulator.life() > prompt.life();
            if (!forgotten && (ran.size() != 1 || ran.contains(Execution.Ending.INTERRUPTED))) {
                wrongs.add("somebody else's prompt " + prompt.id() + " on " + server.name() + " ended " + ran);
            }
        }
    }

    private void wrong(JobRecord record, String what) {
        wrongs.add(record.job().id() + " (" + record.job().spec().workflow() + ", "
                + record.job().kind() + ") " + what);
    }

    private void wrong(JobRecord record, Attempt attempt, String what) {
        wrong(
                record,
                "attempt " + attempt.number() + " of " + record.attempts().size() + " on " + attempt.backend() + " as "
                        + attempt.runId() + " from " + attempt.claimedAt() + " to "
                        + attempt.endedAt().map(String::valueOf).orElse("now") + ", "
                        + attempt.failure().map(String::valueOf).orElse("good") + ": " + what);
    }
}
