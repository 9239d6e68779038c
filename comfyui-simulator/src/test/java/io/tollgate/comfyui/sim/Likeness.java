package io.tollgate.comfyui.sim;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Compares what was recorded with what came, but for what can't be the same: ids that the server made (each must stay
 * the same wherever it comes up again), times, paths, Python's tracebacks and tensors, sizes of memory, and the order
 * of what the real server keeps in Python sets.
 */
final class Likeness {

    private static final Pattern ID =
            Pattern.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{32}");
    private static final Pattern TEMP = Pattern.compile("ComfyUI_temp_[a-z]{5}_");
    private static final Set<String> TIMES =
            Set.of("timestamp", "create_time", "execution_start_time", "execution_end_time");
    private static final Set<String> MACHINE = Set.of(
            "ram_total",
            "ram_free",
            "vram_total",
            "vram_free",
            "torch_vram_total",
            "torch_vram_free",
            "python_version",
            "pytorch_version",
            "argv");
    private static final Set<String> SETS = Set.of("executed", "current_outputs");

    private final Map<String, String> ids;
    private final List<String> differences = new ArrayList<>();

    /** @param ids what stands now for ids of the recordings; recordings of one server share it */
    Likeness(Map<String, String> ids) {
        this.ids = ids;
    }

    List<String> differences() {
        return List.copyOf(differences);
    }

    void differ(String where, Object recorded, @Nullable Object came) {
        differences.add(where + "\n     recorded " + cut(recorded) + "\n     came     " + cut(String.valueOf(came)));
    }

    private static String cut(Object text) {
        String whole = text.toString();
        return whole.length() > 600 ? whole.substring(0, 600) + "…" : whole;
    }

    /** What stands now for an id of the recording. */
    String id(String recorded) {
        return ids.getOrDefault(recorded, recorded);
    }

    void know(String recorded, String now) {
        ids.put(recorded, now);
    }

    /** The text with ids as they are now. */
    String translated(String recorded) {
        Matcher matcher = ID.matcher(recorded);
        return matcher.replaceAll(found -> Matcher.quoteReplacement(id(found.group())));
    }

    void compare(String where, JsonNode recorded, JsonNode came) {
        if (recorded.isObject() && came.isObject()) {
            Set<String> left = new TreeSet<>();
            came.fieldNames().forEachRemaining(left::add);
            for (Map.Entry<String, JsonNode> entry : recorded.properties()) {
                String key = entry.getKey();
                String name = ID.matcher(key).matches() ? id(key) : key;
                if (left.remove(name)) {
                    compareField(where + "." + key, key, entry.getValue(), came.path(name));
                } else {
                    differ(where + "." + key, entry.getValue(), "nothing");
                }
            }
            left.forEach(extra -> differ(where + "." + extra, "nothing", came.path(extra)));
        } else if (recorded.isArray() && came.isArray()) {
            compareArrays(where, recorded, came);
        } else if (recorded.isTextual() && came.isTextual()) {
            compareTexts(where, recorded.textValue(), came.textValue());
        } else if (recorded.isNumber() && came.isNumber()) {
            if (recorded.isIntegralNumber() != came.isIntegralNumber()
                    || recorded.decimalValue().compareTo(came.decimalValue()) != 0) {
                differ(where, recorded, came);
            }
        } else if (!recorded.equals(came)) {
            differ(where, recorded, came);
        }
    }

    private void compareField(String where, String key, JsonNode recorded, JsonNode came) {
        if (TIMES.contains(key)) {
            if (!came.isIntegralNumber() || came.asLong() <= 0) {
                differ(where, recorded, came);
            }
        } else if (MACHINE.contains(key)) {
            if (recorded.getNodeType() != came.getNodeType()) {
                differ(where, recorded, came);
            }
        } else if (key.equals("traceback")) {
            if (!came.isArray() || came.isEmpty() || !came.path(0).isTextual()) {
                differ(where, recorded, came);
            }
        } else if (SETS.contains(key)) {
            compareSets(where, recorded, came);
        } else {
            compare(where, recorded, came);
        }
    }

    private void compareArrays(String where, JsonNode recorded, JsonNode came) {
        if (recorded.size() != came.size()) {
            differ(where, recorded, came);
            return;
        }
        boolean item = recorded.size() == 5
                && recorded.path(0).isNumber()
                && recorded.path(2).isObject();
        for (int i = 0; i < recorded.size(); i++) {
            if (item && i == 4) {
                compareSets(where + "[4]", recorded.path(4), came.path(4));
            } else {
                compare(where + "[" + i + "]", recorded.path(i), came.path(i));
            }
        }
    }

    private void compareSets(String where, JsonNode recorded, JsonNode came) {
        Set<String> expected = new TreeSet<>();
        recorded.forEach(element -> expected.add(element.asText()));
        Set<String> actual = new TreeSet<>();
        came.forEach(element -> actual.add(element.asText()));
        if (!expected.equals(actual)) {
            differ(where, recorded, came);
        }
    }

    private void compareTexts(String where, String recorded, String came) {
        if (ID.matcher(recorded).matches()) {
            if (!ids.containsKey(recorded) && ID.matcher(came).matches() && came.length() == recorded.length()) {
                ids.put(recorded, came);
            }
            if (!id(recorded).equals(came)) {
                differ(where, recorded + " (now " + id(recorded) + ")", came);
            }
            return;
        }
        if (recorded.startsWith("tensor(") && came.startsWith("tensor(")) {
            return;
        }
        int path = recorded.indexOf("/comfyui");
        if (path >= 0) {
            if (!came.startsWith(recorded.substring(0, path))) {
                differ(where, recorded, came);
            }
            return;
        }
        String expected = TEMP.matcher(recorded).replaceAll("ComfyUI_temp_xxxxx_");
        if (!expected.equals(TEMP.matcher(came).replaceAll("ComfyUI_temp_xxxxx_"))) {
            differ(where, recorded, came);
        }
    }
}
