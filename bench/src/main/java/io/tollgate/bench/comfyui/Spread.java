package io.tollgate.bench.comfyui;

import java.util.Arrays;
import java.util.Collection;
import java.util.Locale;

/** Numbers of one kind, of which is asked how they are spread. Immutable. */
final class Spread {
    private final double[] ascending;

    private Spread(double[] ascending) {
        this.ascending = ascending;
    }

    /** @throws IllegalArgumentException if there are none */
    static Spread of(Collection<Double> values) {
        if (values.isEmpty()) {
            throw new IllegalArgumentException("nothing was measured");
        }
        return new Spread(
                values.stream().mapToDouble(Double::doubleValue).sorted().toArray());
    }

    int count() {
        return ascending.length;
    }

    /**
     * The nearest-rank percentile.
     *
     * @param share more than 0 and at most 1
     */
    double at(double share) {
        return ascending[Math.max(0, (int) Math.ceil(share * ascending.length) - 1)];
    }

    double median() {
        int middle = ascending.length / 2;
        return ascending.length % 2 == 1 ? ascending[middle] : (ascending[middle - 1] + ascending[middle]) / 2;
    }

    double least() {
        return ascending[0];
    }

    double most() {
        return ascending[ascending.length - 1];
    }

    /** The median with the least and the most, as {@code 4.2 (3.9 to 5.0)}; a single number stands alone. */
    String told() {
        return ascending.length == 1
                ? number(median())
                : number(median()) + " (" + number(least()) + " to " + number(most()) + ")";
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, Math.abs(value) >= 100 ? "%,.0f" : "%.1f", value);
    }

    @Override
    public String toString() {
        return Arrays.toString(ascending);
    }
}
