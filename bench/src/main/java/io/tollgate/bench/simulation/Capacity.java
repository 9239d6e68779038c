package io.tollgate.bench.simulation;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Set;

/**
 * The most work that backends can do of what models ask for, whatever the scheduler: a maximum flow from models, each
 * up to its demand and its limit, to the backends that have them, each up to its slot. (L. Ford, D. Fulkerson, "Maximal
 * Flow through a Network", 1956, by shortest paths.)
 */
final class Capacity {
    private static final double NOTHING = 1e-9;

    private Capacity() {}

    /**
     * The flow, in slots if demand and limits are.
     *
     * @param demand of each model
     * @param limits of each model
     * @param backends which models each has, by number
     * @param slot how much each backend can do
     */
    static double most(double[] demand, double[] limits, List<Set<Integer>> backends, double slot) {
        int models = demand.length;
        int nodes = models + backends.size() + 2;
        int source = nodes - 2;
        int sink = nodes - 1;
        double[][] room = new double[nodes][nodes];
        for (int model = 0; model < models; model++) {
            room[source][model] = Math.min(demand[model], limits[model]);
            for (int backend = 0; backend < backends.size(); backend++) {
                if (backends.get(backend).contains(model)) {
                    room[model][models + backend] = slot;
                }
            }
        }
        for (int backend = 0; backend < backends.size(); backend++) {
            room[models + backend][sink] = slot;
        }
        double flow = 0;
        int[] from = new int[nodes];
        while (path(room, source, sink, from)) {
            double least = Double.MAX_VALUE;
            for (int node = sink; node != source; node = from[node]) {
                least = Math.min(least, room[from[node]][node]);
            }
            for (int node = sink; node != source; node = from[node]) {
                room[from[node]][node] -= least;
                room[node][from[node]] += least;
            }
            flow += least;
        }
        return flow;
    }

    private static boolean path(double[][] room, int source, int sink, int[] from) {
        Arrays.fill(from, -1);
        from[source] = source;
        Deque<Integer> next = new ArrayDeque<>(List.of(source));
        while (!next.isEmpty()) {
            int node = next.remove();
            for (int to = 0; to < room.length; to++) {
                if (from[to] < 0 && room[node][to] > NOTHING) {
                    from[to] = node;
                    if (to == sink) {
                        return true;
                    }
                    next.add(to);
                }
            }
        }
        return false;
    }
}
