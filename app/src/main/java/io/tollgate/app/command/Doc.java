package io.tollgate.app.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tollgate.app.cli.CommandFailed;
import io.tollgate.credits.ledger.Amount;
import io.tollgate.credits.ledger.Money;
import io.tollgate.http.ApiJson;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A document of the API, as it was made here or came from a server. What is said in it is read by name and may be
 * missing: a server can be older or newer than this program.
 */
record Doc(JsonNode node) {
    private static final int MAX_SCALE = 20;

    /** A document that is made here. */
    static Doc of(Object document) {
        return new Doc(ApiJson.tree(document));
    }

    /** A list under a name, as the API shows lists. */
    static Doc list(String name, List<Doc> items) {
        ArrayNode all = JsonNodeFactory.instance.arrayNode();
        items.forEach(item -> all.add(item.node()));
        return new Doc(JsonNodeFactory.instance.objectNode().set(name, all));
    }

    /** The same with one more word in it. */
    Doc with(String name, String value) {
        ObjectNode more = node.isObject() ? node.deepCopy() : JsonNodeFactory.instance.objectNode();
        return new Doc(more.put(name, value));
    }

    /** A job whose outputs are in files here. */
    Doc withUrls(Map<String, Path> copies) {
        ObjectNode job = node.deepCopy();
        for (JsonNode output : job.path("outputs")) {
            Path copy = copies.get(output.path("id").asText());
            if (copy != null && output instanceof ObjectNode made) {
                made.put("url", copy.toAbsolutePath().normalize().toUri().toString());
            }
        }
        return new Doc(job);
    }

    /** What stands under a name, maybe nothing. */
    Doc at(String name) {
        return new Doc(node.path(name));
    }

    /** Whether anything does. */
    boolean has(String name) {
        return node.hasNonNull(name);
    }

    /** A word or number; an empty text if it isn't there. */
    String text(String name) {
        JsonNode value = node.path(name);
        return value.isValueNode() && !value.isNull() ? value.asText() : "";
    }

    /** The same, if it is there. */
    Optional<String> maybe(String name) {
        return Optional.of(text(name)).filter(text -> !text.isEmpty());
    }

    /** What every such document has. */
    String needed(String name) {
        return maybe(name).orElseThrow(() -> nonsense(name));
    }

    boolean flag(String name) {
        return node.path(name).asBoolean();
    }

    long whole(String name) {
        return node.path(name).asLong();
    }

    double fraction(String name) {
        return node.path(name).asDouble();
    }

    /** Credits; none if nothing is said. */
    Amount amount(String name) {
        JsonNode value = node.path(name);
        if (value.isMissingNode() || value.isNull()) {
            return Amount.ZERO;
        }
        try {
            return value.isNumber() ? Amount.of(value.decimalValue()) : Amount.parse(value.asText());
        } catch (IllegalArgumentException e) {
            throw nonsense(name);
        }
    }

    /** Money, whose currency stands under another name. */
    Money money(String name, String currency) {
        JsonNode value = node.path(name);
        try {
            BigDecimal amount = value.isNumber() ? value.decimalValue() : new BigDecimal(value.asText());
            if (Math.abs((long) amount.scale()) > MAX_SCALE) { // written out it would be endless
                throw nonsense(name);
            }
            return Money.parse(amount.toPlainString() + " " + text(currency));
        } catch (IllegalArgumentException e) {
            throw nonsense(name);
        }
    }

    Optional<Instant> time(String name) {
        try {
            return maybe(name).map(Instant::parse);
        } catch (DateTimeParseException e) {
            throw nonsense(name);
        }
    }

    /** The documents in a list. */
    List<Doc> list(String name) {
        return at(name).items();
    }

    /** The documents in this list. */
    List<Doc> items() {
        List<Doc> items = new ArrayList<>();
        node.forEach(item -> items.add(new Doc(item)));
        return items;
    }

    /** The words in a list. */
    List<String> texts(String name) {
        List<String> words = new ArrayList<>();
        node.path(name).forEach(word -> words.add(word.asText()));
        return words;
    }

    private static CommandFailed nonsense(String name) {
        return new CommandFailed("the server's answer makes no sense: there is no good '" + name
                + "' in it; is it a Tollgate of another version?");
    }
}
