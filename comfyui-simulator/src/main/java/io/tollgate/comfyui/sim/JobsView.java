package io.tollgate.comfyui.sim;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** {@code /api/jobs}: queue and history told as one list of jobs, newest first. */
final class JobsView {

    private static final List<String> STATUSES = List.of("pending", "in_progress", "completed", "failed", "cancelled");
    private static final Set<String> MEDIA = Set.of("images", "video", "audio", "3d", "text");

    private final PromptQueue queue;

    JobsView(PromptQueue queue) {
        this.queue = queue;
    }

    Reply list(Call call) {
        @Nullable String status = call.query("status");
        Set<String> wanted = new HashSet<>();
        if (status != null && !status.isEmpty()) {
            List<String> given = List.of(status.toLowerCase(Locale.ROOT).split(",", -1));
            List<String> bad =
                    given.stream().filter(one -> !STATUSES.contains(one)).toList();
            if (!bad.isEmpty()) {
                return Reply.error(
                        400,
                        "Invalid status value(s): " + String.join(", ", bad) + ". Valid values: "
                                + String.join(", ", STATUSES));
            }
            wanted.addAll(given);
        }
        @Nullable Integer limit = null;
        int offset = 0;
        try {
            if (call.query("limit") != null) {
                limit = Integer.valueOf(call.query("limit"));
                if (limit <= 0) {
                    return Reply.error(400, "limit must be a positive integer");
                }
            }
            if (call.query("offset") != null) {
                offset = Math.max(0, Integer.parseInt(call.query("offset")));
            }
        } catch (NumberFormatException e) {
            return Reply.error(
                    400, call.query("limit") == null ? "offset must be an integer" : "limit must be an integer");
        }
        List<ObjectNode> jobs = new ArrayList<>();
        PromptQueue.Snapshot now = queue.snapshot();
        now.running().forEach(item -> jobs.add(queued(item, "in_progress")));
        now.pending().forEach(item -> jobs.add(queued(item, "pending")));
        queue.history(null, -1).forEach((id, entry) -> jobs.add(ended(id, entry, false)));
        if (!wanted.isEmpty()) {
            jobs.removeIf(job -> !wanted.contains(job.path("status").asText()));
        }
        jobs.sort(Comparator.comparingLong(job -> job.path("create_time").asLong()));
        if (!"asc".equals(call.query("sort_order"))) {
            Collections.reverse(jobs);
        }
        int total = jobs.size();
        int to = limit == null ? total : Math.min(total, offset + limit);
        ObjectNode answer = Json.object();
        ArrayNode page = answer.putArray("jobs");
        jobs.subList(Math.min(offset, total), Math.max(to, Math.min(offset, total)))
                .forEach(page::add);
        ObjectNode pagination = answer.putObject("pagination").put("offset", offset);
        pagination.put("limit", limit).put("total", total).put("has_more", offset + page.size() < total);
        return Reply.json(answer);
    }

    /** One job. The history is asked first, so a second run of an id is hidden by the first one's end. */
    Reply one(String id) {
        PromptQueue.Snapshot now = queue.snapshot();
        Optional<ObjectNode> ended = queue.history(id).map(entry -> ended(id, entry, true));
        return ended.or(() -> find(now.running(), id, "in_progress"))
                .or(() -> find(now.pending(), id, "pending"))
                .map(Reply::json)
                .orElseGet(() -> Reply.error(404, "Job not found"));
    }

    private static Optional<ObjectNode> find(List<QueueItem> items, String id, String status) {
        return items.stream().filter(item -> item.id().equals(id)).findFirst().map(item -> queued(item, status));
    }

    private static ObjectNode queued(QueueItem item, String status) {
        ObjectNode job = begun(item.id(), status, item.number(), item.extraData());
        return job.put("outputs_count", 0);
    }

    private static ObjectNode begun(String id, String status, JsonNode number, JsonNode extraData) {
        ObjectNode job = Json.object().put("id", id).put("status", status);
        job.set("priority", number);
        if (extraData.has("create_time")) {
            job.set("create_time", extraData.path("create_time"));
        }
        JsonNode workflow = extraData.path("extra_pnginfo").path("workflow").path("id");
        if (!workflow.isMissingNode()) {
            job.set("workflow_id", workflow);
        }
        return job;
    }

    private static ObjectNode ended(String id, ObjectNode entry, boolean whole) {
        JsonNode prompt = entry.path("prompt");
        String status = "completed";
        @Nullable JsonNode error = null;
        @Nullable JsonNode from = null;
        @Nullable JsonNode to = null;
        for (JsonNode message : entry.path("status").path("messages")) {
            String event = message.path(0).asText();
            JsonNode data = message.path(1);
            if (event.equals("execution_start")) {
                from = data.path("timestamp");
            } else if (!event.equals("execution_cached")) {
                to = data.path("timestamp");
            }
            if (event.equals("execution_error")) {
                status = "failed";
                error = data;
            } else if (event.equals("execution_interrupted")) {
                status = "cancelled";
            }
        }
        ObjectNode job = begun(id, status, prompt.path(0), prompt.path(3));
        if (from != null) {
            job.set("execution_start_time", from);
        }
        if (to != null) {
            job.set("execution_end_time", to);
        }
        if (error != null) {
            job.set("execution_error", error);
        }
        summarize(entry.path("outputs"), job);
        if (whole) {
            job.set("outputs", entry.path("outputs"));
            job.set("execution_status", entry.path("status"));
            ObjectNode workflow = job.putObject("workflow");
            workflow.set("prompt", prompt.path(2));
            workflow.set("extra_data", prompt.path(3));
        }
        return job;
    }

    private static void summarize(JsonNode outputs, ObjectNode job) {
        int count = 0;
        @Nullable ObjectNode preview = null;
        for (Map.Entry<String, JsonNode> node : outputs.properties()) {
            for (Map.Entry<String, JsonNode> media : node.getValue().properties()) {
                if (media.getKey().equals("animated") || !media.getValue().isArray()) {
                    continue;
                }
                for (JsonNode item : media.getValue()) {
                    count++;
                    if (preview == null && item instanceof ObjectNode file && MEDIA.contains(media.getKey())) {
                        preview = file.deepCopy().put("nodeId", node.getKey()).put("mediaType", media.getKey());
                    }
                }
            }
        }
        job.put("outputs_count", count);
        if (preview != null) {
            job.set("preview_output", preview);
        }
    }
}
