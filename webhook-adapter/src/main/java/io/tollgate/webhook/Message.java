package io.tollgate.webhook;

import java.nio.charset.StandardCharsets;
import java.time.Instant;

/** The body of a webhook: {@code {type, timestamp, data}}. */
final class Message {
    private Message() {}

    /**
     * The message about a job.
     *
     * @param type such as {@code job.succeeded}: nothing that JSON would escape
     * @param job the job's JSON
     */
    static byte[] ofJob(String type, Instant timestamp, byte[] job) {
        return join(type, timestamp, "{\"job\":", job, "}");
    }

    /** A message that is about no job. */
    static byte[] ofTest(Instant timestamp) {
        return join("webhook.test", timestamp, "{\"message\":", "\"a test\"".getBytes(StandardCharsets.UTF_8), "}");
    }

    private static byte[] join(String type, Instant timestamp, String before, byte[] middle, String after) {
        byte[] head = ("{\"type\":\"" + type + "\",\"timestamp\":\"" + timestamp + "\",\"data\":" + before)
                .getBytes(StandardCharsets.UTF_8);
        byte[] tail = (after + "}").getBytes(StandardCharsets.UTF_8);
        byte[] body = new byte[head.length + middle.length + tail.length];
        System.arraycopy(head, 0, body, 0, head.length);
        System.arraycopy(middle, 0, body, head.length, middle.length);
        System.arraycopy(tail, 0, body, head.length + middle.length, tail.length);
        return body;
    }
}
