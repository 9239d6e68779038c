package io.tollgate.sql;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tollgate.credits.ledger.Amount;
import io.tollgate.credits.ledger.FreeRun;
import io.tollgate.credits.ledger.GrantId;
import io.tollgate.credits.ledger.Price;
import io.tollgate.credits.ledger.Quote;
import io.tollgate.credits.ledger.Slice;
import io.tollgate.credits.pricing.AfterQuota;
import io.tollgate.credits.pricing.DailyQuota;
import io.tollgate.credits.pricing.Tariff;
import io.tollgate.queue.job.AssetId;
import io.tollgate.queue.job.DeliveryEvent;
import io.tollgate.queue.job.DeliveryTarget;
import io.tollgate.queue.job.Failure;
import io.tollgate.queue.job.InputValue;
import io.tollgate.queue.job.JobId;
import io.tollgate.queue.job.JobState;
import io.tollgate.queue.job.Transition;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Lists and maps as compact JSON. Reading is strict: what isn't exactly as it was written throws
 * {@link IllegalArgumentException}. Safe for use by many threads.
 *
 * <p>An input is a string (text), a whole number, {@code true} or {@code false}, or an object of one field that says
 * what it is: {@code {"decimal":"1.5"}}, {@code {"asset":"0190…"}}, {@code {"assets":[…]}}.
 */
final class JsonColumns {
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private JsonColumns() {}

    static String inputs(Map<String, InputValue> inputs) {
        ObjectNode object = JSON.createObjectNode();
        inputs.forEach((name, value) -> object.set(name, input(value)));
        return object.toString();
    }

    private static JsonNode input(InputValue value) {
        if (value instanceof InputValue.Text text) {
            return JSON.getNodeFactory().textNode(text.value());
        } else if (value instanceof InputValue.Whole whole) {
            return JSON.getNodeFactory().numberNode(whole.value());
        } else if (value instanceof InputValue.Flag flag) {
            return JSON.getNodeFactory().booleanNode(flag.value());
        } else if (value instanceof InputValue.Decimal decimal) {
            return JSON.createObjectNode().put("decimal", decimal.value().toString());
        } else if (value instanceof InputValue.Asset asset) {
            return JSON.createObjectNode().put("asset", asset.id().toString());
        } else if (value instanceof InputValue.Assets assets) {
            ObjectNode object = JSON.createObjectNode();
            ArrayNode ids = object.putArray("assets");
            assets.ids().forEach(id -> ids.add(id.toString()));
            return object;
        } else if (value instanceof InputValue.Graph graph) {
            ObjectNode object = JSON.createObjectNode().put("graph", graph.text());
            ArrayNode files = object.putArray("files");
            graph.files().forEach(id -> files.add(id.toString()));
            return object;
        }
        throw new AssertionError("no column for " + value.getClass());
    }

    static Map<String, InputValue> inputs(String json) {
        Map<String, InputValue> inputs = new HashMap<>();
        for (Map.Entry<String, JsonNode> field : object(json).properties()) {
            inputs.put(field.getKey(), input(field.getValue()));
        }
        return inputs;
    }

    private static InputValue input(JsonNode value) {
        if (value.isTextual()) {
            return new InputValue.Text(value.textValue());
        } else if (value.isIntegralNumber()) {
            return new InputValue.Whole(whole(value));
        } else if (value.isBoolean()) {
            return new InputValue.Flag(value.booleanValue());
        } else if (value.isObject() && value.has("graph")) {
            return new InputValue.Graph(text(value.get("graph")), ids(value.get("files")));
        } else if (value.isObject() && value.size() == 1) {
            if (value.has("decimal")) {
                return new InputValue.Decimal(new BigDecimal(text(value.get("decimal"))));
            } else if (value.has("asset")) {
                return new InputValue.Asset(AssetId.parse(text(value.get("asset"))));
            } else if (value.has("assets")) {
                return new InputValue.Assets(ids(value.get("assets")));
            }
        }
        throw new IllegalArgumentException("not an input: " + value);
    }

    private static List<AssetId> ids(JsonNode array) {
        List<AssetId> ids = new ArrayList<>();
        array(array).forEach(id -> ids.add(AssetId.parse(text(id))));
        return ids;
    }

    /** {@code [["webhook","https://…"]]}; with what it is told of, unless that is the end: {@code "started failed"}. */
    static String targets(List<DeliveryTarget> targets) {
        ArrayNode array = JSON.createArrayNode();
        for (DeliveryTarget target : targets) {
            ArrayNode one = array.addArray().add(target.channel()).add(target.address());
            if (!target.events().equals(DeliveryEvent.FINAL)) {
                one.add(EndpointRows.words(target.events()));
            }
        }
        return array.toString();
    }

    static List<DeliveryTarget> targets(String json) {
        List<DeliveryTarget> targets = new ArrayList<>();
        for (JsonNode pair : array(json)) {
            boolean usual = pair.size() == 2;
            checkSize(pair, usual ? 2 : 3);
            targets.add(new DeliveryTarget(
                    text(pair.get(0)),
                    text(pair.get(1)),
                    usual ? DeliveryEvent.FINAL : EndpointRows.events(text(pair.get(2)))));
        }
        return targets;
    }

    static String texts(List<String> texts) {
        ArrayNode array = JSON.createArrayNode();
        texts.forEach(array::add);
        return array.toString();
    }

    static List<String> texts(String json) {
        List<String> texts = new ArrayList<>();
        array(json).forEach(text -> texts.add(text(text)));
        return texts;
    }

    static String place(Failure.Place place) {
        return texts(List.of(place.node(), place.nodeClass()));
    }

    static Failure.Place place(String json) {
        List<String> texts = texts(json);
        if (texts.size() != 2) {
            throw new IllegalArgumentException("a place has a node and a class: " + json);
        }
        return new Failure.Place(texts.get(0), texts.get(1));
    }

    static String map(Map<String, String> map) {
        ObjectNode object = JSON.createObjectNode();
        map.forEach(object::put);
        return object.toString();
    }

    static Map<String, String> map(String json) {
        Map<String, String> map = new HashMap<>();
        for (Map.Entry<String, JsonNode> field : object(json).properties()) {
            map.put(field.getKey(), text(field.getValue()));
        }
        return map;
    }

    /** {@code [[12,950],[13,50]]}: grants and what they give. Written by hand, as it is written for every job. */
    static String slices(List<Slice> slices) {
        StringBuilder json = new StringBuilder("[");
        for (Slice slice : slices) {
            json.append(json.length() == 1 ? "[" : ",[")
                    .append(slice.grant().value())
                    .append(',')
                    .append(slice.amount().hundredths())
                    .append(']');
        }
        return json.append(']').toString();
    }

    static List<Slice> slices(String json) {
        List<Slice> slices = new ArrayList<>(1);
        for (JsonNode pair : array(json)) {
            checkSize(pair, 2);
            slices.add(new Slice(new GrantId(whole(pair.get(0))), new Amount(whole(pair.get(1)))));
        }
        return slices;
    }

    /** {@code [["tier-discount",1000,900]]}: how a price came about. */
    static String steps(List<Price.Step> steps) {
        StringBuilder json = new StringBuilder("[");
        for (Price.Step step : steps) {
            json.append(json.length() == 1 ? "[\"" : ",[\"")
                    .append(step.rule()) // a word without quotes
                    .append("\",")
                    .append(step.before().hundredths())
                    .append(',')
                    .append(step.after().hundredths())
                    .append(']');
        }
        return json.append(']').toString();
    }

    static List<Price.Step> steps(@Nullable String json) {
        if (json == null) {
            return List.of();
        }
        List<Price.Step> steps = new ArrayList<>(1);
        for (JsonNode step : array(json)) {
            checkSize(step, 3);
            steps.add(
                    new Price.Step(text(step.get(0)), new Amount(whole(step.get(1))), new Amount(whole(step.get(2)))));
        }
        return steps;
    }

    /** {@code ["image-frame",20780,"Europe/Berlin",5]}: a free run; null for none. */
    static @Nullable String freeRun(Optional<FreeRun> freeRun) {
        return freeRun.map(run -> JSON.createArrayNode()
                        .add(run.product())
                        .add(run.day().toEpochDay())
                        .add(run.zone().getId())
                        .add(run.limit())
                        .toString())
                .orElse(null);
    }

    static Optional<FreeRun> freeRun(@Nullable String json) {
        if (json == null) {
            return Optional.empty();
        }
        JsonNode run = array(json);
        checkSize(run, 4);
        try {
            return Optional.of(new FreeRun(
                    text(run.get(0)),
                    LocalDate.ofEpochDay(whole(run.get(1))),
                    ZoneId.of(text(run.get(2))),
                    Math.toIntExact(whole(run.get(3)))));
        } catch (DateTimeException e) {
            throw new IllegalArgumentException("not a free run: " + json, e);
        }
    }

    /** {@code {"quota":5,"then":"refuse"}}: what of a tariff costs nothing; null for just a price. */
    static @Nullable String tariff(Tariff tariff) {
        ObjectNode json = JSON.createObjectNode();
        if (tariff.free()) {
            json.put("free", true);
        }
        tariff.quota()
                .ifPresent(quota -> json.put("quota", quota.perDay())
                        .put("then", quota.then().word()));
        if (tariff.relaxed()) {
            json.put("relaxed", true);
        }
        return json.isEmpty() ? null : json.toString();
    }

    static Tariff tariff(Amount list, @Nullable String json) {
        if (json == null) {
            return Tariff.of(list);
        }
        JsonNode terms = object(json);
        Optional<DailyQuota> quota = terms.has("quota")
                ? Optional.of(new DailyQuota(
                        Math.toIntExact(whole(terms.get("quota"))), AfterQuota.ofWord(text(terms.get("then")))))
                : Optional.empty();
        return new Tariff(list, terms.has("free"), quota, terms.has("relaxed"));
    }

    /** {@code [[1000,900,0,[["tier-discount",1000,900]]]]}: what a quote promises for each run. */
    static String quoteLines(List<Quote.Line> lines) {
        StringBuilder json = new StringBuilder("[");
        for (Quote.Line line : lines) {
            json.append(json.length() == 1 ? "[" : ",[")
                    .append(line.price().list().hundredths())
                    .append(',')
                    .append(line.price().net().hundredths())
                    .append(line.relaxed() ? ",1," : ",0,")
                    .append(steps(line.price().steps()))
                    .append(']');
        }
        return json.append(']').toString();
    }

    static List<Quote.Line> quoteLines(String json) {
        List<Quote.Line> lines = new ArrayList<>();
        for (JsonNode line : array(json)) {
            checkSize(line, 4);
            Price price = new Price(
                    new Amount(whole(line.get(0))),
                    new Amount(whole(line.get(1))),
                    steps(line.get(3).toString()));
            lines.add(new Quote.Line(price, whole(line.get(2)) != 0));
        }
        return lines;
    }

    /** A key and a text that belong together. */
    record KeyAndText(long key, String text) {}

    /** {@code [[7,"a"],[8,"b"]]}. */
    static String pairs(List<KeyAndText> pairs) {
        ArrayNode array = JSON.createArrayNode();
        pairs.forEach(pair -> array.addArray().add(pair.key()).add(pair.text()));
        return array.toString();
    }

    static List<Long> keys(String json) {
        List<Long> keys = new ArrayList<>();
        array(json).forEach(key -> keys.add(whole(key)));
        return keys;
    }

    /** One line of a history, to be appended: {@code [1,1767225600000,"claimed for gpu-1"]}. */
    static void appendTransition(StringBuilder history, Transition line) {
        history.append(line.number() == 0 ? "[" : ",[")
                .append(line.to().number())
                .append(',')
                .append(line.at().toEpochMilli())
                .append(',')
                .append(JSON.getNodeFactory().textNode(line.cause()))
                .append(']');
    }

    static List<Transition> history(JobId job, String lines) {
        List<Transition> history = new ArrayList<>();
        for (JsonNode line : array("[" + lines + "]")) {
            checkSize(line, 3);
            history.add(new Transition(
                    job,
                    history.size(),
                    JobState.Kind.ofNumber(Math.toIntExact(whole(line.get(0)))),
                    Instant.ofEpochMilli(whole(line.get(1))),
                    text(line.get(2))));
        }
        return history;
    }

    private static JsonNode tree(String json) {
        try {
            return JSON.readTree(json);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("not JSON: " + e.getOriginalMessage(), e);
        }
    }

    private static JsonNode object(String json) {
        JsonNode tree = tree(json);
        if (!tree.isObject()) {
            throw new IllegalArgumentException("not a JSON object but " + tree.getNodeType());
        }
        return tree;
    }

    private static JsonNode array(String json) {
        return array(tree(json));
    }

    private static JsonNode array(JsonNode tree) {
        if (!tree.isArray()) {
            throw new IllegalArgumentException("not a JSON array but " + tree.getNodeType());
        }
        return tree;
    }

    private static void checkSize(JsonNode tree, int size) {
        if (array(tree).size() != size) {
            throw new IllegalArgumentException("not " + size + " elements but " + tree.size());
        }
    }

    private static String text(JsonNode value) {
        if (!value.isTextual()) {
            throw new IllegalArgumentException("not a text but " + value.getNodeType());
        }
        return value.textValue();
    }

    private static long whole(JsonNode value) {
        if (!value.isIntegralNumber() || !value.canConvertToLong()) {
            throw new IllegalArgumentException("not a whole number: " + value);
        }
        return value.longValue();
    }
}
