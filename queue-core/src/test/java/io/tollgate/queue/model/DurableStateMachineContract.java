package io.tollgate.queue.model;

import io.tollgate.credits.ledger.LedgerStore;
import io.tollgate.queue.job.JobStore;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A durable store does what the model says, and besides shows all that one in memory shows. */
public abstract class DurableStateMachineContract<S extends JobStore & LedgerStore> extends StateMachineContract<S> {
    @ParameterizedTest(name = "seed {0}")
    @MethodSource("fewSeeds")
    void read_afterAnySequenceOfCommands_showsWhatMemoryDoes(long seed) throws Exception {
        List<Command> commands = Sequence.of(seed, STEPS);

        Twin.run(
                commands.stream()
                        .map(DurableStateMachineContract::withoutRestart)
                        .toList(),
                venue(),
                seed);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("fewSeeds")
    void read_throughRestarts_showsWhatMemoryDoes(long seed) throws Exception {
        List<Command> commands = Sequence.of(seed, STEPS);

        Twin.run(
                commands.stream()
                        .map(DurableStateMachineContract::sameAfterRestart)
                        .toList(),
                venue(),
                seed);
    }

    /** The first, the last, which is fresh, and of many every tenth: reading takes its time. */
    static LongStream fewSeeds() {
        long[] all = StateMachineContract.seeds().toArray();
        int step = Math.max(1, Math.min(10, all.length - 1));
        return IntStream.range(0, all.length).filter(i -> i % step == 0).mapToLong(i -> all[i]);
    }

    private static Command withoutRestart(Command command) {
        return command instanceof Command.Restart ? new Command.Advance(1) : command;
    }

    /**
     * What comes out the same whether or not there was a restart. It lets go of the numbers that refused submissions of
     * several jobs used up, and of the time that a clock took back.
     */
    private static Command sameAfterRestart(Command command) {
        if (command instanceof Command.Submit c) {
            return new Command.Submit(c.user(), c.jobs().subList(0, 1), c.key(), c.body(), 0);
        } else if (command instanceof Command.Advance c) {
            return new Command.Advance(Math.abs(c.millis()));
        } else if (command instanceof Command.Race c) {
            return new Command.Race(
                    c.commands().stream()
                            .map(DurableStateMachineContract::sameAfterRestart)
                            .toList(),
                    false);
        }
        return command;
    }
}
