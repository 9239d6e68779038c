package io.tollgate.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The samples of a race, as a table for people and as JSON. */
final class Report {
    private static final List<String> HEAD = List.of(
            "contender",
            "ledger",
            "min",
            "median",
            "max",
            "x floor",
            "CPU us/job",
            "others' CPU",
            "quietest (others)",
            "rounds");

    private final List<Row> rows;
    private final Map<String, Object> about;

    /** @param about what was run where, for the JSON's head */
    Report(List<Sample> samples, List<Contender> contenders, Map<String, Object> about) {
        this.about = new LinkedHashMap<>(about);
        this.rows = new ArrayList<>();
        for (Scenario scenario : Scenario.values()) {
            List<String> measures = samples.stream()
                    .filter(sample -> sample.scenario() == scenario)
                    .flatMap(sample -> sample.values().keySet().stream())
                    .distinct()
                    .sorted()
                    .toList();
            for (String measure : measures) {
                Double floor = null;
                for (Contender contender : contenders) {
                    List<Sample> own = samples.stream()
                            .filter(sample -> sample.scenario() == scenario)
                            .filter(sample -> sample.contender().equals(contender.name()))
                            .toList();
                    List<Double> values =
                            ascending(own.stream().map(sample -> sample.values().get(measure)));
                    if (contender.name().equals(FloorContender.NAME)) {
                        floor = median(values);
                    }
                    rows.add(new Row(scenario, measure, contender, values, floor, own));
                }
            }
        }
    }

    /** The table: a block for each scenario and measure, a line for each contender. */
    String table() {
        List<List<String>> lines = new ArrayList<>();
        lines.add(HEAD);
        for (Row row : rows) {
            lines.add(row.cells());
        }
        int[] widths = new int[HEAD.size()];
        for (List<String> line : lines) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], line.get(i).length());
            }
        }
        StringBuilder text = new StringBuilder();
        String title = "";
        for (Row row : rows) {
            if (!row.title().equals(title)) {
                title = row.title();
                text.append(text.isEmpty() ? "" : "\n").append(title).append('\n');
                append(text, HEAD, widths);
            }
            append(text, row.cells(), widths);
        }
        return text.toString();
    }

    void writeJson(Path file) throws IOException {
        Map<String, Object> json = new LinkedHashMap<>(about);
        json.put("results", rows.stream().map(Row::json).toList());
        new ObjectMapper().writerWithDefaultPrettyPrinter().writeValue(file.toFile(), json);
    }

    private static void append(StringBuilder text, List<String> cells, int[] widths) {
        for (int i = 0; i < widths.length; i++) {
            String format = i == 0 ? "  %-" + widths[i] + "s" : "  %" + widths[i] + "s";
            text.append(String.format(Locale.ROOT, format, cells.get(i)));
        }
        text.append('\n');
    }

    private static List<Double> ascending(Stream<Double> values) {
        return values.sorted().toList();
    }

    /** The middle value, or the mean of the two in the middle; not a number if there is none. */
    static double median(List<Double> ascending) {
        int n = ascending.size();
        return n == 0 ? Double.NaN : (ascending.get((n - 1) / 2) + ascending.get(n / 2)) / 2;
    }

    /** Three digits that matter, and whole thousands parted. */
    static String number(double value) {
        if (Double.isNaN(value)) {
            return "-";
        }
        double size = Math.abs(value);
        return String.format(Locale.ROOT, size >= 100 ? "%,.0f" : size >= 10 ? "%.1f" : "%.2f", value);
    }

    /** @param floor the floor's median, or null if it did not run */
    private record Row(
            Scenario scenario,
            String measure,
            Contender contender,
            List<Double> values,
            @Nullable Double floor,
            List<Sample> samples) {
        String title() {
            return scenario.title() + (measure.isEmpty() ? "" : ", " + measure) + " (" + scenario.unit() + ")";
        }

        double ratio() {
            return floor == null ? Double.NaN : median(values) / floor;
        }

        double cpuMicros() {
            return median(ascending(samples.stream().map(Sample::cpuMicros)));
        }

        double others() {
            return median(ascending(samples.stream().map(Sample::others)));
        }

        List<String> cells() {
            boolean empty = values.isEmpty();
            return List.of(
                    contender.name(),
                    contender.hasLedger() ? "yes" : "no",
                    number(empty ? Double.NaN : values.get(0)),
                    number(median(values)),
                    number(empty ? Double.NaN : values.get(values.size() - 1)),
                    number(ratio()),
                    number(cpuMicros()),
                    percent(others()),
                    quietest(),
                    Integer.toString(values.size()));
        }

        /** The value of the round in which others used the machine least: a median of noisy rounds is noise. */
        private String quietest() {
            return samples.stream()
                    .filter(sample -> !Double.isNaN(sample.others()))
                    .min(Comparator.comparingDouble(Sample::others))
                    .map(sample -> number(value(sample)) + " (" + percent(sample.others()) + ")")
                    .orElse("-");
        }

        private double value(Sample sample) {
            return sample.values().getOrDefault(measure, Double.NaN);
        }

        private static String percent(double share) {
            return Double.isNaN(share) ? "-" : String.format(Locale.ROOT, "%.0f %%", 100 * share);
        }

        Map<String, Object> json() {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("scenario", scenario.key());
            json.put("measure", measure.isEmpty() ? "rate" : measure);
            json.put("unit", scenario.unit());
            json.put("contender", contender.name());
            json.put("ledger", contender.hasLedger());
            put(json, "min", values.isEmpty() ? Double.NaN : values.get(0));
            put(json, "median", median(values));
            put(json, "max", values.isEmpty() ? Double.NaN : values.get(values.size() - 1));
            put(json, "ratioToFloor", ratio());
            put(json, "ownCpuMicrosPerJob", cpuMicros());
            put(json, "othersCpu", others());
            json.put("samples", samples.stream().map(this::json).toList());
            return json;
        }

        private Map<String, Object> json(Sample sample) {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("round", sample.round());
            json.put("jobs", sample.jobs());
            put(json, "value", value(sample));
            put(json, "ownCpuMicrosPerJob", sample.cpuMicros());
            put(json, "othersCpu", sample.others());
            return json;
        }

        private static void put(Map<String, Object> json, String key, double value) {
            if (!Double.isNaN(value)) { // JSON has no word for it
                json.put(key, value);
            }
        }
    }
}
