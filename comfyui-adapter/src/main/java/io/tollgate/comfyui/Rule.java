package io.tollgate.comfyui;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.tollgate.queue.job.AssetId;
import io.tollgate.queue.job.InputValue;
import io.tollgate.queue.workflow.Texts;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * How one input of a workflow gets into a graph.
 *
 * @param places where it goes, at least one
 * @param values what its options are written as; empty if as they are called
 * @param times what a number is multiplied by
 * @param per what is divided by a number
 */
record Rule(List<Place> places, Map<String, JsonNode> values, Optional<BigDecimal> times, Optional<BigDecimal> per) {
    private static final MathContext DIGITS = new MathContext(12);

    Rule {
        places = List.copyOf(places);
        values = new LinkedHashMap<>(values);
    }

    /**
     * What is written at each place, in their order. Several files are dealt out one a place; where there are fewer
     * files than places, the last one is repeated.
     *
     * @throws IllegalArgumentException if there are more files than places, or an option that has no value
     */
    List<JsonNode> written(InputValue value, Function<AssetId, String> uploadedName) {
        List<JsonNode> written = new ArrayList<>();
        if (value instanceof InputValue.Assets files) {
            if (files.ids().isEmpty() || files.ids().size() > places.size()) {
                throw new IllegalArgumentException(
                        "need 1 to " + places.size() + " files: " + files.ids().size());
            }
            for (int i = 0; i < places.size(); i++) {
                AssetId file = files.ids().get(Math.min(i, files.ids().size() - 1));
                written.add(TextNode.valueOf(uploadedName.apply(file)));
            }
            return written;
        }
        JsonNode one = one(value, uploadedName);
        places.forEach(place -> written.add(one.deepCopy()));
        return written;
    }

    private JsonNode one(InputValue value, Function<AssetId, String> uploadedName) {
        if (value instanceof InputValue.Text text) {
            return values.isEmpty() ? TextNode.valueOf(text.value()) : option(text.value());
        } else if (value instanceof InputValue.Flag flag) {
            return values.isEmpty() ? BooleanNode.valueOf(flag.value()) : option(Boolean.toString(flag.value()));
        } else if (value instanceof InputValue.Whole whole) {
            return times.isEmpty() && per.isEmpty()
                    ? LongNode.valueOf(whole.value())
                    : computed(BigDecimal.valueOf(whole.value()));
        } else if (value instanceof InputValue.Decimal decimal) {
            return computed(decimal.value());
        } else if (value instanceof InputValue.Asset file) {
            return TextNode.valueOf(uploadedName.apply(file.id()));
        }
        throw new IllegalArgumentException("can't be written into a graph: " + value);
    }

    private JsonNode computed(BigDecimal number) {
        BigDecimal product = times.map(number::multiply).orElse(number);
        BigDecimal result = per.map(share -> share.divide(product, DIGITS)).orElse(product);
        return DecimalNode.valueOf(result.signum() == 0 ? BigDecimal.ZERO : result.stripTrailingZeros());
    }

    private JsonNode option(String name) {
        JsonNode value = values.get(name);
        if (value == null) {
            throw new IllegalArgumentException("there is no value for the option '" + Texts.shown(name) + "'");
        }
        return value.deepCopy();
    }
}
