package io.tollgate.queue.model;

import static java.util.concurrent.TimeUnit.SECONDS;

import io.tollgate.credits.account.UserId;
import io.tollgate.credits.ledger.LedgerStore;
import io.tollgate.credits.test.MutableClock;
import io.tollgate.queue.job.JobChanges;
import io.tollgate.queue.job.JobFilter;
import io.tollgate.queue.job.JobId;
import io.tollgate.queue.job.JobRecord;
import io.tollgate.queue.job.JobRules;
import io.tollgate.queue.job.JobStore;
import io.tollgate.queue.job.QueuedJob;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/** Does a sequence of commands to a store and to a model, and says where they part. Confined to one thread. */
final class Runner<S extends JobStore & LedgerStore> {
    private static final int EVERYTHING_EVERY = 50;

    /** Where the stores come from. */
    interface Venue<S> {
        /** An empty store. */
        S open(JobRules rules, InstantSource time) throws Exception;

        /** The same store after a restart. */
        S restart(S store, JobRules rules, InstantSource time) throws Exception;

        void close(S store) throws Exception;
    }

    /** Where a store and the model parted. */
    record Parting(int step, String how) {}

    private final Venue<S> venue;
    private final ExecutorService threads;
    private final MutableClock clock = new MutableClock();
    private final Steps steps = new Steps(clock);
    private final JobRules rules = new JobRules(World.POLICY);
    /** What was heard of each job last. */
    private final Map<JobId, QueuedJob> heard = new ConcurrentHashMap<>();

    private final ConcurrentLinkedQueue<String> misheard = new ConcurrentLinkedQueue<>();
    /** All that explain what was seen so far, which differ in what is hidden; never empty. */
    private List<Model> models = List.of(new Model());

    private S store;

    private Runner(Venue<S> venue, ExecutorService threads) throws Exception {
        this.venue = venue;
        this.threads = threads;
        store = listening(venue.open(rules, clock));
    }

    /** Does all commands, up to the one where store and model part. */
    static <S extends JobStore & LedgerStore> Optional<Parting> run(
            List<Command> commands, Venue<S> venue, ExecutorService threads) throws Exception {
        Runner<S> runner = new Runner<>(venue, threads);
        try {
            return runner.run(commands);
        } finally {
            venue.close(runner.store);
        }
    }

    /** Lets many threads do a sequence as it comes, and says what of that which must hold whatever comes doesn't. */
    static <S extends JobStore & LedgerStore> Set<String> stampede(
            List<Command> commands, int many, Venue<S> venue, ExecutorService threads) throws Exception {
        Runner<S> runner = new Runner<>(venue, threads);
        try {
            return runner.stampede(commands, many);
        } finally {
            venue.close(runner.store);
        }
    }

    private Set<String> stampede(List<Command> commands, int many) throws Exception {
        List<Wish> wishes = new ArrayList<>();
        for (Command command : commands) {
            List<Command> all = command instanceof Command.Race race ? race.commands() : List.of(command);
            for (Command one : all) {
                if (!(one instanceof Command.Restart) && !(one instanceof Command.Advance)) {
                    wishes.add(steps.wish(one, models.get(0)));
                }
            }
        }
        AtomicInteger next = new AtomicInteger();
        CyclicBarrier start = new CyclicBarrier(many);
        List<Future<?>> runs = new ArrayList<>();
        for (int thread = 0; thread < many; thread++) {
            runs.add(threads.submit(() -> {
                await(start);
                for (int i = next.getAndIncrement(); i < wishes.size(); i = next.getAndIncrement()) {
                    answers(List.of(wishes.get(i)), List.of(hand(wishes.get(i))));
                }
                return many;
            }));
        }
        for (Future<?> run : runs) {
            run.get(120, SECONDS);
        }
        Set<String> broken = new LinkedHashSet<>(misheard);
        store.audit().findings().forEach(finding -> broken.add(finding.toString()));
        store.auditLedger().findings().forEach(finding -> broken.add(finding.toString()));
        for (JobRecord found : store.list(JobFilter.ALL, Optional.empty(), 10_000)) {
            if (!found.job().equals(heard.get(found.job().id()))) {
                broken.add("nobody heard of " + found.job());
            }
        }
        return heard.isEmpty() ? Set.of("nothing happened") : broken;
    }

    private S listening(S opened) {
        opened.onCommit(commits -> commits.forEach(this::hear));
        return opened;
    }

    private void hear(JobChanges changes) {
        for (JobChanges.Move move : changes.moves()) {
            QueuedJob before = heard.put(move.after().id(), move.after());
            if (!Optional.ofNullable(before).equals(move.before())) {
                misheard.add("a listener heard " + move + "\n    after " + before);
            }
        }
    }

    private Optional<Parting> run(List<Command> commands) throws Exception {
        for (int step = 0; step < commands.size(); step++) {
            Optional<String> parting = step(commands.get(step));
            if (parting.isEmpty() && (step + 1) % EVERYTHING_EVERY == 0) {
                parting = everyDifference();
            }
            if (parting.isEmpty() && !misheard.isEmpty()) {
                parting = Optional.of(misheard.element());
            }
            if (parting.isPresent()) {
                return Optional.of(new Parting(step, parting.get()));
            }
        }
        return everyDifference().map(how -> new Parting(commands.size() - 1, how));
    }

    private Optional<String> step(Command command) throws Exception {
        models.forEach(Model::nextStep);
        if (command instanceof Command.Advance advance) {
            clock.advance(Duration.ofMillis(advance.millis()));
            return Optional.empty();
        } else if (command instanceof Command.Restart) {
            S reopened = venue.restart(store, rules, clock);
            if (reopened != store) {
                store = listening(reopened);
                models.forEach(Model::restart);
            }
            return everyDifference();
        } else if (command instanceof Command.Race race) {
            return race(race.commands(), race.threads());
        }
        return race(List.of(command), false);
    }

    /** Does some commands at once; whatever order of them explains what the store answered and shows, is right. */
    private Optional<String> race(List<Command> commands, boolean onThreads) throws Exception {
        List<Wish> wishes = new ArrayList<>();
        Set<UserId> users = new LinkedHashSet<>();
        for (Command command : commands) {
            wishes.add(steps.wish(command, models.get(0)));
            users.addAll(Steps.users(command));
        }
        List<String> told = onThreads ? onThreads(wishes) : inOneGo(wishes);

        List<String> objections = new ArrayList<>();
        Map<String, Model> after = new LinkedHashMap<>();
        models.forEach(model -> explain(model, wishes, told, List.of(), users, after, objections));
        if (after.isEmpty()) {
            return Optional.of(
                    "no order of " + commands.size() + " explains it:\n  " + String.join("\n  ", objections));
        }
        models = List.copyOf(after.values());
        return Optional.empty();
    }

    /** Lets go of the models that the store is not as, and says how it differs if that is all of them. */
    private Optional<String> everyDifference() {
        Map<Model, Optional<String>> differences = new LinkedHashMap<>();
        models.forEach(model -> differences.put(model, model.everyDifference(store)));
        List<Model> right = models.stream()
                .filter(model ->
                        differences.getOrDefault(model, Optional.empty()).isEmpty())
                .toList();
        if (right.isEmpty()) {
            return differences.values().iterator().next();
        }
        models = right;
        return Optional.empty();
    }

    /** Adds the models after these wishes in any order in which the answers are these. */
    private void explain(
            Model from,
            List<Wish> wishes,
            List<String> told,
            List<Integer> done,
            Set<UserId> users,
            Map<String, Model> after,
            List<String> objections) {
        if (done.size() == wishes.size()) {
            if (!after.containsKey(from.hidden())) {
                Optional<String> difference = from.difference(store, users);
                difference.ifPresent(how -> objections.add("after " + done + ": " + how));
                if (difference.isEmpty()) {
                    after.put(from.hidden(), from);
                }
            }
            return;
        }
        for (int i = 0; i < wishes.size(); i++) {
            if (done.contains(i)) {
                continue;
            }
            Model next = wishes.size() == 1 ? from : from.copy();
            String expected = next.apply(wishes.get(i), clock.millis(), told.get(i));
            if (!expected.equals(told.get(i))) {
                objections.add("after " + done + ": " + wishes.get(i) + "\n    should get " + expected
                        + "\n    but got    " + told.get(i));
                continue;
            }
            List<Integer> more = new ArrayList<>(done);
            more.add(i);
            explain(next, wishes, told, more, users, after, objections);
        }
    }

    private List<String> inOneGo(List<Wish> wishes) throws Exception {
        List<Future<?>> answers = new ArrayList<>();
        for (Wish wish : wishes) {
            answers.add(hand(wish));
        }
        return answers(wishes, answers);
    }

    private List<String> onThreads(List<Wish> wishes) throws Exception {
        CyclicBarrier start = new CyclicBarrier(wishes.size());
        List<Future<?>> answers = new ArrayList<>();
        for (Wish wish : wishes) {
            answers.add(threads.submit(() -> {
                await(start);
                return hand(wish).get(60, SECONDS);
            }));
        }
        return answers(wishes, answers);
    }

    private Future<?> hand(Wish wish) {
        CompletionStage<?> answer = wish.to(store);
        return answer.toCompletableFuture();
    }

    private static void await(CyclicBarrier start) throws Exception {
        try {
            start.await(60, SECONDS);
        } catch (BrokenBarrierException | TimeoutException e) {
            throw new AssertionError("the others did not come", e);
        }
    }

    private static List<String> answers(List<Wish> wishes, List<Future<?>> answers) throws Exception {
        List<String> told = new ArrayList<>();
        for (int i = 0; i < answers.size(); i++) {
            try {
                told.add(Told.of(wishes.get(i), answers.get(i).get(60, SECONDS)));
            } catch (ExecutionException e) {
                Throwable cause = e.getCause();
                while (cause instanceof ExecutionException deeper && deeper.getCause() != null) {
                    cause = deeper.getCause();
                }
                told.add(Told.of(cause == null ? e : cause));
            }
        }
        return told;
    }
}
