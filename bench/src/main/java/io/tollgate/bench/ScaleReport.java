package io.tollgate.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** What {@link Scale} found, as a table for people and as JSON. Not safe for use by several threads. */
final class ScaleReport {
    private final Map<Figure.Name, Figure> figures = new LinkedHashMap<>();

    /** Adds a value of one round. */
    void add(Figure.Name name, String load, double value) {
        figures.computeIfAbsent(name, Figure::new).add(load, value);
    }

    List<Figure> figures() {
        return List.copyOf(figures.values());
    }

    /** One line for each figure and load. */
    String table() {
        List<List<String>> lines = new ArrayList<>();
        for (Figure figure : figures.values()) {
            for (String load : figure.loads()) {
                lines.add(cells(figure, load));
            }
        }
        List<String> head = List.of(
                "part",
                "measure",
                "contender",
                "load",
                "min",
                "median",
                "max",
                "x first",
                "x floor's",
                "target",
                "met");
        int[] widths = new int[head.size()];
        for (int i = 0; i < widths.length; i++) {
            int column = i;
            widths[i] = Math.max(
                    head.get(i).length(),
                    lines.stream()
                            .mapToInt(line -> line.get(column).length())
                            .max()
                            .orElse(0));
        }
        StringBuilder text = new StringBuilder();
        append(text, head, widths);
        lines.forEach(line -> append(text, line, widths));
        return text.toString();
    }

    private static void append(StringBuilder text, List<String> cells, int[] widths) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < widths.length; i++) {
            line.append(String.format(Locale.ROOT, (i < 4 || i > 8 ? "%-" : "%") + widths[i] + "s  ", cells.get(i)));
        }
        text.append(line.toString().stripTrailing()).append('\n');
    }

    private List<String> cells(Figure figure, String load) {
        Figure.Name name = figure.name();
        List<Double> values = figure.values(load).stream().sorted().toList();
        boolean first = load.equals(figure.loads().get(0));
        boolean last = load.equals(figure.loads().get(figure.loads().size() - 1));
        return List.of(
                name.part(),
                name.measure() + " (" + name.unit() + ")",
                name.contender(),
                load,
                Report.number(values.get(0)),
                Report.number(figure.median(load)),
                Report.number(values.get(values.size() - 1)),
                first ? "" : Report.number(figure.part(load)),
                first
                        ? ""
                        : floor(figure)
                                .map(floor -> Report.number(figure.part(load) / floor.part(load)))
                                .orElse(""),
                last ? words(name.target()) : "",
                last && name.target().rule() != Figure.Rule.NONE ? met(figure) ? "yes" : "MISSED" : "");
    }

    private static String words(Figure.Target target) {
        String value = Report.number(target.value());
        return switch (target.rule()) {
            case NONE -> "";
            case KEEPS_UP_WITH_FLOOR -> ">= " + value + " x floor's";
            case KEEPS_UP -> ">= " + value + " x first";
            case AT_MOST -> "<= " + value;
        };
    }

    private boolean met(Figure figure) {
        return figure.met(floor(figure).orElse(figure));
    }

    /** The same of the floor, unless this is the floor's or the floor has no such thing. */
    private Optional<Figure> floor(Figure figure) {
        Figure.Name name = figure.name();
        return figures.values().stream()
                .filter(other -> other.name().contender().equals(FloorContender.NAME)
                        && !name.contender().equals(FloorContender.NAME)
                        && other.name().part().equals(name.part())
                        && other.name().measure().equals(name.measure())
                        && other.loads().equals(figure.loads()))
                .findFirst();
    }

    /** @param about what was run where, for the head */
    void writeJson(Path file, Map<String, Object> about) throws IOException {
        Map<String, Object> json = new LinkedHashMap<>(about);
        json.put("results", figures.values().stream().map(this::json).toList());
        new ObjectMapper().writerWithDefaultPrettyPrinter().writeValue(file.toFile(), json);
    }

    private Map<String, Object> json(Figure figure) {
        Figure.Name name = figure.name();
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("part", name.part());
        json.put("measure", name.measure());
        json.put("unit", name.unit());
        json.put("contender", name.contender());
        List<Map<String, Object>> loads = new ArrayList<>();
        for (String load : figure.loads()) {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("load", load);
            one.put("median", figure.median(load));
            one.put("partOfFirst", figure.part(load));
            floor(figure).ifPresent(floor -> one.put("partOfFloors", figure.part(load) / floor.part(load)));
            one.put("values", figure.values(load));
            loads.add(one);
        }
        json.put("loads", loads);
        if (name.target().rule() != Figure.Rule.NONE) {
            json.put("target", words(name.target()));
            json.put("met", met(figure));
        }
        return json;
    }
}
