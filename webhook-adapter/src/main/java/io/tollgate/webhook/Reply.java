package io.tollgate.webhook;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What came back of one message.
 *
 * @param status what was answered; 0 if nothing was
 * @param start what the answer's body begins with, at most {@value #MAX_START} bytes of it
 * @param retryAfter the header of that name
 * @param problem what went wrong before there was an answer
 */
record Reply(
        int status,
        String start,
        Optional<String> retryAfter,
        @Nullable Throwable problem) {
    static final int MAX_START = 1024;

    boolean isSuccess() {
        return status >= 200 && status < 300;
    }

    boolean isRedirect() {
        return status >= 300 && status < 400;
    }
}
