package io.tollgate.app.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A server refused a call, or could not be reached. The message is one line for people, without secrets. */
public final class CallFailedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int status;
    private final String code;
    private final transient JsonNode details;
    private final boolean passing;
    private final transient Optional<Duration> retryAfter;

    private CallFailedException(
            String message,
            @Nullable Throwable cause,
            int status,
            String code,
            JsonNode details,
            boolean passing,
            Optional<Duration> retryAfter) {
        super(message, cause);
        this.status = status;
        this.code = code;
        this.details = details;
        this.passing = passing;
        this.retryAfter = retryAfter;
    }

    /** What a server answered. */
    static CallFailedException refused(
            int status, String code, JsonNode details, String message, boolean passing, Optional<Duration> retryAfter) {
        return new CallFailedException(message, null, status, code, details, passing, retryAfter);
    }

    /** What can't get better by itself: the answer makes no sense, or nobody is there. */
    static CallFailedException hopeless(String message, @Nullable Throwable cause) {
        return new CallFailedException(message, cause, 0, "", MissingNode.getInstance(), false, Optional.empty());
    }

    /** What may go well next time. */
    static CallFailedException passing(String message, @Nullable Throwable cause) {
        return new CallFailedException(message, cause, 0, "", MissingNode.getInstance(), true, Optional.empty());
    }

    /** The HTTP status; 0 if there was no answer. */
    public int status() {
        return status;
    }

    /** The word that says why, such as {@code not_found}; empty if there was no answer. */
    public String code() {
        return code;
    }

    /** More for programs; missing if there is none. */
    public JsonNode details() {
        return details;
    }

    /** Whether the same call may go well later. */
    public boolean isPassing() {
        return passing;
    }

    /** How long the server asks to be left alone. */
    Optional<Duration> retryAfter() {
        return retryAfter;
    }
}
