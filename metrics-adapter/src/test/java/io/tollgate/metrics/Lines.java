package io.tollgate.metrics;

import java.util.List;
import java.util.Optional;

/** A page as its readers take it: lines of a name, labels and a number. */
final class Lines {
    private Lines() {}

    /** The number of the one series of this name that has all these labels, in their order on the page. */
    static Optional<Double> value(String page, String name, String... labels) {
        List<String> found = page.lines()
                .filter(line -> line.startsWith(name + "{") || line.startsWith(name + " "))
                .filter(line -> List.of(labels).stream().allMatch(line::contains))
                .toList();
        if (found.size() > 1) {
            throw new AssertionError("more than one " + name + ": " + found);
        }
        return found.stream()
                .map(line -> Double.valueOf(line.substring(line.lastIndexOf(' ') + 1)))
                .findFirst();
    }
}
