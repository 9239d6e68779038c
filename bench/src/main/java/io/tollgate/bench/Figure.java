package io.tollgate.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One thing that was measured of one contender at several loads: its values of all rounds, by load. Not safe for use by
 * several threads.
 */
final class Figure {
    /** What is asked of a figure. */
    enum Rule {
        /** Nothing. */
        NONE,
        /** Its last to its first load is at least this part of what the floor's is. */
        KEEPS_UP_WITH_FLOOR,
        /** At no load it is below this part of the first. */
        KEEPS_UP,
        /** At no load it is larger. */
        AT_MOST
    }

    /**
     * @param rule what is asked
     * @param value the part or the bound
     */
    record Target(Rule rule, double value) {
        static final Target NONE = new Target(Rule.NONE, 0);
    }

    /**
     * What it is.
     *
     * @param larger whether a larger value is better
     */
    record Name(String part, String measure, String unit, boolean larger, String contender, Target target) {}

    private final Name name;
    private final Map<String, List<Double>> values = new LinkedHashMap<>();

    Figure(Name name) {
        this.name = name;
    }

    Name name() {
        return name;
    }

    void add(String load, double value) {
        values.computeIfAbsent(load, any -> new ArrayList<>()).add(value);
    }

    /** The loads, the one that the others are compared with first. */
    List<String> loads() {
        return List.copyOf(values.keySet());
    }

    List<Double> values(String load) {
        return List.copyOf(values.getOrDefault(load, List.of()));
    }

    double median(String load) {
        return Report.median(values(load).stream().sorted().toList());
    }

    /** How well it does at a load, as a part of how well at the first: 1 is as well, less is worse. */
    double part(String load) {
        double first = median(loads().get(0));
        double here = median(load);
        return name.larger() ? here / first : first / here;
    }

    /**
     * Whether the target is met; true if there is none.
     *
     * @param floor the same of the floor, or of this if the floor has no such thing
     */
    boolean met(Figure floor) {
        List<String> loads = loads();
        String last = loads.get(loads.size() - 1);
        return switch (name.target().rule()) {
            case NONE -> true;
            case KEEPS_UP_WITH_FLOOR ->
                part(last) / floor.part(last) >= name.target().value();
            case KEEPS_UP ->
                loads.stream().allMatch(load -> part(load) >= name.target().value());
            case AT_MOST ->
                loads.stream().allMatch(load -> median(load) <= name.target().value());
        };
    }
}
