package io.tollgate.comfyui;

import io.tollgate.queue.event.Progress;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How far a run is, from the messages about its nodes: each node of the graph counts the same, and one that counts
 * steps counts in part. It never goes back. Confined to whoever holds the run's lock.
 */
final class RunProgress {
    private final Map<String, String> classes;
    private final Map<String, Double> done = new HashMap<>();
    private @Nullable String current;
    private double told = -1;
    private int toldStep = -1;

    /** @param classes the class of each node of the graph; empty if it isn't known, then nothing is told */
    RunProgress(Map<String, String> classes) {
        this.classes = Map.copyOf(classes);
    }

    /** What to tell after a message; empty if nothing has moved. */
    Optional<Progress> after(Frame frame) {
        int step = -1;
        int steps = -1;
        switch (frame.type()) {
            case "execution_cached" -> frame.cached().forEach(node -> reach(node, 1));
            case "executing" -> frame.nodeId().ifPresent(this::begin);
            case "executed" -> frame.nodeId().ifPresent(node -> reach(node, 1));
            case "progress" -> {
                String node = frame.nodeId().orElse(current);
                if (node != null && frame.max() > 0 && frame.value() >= 0) {
                    reach(node, frame.value() / frame.max());
                    step = (int) Math.min(Integer.MAX_VALUE, frame.value());
                    steps = (int) Math.min(Integer.MAX_VALUE, frame.max());
                }
            }
            case "progress_state" ->
                frame.states().forEach(state -> {
                    if (state.finished()) {
                        reach(state.node(), 1);
                    } else if (state.max() > 0 && state.value() >= 0) {
                        reach(state.node(), state.value() / state.max());
                    }
                });
            default -> {
                return Optional.empty();
            }
        }
        return news(step, steps);
    }

    private void begin(String node) {
        if (current != null && !current.equals(node)) {
            reach(current, 1); // the server works on one node at a time
        }
        current = node;
        reach(node, 0);
    }

    /** Nodes that a node puts in its place while it runs are not in the graph and don't count. */
    private void reach(String node, double part) {
        if (classes.containsKey(node)) {
            done.merge(node, Math.max(0, Math.min(1, part)), Math::max);
        }
    }

    private Optional<Progress> news(int step, int steps) {
        if (classes.isEmpty()) {
            return Optional.empty();
        }
        double sum = 0;
        for (double part : done.values()) {
            sum += part;
        }
        double fraction = Math.max(told, Math.min(1, sum / classes.size()));
        if (fraction <= told && (step < 0 || step == toldStep)) {
            return Optional.empty();
        }
        told = Math.max(0, fraction);
        toldStep = step;
        Optional<String> at = Optional.ofNullable(current);
        int finished = (int) done.values().stream().filter(part -> part >= 1).count();
        return Optional.of(new Progress(
                told,
                step,
                steps,
                at.map(classes::get),
                Optional.of(new Progress.Nodes(finished, classes.size(), at, at.map(classes::get)))));
    }
}
