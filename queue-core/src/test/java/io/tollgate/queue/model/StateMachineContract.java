package io.tollgate.queue.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.tollgate.credits.ledger.LedgerStore;
import io.tollgate.queue.job.JobRules;
import io.tollgate.queue.job.JobStore;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A store does what a small model says, whatever sequence of commands comes, some of them at once. When it doesn't, the
 * sequence is shortened and printed as Java.
 *
 * <p>{@code tollgate.model.seeds} says how many sequences, {@code tollgate.model.steps} how long;
 * {@code tollgate.model.seed} does one again.
 */
public abstract class StateMachineContract<S extends JobStore & LedgerStore> {
    private static final Duration SHRINK_FOR = Duration.ofMinutes(2);
    static final int SEEDS = Integer.getInteger("tollgate.model.seeds", 5);
    static final int STEPS = Integer.getInteger("tollgate.model.steps", 300);
    private static final int FRESH = 2;
    private static final long[] PARTED = {28};
    private static final int THREADS = 16;

    private static @Nullable ExecutorService threads;

    /** An empty store that decides by these rules and asks this clock for the time. */
    protected abstract S emptyStore(JobRules rules, InstantSource time) throws Exception;

    /** Closes a durable store and opens it again; gives back one that isn't durable. */
    protected abstract S reopen(S used, JobRules rules, InstantSource time) throws Exception;

    /** Frees what the store holds. */
    protected abstract void close(S used) throws Exception;

    @BeforeAll
    static void startThreads() {
        threads = Executors.newCachedThreadPool();
    }

    @AfterAll
    static void stopThreads() {
        threads().shutdownNow();
    }

    private static ExecutorService threads() {
        if (threads == null) {
            throw new IllegalStateException("the threads are not there yet");
        }
        return threads;
    }

    /** Seeds that always run, those at which store and model ever parted among them, and some that nobody has seen. */
    static LongStream seeds() {
        Long only = Long.getLong("tollgate.model.seed");
        if (only != null) {
            return LongStream.of(only);
        }
        int seeds = Integer.getInteger("tollgate.model.seeds", 5);
        long last = Math.max(1, seeds - FRESH);
        return LongStream.concat(
                LongStream.concat(
                        LongStream.rangeClosed(1, last), LongStream.of(PARTED).filter(seed -> seed > last)),
                new Random().longs(Math.min(FRESH, seeds - 1)));
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void execute_anySequenceOfCommands_doesWhatTheModelSays(long seed) throws Exception {
        List<Command> commands = Sequence.of(seed, STEPS);

        Optional<Runner.Parting> parting = Runner.run(commands, venue(), threads());

        if (parting.isPresent()) {
            explain(seed, commands.subList(0, parting.get().step() + 1), parting.get());
        }
    }

    /** Many on the same jobs: whatever comes of it, the books balance and listeners hear of it in order. */
    @Test
    void execute_byManyThreads_keepsWhatMustHold() throws Exception {
        List<Command> commands = Sequence.of(1, 500).stream()
                .filter(command -> !(command instanceof Command.Open))
                .toList();

        assertThat(Runner.stampede(commands, THREADS, venue(), threads())).isEmpty();
    }

    final Runner.Venue<S> venue() {
        return new Runner.Venue<>() {
            @Override
            public S open(JobRules rules, InstantSource time) throws Exception {
                return emptyStore(rules, time);
            }

            @Override
            public S restart(S store, JobRules rules, InstantSource time) throws Exception {
                return reopen(store, rules, time);
            }

            @Override
            public void close(S store) throws Exception {
                StateMachineContract.this.close(store);
            }
        };
    }

    private void explain(long seed, List<Command> commands, Runner.Parting parting) {
        long end = System.nanoTime() + SHRINK_FOR.toNanos();
        List<Command> few = Shrinker.shrink(commands, this::parts, () -> System.nanoTime() < end);
        String how = run(few).map(Runner.Parting::how).orElse("not again: " + parting.how());
        fail("seed " + seed + ", step " + parting.step() + "; " + few.size() + " of " + commands.size()
                + " commands will do:\n"
                + few.stream().map(Command::line).collect(Collectors.joining(",\n")) + "\n" + how);
    }

    private boolean parts(List<Command> commands) {
        // threads may need some luck to meet
        int tries = commands.stream().anyMatch(one -> one instanceof Command.Race race && race.threads()) ? 3 : 1;
        for (int i = 0; i < tries; i++) {
            if (run(commands).isPresent()) {
                return true;
            }
        }
        return false;
    }

    private Optional<Runner.Parting> run(List<Command> commands) {
        try {
            return Runner.run(commands, venue(), threads());
        } catch (Exception e) {
            return Optional.of(new Runner.Parting(commands.size(), e.toString()));
        }
    }
}
