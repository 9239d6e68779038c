package io.tollgate.queue.model;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;

/**
 * Finds a short sequence that still fails, by deleting commands: half of them, a quarter, and so on down to single ones
 * (A. Zeller and R. Hildebrandt, "Simplifying and Isolating Failure-Inducing Input", IEEE TSE 28(2), 2002).
 */
final class Shrinker {
    private Shrinker() {}

    /**
     * Deletes what isn't needed.
     *
     * @param commands a sequence that fails
     * @param fails whether a shorter one does
     * @param goOn whether there is time left
     */
    static List<Command> shrink(List<Command> commands, Predicate<List<Command>> fails, BooleanSupplier goOn) {
        List<Command> shortest = commands;
        int before;
        do {
            before = weight(shortest);
            for (int chunk = Math.max(1, shortest.size() / 2); chunk >= 1; chunk /= 2) {
                shortest = withoutChunks(shortest, chunk, fails, goOn);
            }
            shortest = withSmallerRaces(shortest, fails, goOn);
        } while (weight(shortest) < before && goOn.getAsBoolean());
        return shortest;
    }

    private static int weight(List<Command> commands) {
        int weight = 0;
        for (Command command : commands) {
            weight += command instanceof Command.Race race ? 1 + race.commands().size() : 1;
        }
        return weight;
    }

    private static List<Command> withoutChunks(
            List<Command> commands, int chunk, Predicate<List<Command>> fails, BooleanSupplier goOn) {
        List<Command> shortest = commands;
        // from the end: what comes last hangs on what came before, not the other way round
        for (int end = shortest.size(); end > 0 && goOn.getAsBoolean(); end -= chunk) {
            List<Command> shorter = new ArrayList<>(shortest.subList(0, Math.max(0, end - chunk)));
            shorter.addAll(shortest.subList(end, shortest.size()));
            if (fails.test(shorter)) {
                shortest = shorter;
            }
        }
        return shortest;
    }

    private static List<Command> withSmallerRaces(
            List<Command> commands, Predicate<List<Command>> fails, BooleanSupplier goOn) {
        List<Command> shortest = commands;
        for (int at = 0; at < shortest.size(); at++) {
            for (int racer = 0; goOn.getAsBoolean() && shortest.get(at) instanceof Command.Race race; racer++) {
                if (racer >= race.commands().size()) {
                    break;
                }
                List<Command> left = new ArrayList<>(race.commands());
                left.remove(racer);
                List<Command> smaller = new ArrayList<>(shortest);
                smaller.set(at, left.size() == 1 ? left.get(0) : new Command.Race(List.copyOf(left), race.threads()));
                if (fails.test(smaller)) {
                    shortest = smaller;
                    racer = -1;
                }
            }
        }
        return shortest;
    }
}
