package io.tollgate.http;

import io.tollgate.queue.job.JobId;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One message that a WebSocket sends.
 *
 * @param json one object, in UTF-8
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
record SocketMessage(byte[] json) {
    private record Subscribed(String type, Optional<JobId> jobId, Optional<String> jobs, Optional<String> ref) {}

    private record Unsubscribed(
            String type, Optional<JobId> jobId, Optional<String> jobs, String reason, Optional<String> ref) {}

    private record Wrong(
            String type,
            String code,
            String message,
            @Nullable Object details,
            Optional<JobId> jobId,
            Optional<String> ref) {}

    private record Pong(String type, Optional<String> ref) {}

    private record Close(String type, String reason) {}

    private static final Optional<String> ALL = Optional.of("all");

    private static SocketMessage of(Object document) {
        return new SocketMessage(ApiJson.bytes(document));
    }

    static SocketMessage subscribed(JobId job, Optional<String> ref) {
        return of(new Subscribed("subscribed", Optional.of(job), Optional.empty(), ref));
    }

    static SocketMessage subscribedAll(Optional<String> ref) {
        return of(new Subscribed("subscribed", Optional.empty(), ALL, ref));
    }

    static SocketMessage unsubscribed(JobId job, String reason, Optional<String> ref) {
        return of(new Unsubscribed("unsubscribed", Optional.of(job), Optional.empty(), reason, ref));
    }

    static SocketMessage unsubscribedAll(Optional<String> ref) {
        return of(new Unsubscribed("unsubscribed", Optional.empty(), ALL, "asked", ref));
    }

    static SocketMessage error(Problem problem, Optional<JobId> job, Optional<String> ref) {
        return of(new Wrong("error", problem.code(), problem.message(), problem.details(), job, ref));
    }

    static SocketMessage pong(Optional<String> ref) {
        return of(new Pong("pong", ref));
    }

    static SocketMessage close(String reason) {
        return of(new Close("close", reason));
    }

    /** The same event as in a stream of the job alone. */
    static SocketMessage event(JobId job, EventSource.Event event) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(event.data().length + 120);
        bytes.writeBytes(("{\"type\":\"" + event.name() + "\",\"job_id\":\"" + job + "\",\"id\":\"" + event.id()
                        + "\",\"data\":")
                .getBytes(StandardCharsets.UTF_8));
        bytes.writeBytes(event.data());
        bytes.write('}');
        return new SocketMessage(bytes.toByteArray());
    }
}
