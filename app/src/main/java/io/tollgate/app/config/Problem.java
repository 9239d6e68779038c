package io.tollgate.app.config;

/**
 * One thing that is wrong in what the operator wrote.
 *
 * @param place where it stands, such as {@code tollgate.conf:12} or {@code environment TOLLGATE_HTTP_PORT}
 * @param text the key, the value and what is allowed, in one line
 */
public record Problem(String place, String text) {
    /** The line that people see. */
    @Override
    public String toString() {
        return place.isEmpty() ? text : place + ": " + text;
    }
}
