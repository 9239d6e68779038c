package io.tollgate.bench.comfyui;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A table of what was measured, each cell over all rounds. Not safe for use by many threads. */
final class RoundTable {
    private final String title;
    private final List<String> columns;
    private final Map<String, Map<String, List<Double>>> rows = new LinkedHashMap<>();

    /** @param columns in their order */
    RoundTable(String title, String... columns) {
        this.title = title;
        this.columns = List.of(columns);
    }

    /** Adds what one round measured. */
    void add(String row, String column, double value) {
        if (!columns.contains(column)) {
            throw new IllegalArgumentException("no such column: " + column);
        }
        rows.computeIfAbsent(row, any -> new LinkedHashMap<>())
                .computeIfAbsent(column, any -> new ArrayList<>())
                .add(value);
    }

    /** As Markdown. */
    String text() {
        StringBuilder text = new StringBuilder();
        text.append("| ").append(title);
        columns.forEach(column -> text.append(" | ").append(column));
        text.append(" |\n|---");
        columns.forEach(column -> text.append("|---:"));
        text.append("|\n");
        rows.forEach((row, cells) -> {
            text.append("| ").append(row);
            for (String column : columns) {
                List<Double> values = cells.getOrDefault(column, List.of());
                text.append(" | ")
                        .append(values.isEmpty() ? "" : Spread.of(values).told());
            }
            text.append(" |\n");
        });
        return text.toString();
    }
}
