package io.tollgate.app.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Rows under headings, in aligned columns. Numbers stand right, everything else left. Built by one thread. */
public final class Table {
    private final List<String> headings;
    private final List<List<String>> rows = new ArrayList<>();

    public Table(String... headings) {
        this.headings = List.of(headings);
    }

    /**
     * Adds a row; what is null stays empty.
     *
     * @throws IllegalArgumentException if it has not as many cells as there are headings
     */
    public Table row(Object... cells) {
        if (cells.length != headings.size()) {
            throw new IllegalArgumentException("need " + headings.size() + " cells: " + cells.length);
        }
        List<String> row = new ArrayList<>();
        for (Object cell : cells) {
            row.add(cell == null ? "" : DisplayText.printable(cell.toString()));
        }
        rows.add(row);
        return this;
    }

    /** The lines, without spaces at their ends. */
    public List<String> lines() {
        List<List<String>> all = new ArrayList<>();
        all.add(headings);
        all.addAll(rows);
        int[] widths = IntStream.range(0, headings.size())
                .map(column -> all.stream()
                        .mapToInt(row -> DisplayText.width(row.get(column)))
                        .max()
                        .orElse(0))
                .toArray();
        boolean[] right = new boolean[widths.length];
        for (int column = 0; column < right.length; column++) {
            int at = column;
            right[column] = !rows.isEmpty() && rows.stream().allMatch(row -> isNumber(row.get(at)));
        }
        return all.stream()
                .map(row -> IntStream.range(0, widths.length)
                        .mapToObj(column -> cell(row.get(column), widths[column], right[column]))
                        .collect(Collectors.joining("  "))
                        .stripTrailing())
                .toList();
    }

    private static String cell(String text, int width, boolean right) {
        String padded = DisplayText.padded(text, width);
        return right ? padded.substring(text.length()) + text : padded;
    }

    private static boolean isNumber(String text) {
        return text.isEmpty() || text.matches("[-+]?\\d+([.,]\\d+)?%?");
    }
}
