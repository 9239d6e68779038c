package io.tollgate.http;

import com.fasterxml.jackson.databind.JsonNode;
import io.tollgate.queue.backend.RunRequest;
import io.tollgate.queue.job.AssetId;
import io.tollgate.queue.job.BackendId;
import io.tollgate.queue.job.ContentHash;
import io.tollgate.queue.job.InputValue;
import io.tollgate.queue.job.JobId;
import io.tollgate.queue.job.ModelName;
import io.tollgate.queue.job.RunId;
import io.tollgate.queue.job.WorkflowName;
import io.tollgate.queue.media.Asset;
import io.tollgate.queue.media.MediaStore;
import io.tollgate.queue.pull.Assignment;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A run that was handed to a worker, as programs read it. Says nothing of the job's owner: a worker needs no name.
 *
 * @param leaseSeconds how long its worker may be silent, for workers whose clocks are wrong
 */
record AssignmentDocument(
        RunId runId,
        String token,
        BackendId backend,
        Optional<JobId> jobId,
        Optional<Integer> attempt,
        WorkflowName workflow,
        Optional<ModelName> model,
        Map<String, Object> inputs,
        List<InputFile> files,
        Optional<JsonNode> graph,
        Instant leaseExpiresAt,
        double leaseSeconds) {
    private static final double MILLIS_PER_SECOND = 1000;

    /** A file among the inputs, and where its bytes are for a while. */
    record InputFile(
            String input,
            AssetId assetId,
            String name,
            String contentType,
            long sizeBytes,
            ContentHash hash,
            Optional<String> url,
            Optional<Instant> urlExpiresAt) {}

    /**
     * Of an assignment.
     *
     * @param lease how long its worker may be silent
     * @throws NoSuchFileException if one of its files is gone
     */
    static AssignmentDocument of(Assignment assignment, Duration lease, MediaStore media, Links links)
            throws IOException {
        RunRequest request = assignment.request();
        List<InputFile> files = new ArrayList<>();
        for (Map.Entry<String, InputValue> input : new TreeMap<>(request.inputs()).entrySet()) {
            for (AssetId id : input.getValue().files()) {
                Asset asset = media.find(id).orElseThrow(() -> new NoSuchFileException(id.toString()));
                JobDocument.Kept kept = links.kept(asset);
                files.add(new InputFile(
                        input.getKey(),
                        id,
                        asset.name(),
                        asset.contentType(),
                        asset.sizeBytes(),
                        asset.hash(),
                        kept.url(),
                        kept.urlExpiresAt()));
            }
        }
        Optional<JsonNode> graph = assignment.graph().isEmpty()
                ? Optional.empty()
                : Optional.of(ApiJson.read(assignment.graph().get().getBytes(StandardCharsets.UTF_8)));
        return new AssignmentDocument(
                request.runId(),
                assignment.token(),
                assignment.backend(),
                request.about().map(RunRequest.About::job),
                request.about().map(RunRequest.About::attempt),
                request.workflow(),
                request.about().map(RunRequest.About::model),
                JobDocument.inputs(request.inputs(), true),
                files,
                graph,
                assignment.leaseExpiresAt(),
                lease.toMillis() / MILLIS_PER_SECOND);
    }
}
