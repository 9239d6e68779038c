package io.tollgate.http;

import com.fasterxml.jackson.databind.JsonNode;
import io.tollgate.credits.account.UserId;
import io.tollgate.credits.ledger.QuoteId;
import io.tollgate.queue.access.Scope;
import io.tollgate.queue.delivery.Endpoints;
import io.tollgate.queue.gate.JobRequest;
import io.tollgate.queue.job.AssetId;
import io.tollgate.queue.job.DeliveryEvent;
import io.tollgate.queue.job.DeliveryTarget;
import io.tollgate.queue.workflow.RawInput;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/** Reads what somebody submits. What the values mean is the gate's business; here is only their form. */
final class Submissions {
    /** The workflow of graphs that are in no catalogue, and its input. */
    static final String RAW = "raw";

    private static final String GRAPH = "graph";
    private static final int MAX_TEXT = 100_000;
    private static final int MAX_TAGS = 16;
    private static final int MAX_TAG = 64;
    private static final int MAX_METADATA = 32;
    private static final int MAX_NAME = 64;
    private static final int MAX_VALUE = 1024;

    private Submissions() {}

    /** One job. What is wrong is noted in {@code body}; the caller ends the call if anything was. */
    static JobRequest read(Call call, Body body, Optional<String> idempotencyKey) {
        UserId user = call.user();
        Map<String, RawInput> inputs = new LinkedHashMap<>();
        String workflow = workflow(call, body, inputs);
        body.any("inputs").ifPresent(given -> inputs(body, given, inputs));
        int priority = body.whole("priority", -1_000, 1_000).orElse(0L).intValue();
        if (priority > 0 && !call.may(Scope.ADMIN)) {
            body.wrong("priority", "must be 0 or less; only operators may go before others");
        }
        List<DeliveryTarget> targets = new ArrayList<>();
        Set<DeliveryEvent> events = WebhookRoutes.events(body, "webhook_events");
        body.text("webhook_url", DeliveryTarget.MAX_ADDRESS)
                .filter(url -> !url.isBlank())
                .ifPresent(url -> targets.add(new DeliveryTarget(Endpoints.CHANNEL, url, events)));
        List<String> tags = body.texts("tags", MAX_TAGS, MAX_TAG);
        Map<String, String> metadata = body.words("metadata", MAX_METADATA, MAX_NAME, MAX_VALUE);
        Optional<QuoteId> quote = body.text("quote_id", "the id of a quote", id -> new QuoteId(UUID.fromString(id)));
        body.ignore("extra_data"); // keys for partner nodes, which we have none of
        return new JobRequest(
                user, workflow, inputs, priority, targets, tags, metadata, idempotencyKey, Optional.empty(), quote);
    }

    private static String workflow(Call call, Body body, Map<String, RawInput> inputs) {
        Optional<JsonNode> given = body.any("workflow");
        if (given.isEmpty()) {
            body.wrong("workflow", "is needed: a name in the catalogue, or a graph in ComfyUI's API format");
            return "";
        }
        JsonNode workflow = given.get();
        if (workflow.isObject()) {
            call.require(Scope.JOBS_RAW);
            inputs.put(GRAPH, new RawInput.Text(workflow.toString()));
            return RAW;
        }
        if (!workflow.isTextual() || workflow.textValue().length() > MAX_NAME) {
            body.wrong("workflow", "must be a name in the catalogue, or a graph in ComfyUI's API format");
            return "";
        }
        if (workflow.textValue().equals(RAW)) {
            call.require(Scope.JOBS_RAW);
        }
        return workflow.textValue();
    }

    private static void inputs(Body body, JsonNode given, Map<String, RawInput> inputs) {
        if (!given.isObject()) {
            body.wrong("inputs", "must be an object");
            return;
        }
        Body within = body.within(given, "inputs");
        for (Map.Entry<String, JsonNode> input : given.properties()) {
            value(within, input.getKey(), input.getValue()).ifPresent(value -> inputs.put(input.getKey(), value));
        }
    }

    private static Optional<RawInput> value(Body body, String name, JsonNode value) {
        if (value.isNull()) {
            return Optional.empty();
        } else if (value.isTextual()) {
            if (value.textValue().length() > MAX_TEXT) {
                body.wrong(name, "must be at most " + MAX_TEXT + " characters");
                return Optional.empty();
            }
            return Optional.of(new RawInput.Text(value.textValue()));
        } else if (value.isNumber()) {
            return Optional.of(new RawInput.Numeric(value.decimalValue()));
        } else if (value.isBoolean()) {
            return Optional.of(new RawInput.Bool(value.booleanValue()));
        } else if (value.isArray()) {
            List<AssetId> ids = new ArrayList<>();
            for (JsonNode one : value) {
                Optional<AssetId> id = assetId(one);
                if (id.isEmpty()) {
                    body.wrong(name, "must be a list of assets' ids");
                    return Optional.empty();
                }
                ids.add(id.get());
            }
            return Optional.of(new RawInput.AssetRefs(ids));
        }
        Optional<AssetId> id = assetId(value);
        if (id.isEmpty()) {
            body.wrong(name, "must be a text, a number, true or false, an asset's id, or a list of such ids");
        }
        return id.map(RawInput.AssetRef::new);
    }

    /** An id alone, or as it stands in graphs. */
    private static Optional<AssetId> assetId(JsonNode node) {
        String text = node.isTextual()
                ? node.textValue()
                : node.path("__type").asText().equals("core/ASSET")
                        ? node.path("info").path("id").asText()
                        : "";
        try {
            return Optional.of(AssetId.parse(text));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
