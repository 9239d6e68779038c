package io.tollgate.bench.simulation;

import io.tollgate.credits.ledger.Amount;
import io.tollgate.queue.job.ModelName;
import io.tollgate.queue.job.Needs;
import io.tollgate.queue.job.WorkflowName;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * What is run and where: models of different popularity and run time, some with tight limits, and backends of one slot
 * with different models. Immutable; the same for the same seed.
 *
 * @param backends which models each has, by number
 * @param capacity the most jobs a second that can be done for good, by any scheduler
 */
record World(List<Model> models, List<Set<Integer>> backends, double capacity) {
    static final String TYPE = "simulated";

    private static final double POPULARITY = 0.9; // Zipf's exponent
    private static final int TIGHT_EVERY = 6;
    private static final double ROOM = 1.1;

    World {
        models = List.copyOf(models);
        backends = List.copyOf(backends);
    }

    /**
     * A model with its one workflow.
     *
     * @param share of the jobs
     * @param mean run time in seconds
     * @param variation the run times' coefficient of variation
     * @param limit the most that run at once
     */
    record Model(
            int number,
            WorkflowName workflow,
            ModelName name,
            Needs needs,
            Amount price,
            double share,
            double mean,
            double variation,
            int limit) {
        /** What a backend has that has this model. */
        String tag() {
            return name.value();
        }

        Model limited(int most) {
            return new Model(number, workflow, name, needs, price, share, mean, variation, most);
        }
    }

    /**
     * Makes one. Of ten models six take seconds and cost what a frame does, three take up to a minute and cost what an
     * enhanced photo does, and one takes minutes, as a film. A model is on more backends the more work it is.
     */
    static World of(long seed, int modelCount, int backendCount) {
        Random random = new Random(seed);
        List<Integer> ranks =
                new ArrayList<>(IntStream.range(0, modelCount).boxed().toList());
        Collections.shuffle(ranks, random);
        double all = ranks.stream().mapToDouble(World::popularity).sum();
        List<Model> models = new ArrayList<>();
        for (int i = 0; i < modelCount; i++) {
            int kind = i % 10;
            double mean =
                    kind < 6 ? between(random, 4, 20) : kind < 9 ? between(random, 20, 60) : between(random, 60, 240);
            String name = String.format(java.util.Locale.ROOT, "m%02d", i);
            models.add(new Model(
                    i,
                    new WorkflowName(name),
                    new ModelName(name),
                    new Needs(Set.of(TYPE), Set.of(name)),
                    Amount.credits(kind < 6 ? 5 : kind < 9 ? 10 : 30),
                    popularity(ranks.get(i)) / all,
                    mean,
                    between(random, 0.15, 0.5),
                    backendCount));
        }
        List<Set<Integer>> backends = installed(models, backendCount);
        double roomy = capacity(models, backends);
        List<Model> limited = models.stream()
                .map(model -> model.number % TIGHT_EVERY != 3
                        ? model
                        : model.limited((int) Math.ceil(ROOM * roomy * model.share * model.mean)))
                .toList();
        return new World(limited, backends, capacity(limited, backends));
    }

    private static double popularity(int rank) {
        return Math.pow(rank + 1.0, -POPULARITY);
    }

    private static double between(Random random, double least, double most) {
        return least * Math.pow(most / least, random.nextDouble());
    }

    private static List<Set<Integer>> installed(List<Model> models, int backendCount) {
        double work =
                models.stream().mapToDouble(model -> model.share * model.mean).sum();
        List<Set<Integer>> backends = new ArrayList<>();
        for (int i = 0; i < backendCount; i++) {
            backends.add(new HashSet<>());
        }
        double[] expected = new double[backendCount];
        List<Model> heaviestFirst = models.stream()
                .sorted(Comparator.comparingDouble((Model model) -> -model.share * model.mean))
                .toList();
        for (Model model : heaviestFirst) {
            double part = model.share * model.mean / work;
            int copies = (int) Math.min(backendCount, Math.max(3, Math.ceil(4 * part * backendCount) + 1));
            List<Integer> emptiest = IntStream.range(0, backendCount)
                    .boxed()
                    .sorted(Comparator.comparingDouble(backend -> expected[backend]))
                    .limit(copies)
                    .toList();
            for (int backend : emptiest) {
                backends.get(backend).add(model.number);
                expected[backend] += part / copies;
            }
        }
        return backends;
    }

    private static double capacity(List<Model> models, List<Set<Integer>> backends) {
        double low = 0;
        double high = backends.size()
                / models.stream().mapToDouble(model -> model.share * model.mean).sum();
        for (int i = 0; i < 30; i++) {
            double middle = (low + high) / 2;
            double[] demand = models.stream()
                    .mapToDouble(model -> middle * model.share * model.mean)
                    .toArray();
            double asked = java.util.Arrays.stream(demand).sum();
            if (Capacity.most(demand, limits(models), backends, 1) > asked * (1 - 1e-6)) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return low;
    }

    static double[] limits(List<Model> models) {
        return models.stream().mapToDouble(Model::limit).toArray();
    }

    Set<String> tags(int backend) {
        return backends.get(backend).stream()
                .map(model -> models.get(model).tag())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    long limitedModels() {
        return models.stream().filter(model -> model.limit < backends.size()).count();
    }
}
