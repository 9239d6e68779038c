package io.tollgate.comfyui;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Lists in a recipe: a JSON array of texts, or the words themselves with something between. */
final class Words {
    /** Between the node ids or the names of inputs. */
    static final Pattern BLANKS_AND_COMMAS = Pattern.compile("[\\s,]+");

    /** Between names that may have blanks. */
    static final Pattern COMMAS = Pattern.compile("\\s*,\\s*");

    /** Between places: the title of a node may have blanks. */
    static final Pattern BEFORE_PLACES = Pattern.compile("\\s+(?=/|title:)");

    private Words() {}

    /** The words; empty if the text begins like a JSON array and is none, or not of texts. */
    static Optional<List<String>> of(String text, Pattern between) {
        String list = text.strip();
        if (!list.startsWith("[")) {
            return Optional.of(Stream.of(between.split(list))
                    .filter(word -> !word.isBlank())
                    .toList());
        }
        Optional<JsonNode> read = Graph.value(list);
        if (read.isEmpty() || !read.get().isArray()) {
            return Optional.empty();
        }
        List<String> words = new ArrayList<>();
        for (JsonNode word : read.get()) {
            if (!word.isTextual()) {
                return Optional.empty();
            }
            words.add(word.textValue());
        }
        return Optional.of(words);
    }
}
