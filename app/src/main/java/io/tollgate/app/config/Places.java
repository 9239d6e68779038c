package io.tollgate.app.config;

import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigOrigin;
import java.util.regex.Pattern;

/** Says where a value stands, as people look for it. */
public final class Places {
    private static final Pattern LINE_AT_END = Pattern.compile(": (\\d+)$");

    private Places() {}

    /** {@code file:line} if it stands in a file, else what the origin is called. */
    public static String of(ConfigOrigin origin) {
        String file = origin.filename() != null ? origin.filename() : origin.resource();
        if (file == null) {
            return LINE_AT_END.matcher(origin.description()).replaceFirst(":$1");
        }
        String shown = file.endsWith("reference.conf") ? "defaults" : file;
        return origin.lineNumber() > 0 ? shown + ":" + origin.lineNumber() : shown;
    }

    /**
     * What the parser couldn't understand, in one line.
     *
     * @param place what was read, in case the parser doesn't say where it stopped
     */
    public static Problem of(ConfigException e, String place) {
        String message = String.valueOf(e.getMessage()).replaceAll("\\s*\\R\\s*", " ");
        ConfigOrigin origin = e.origin();
        if (origin == null) {
            return new Problem(message.contains(place) ? "" : place, message);
        }
        String start = origin.description() + ": ";
        return new Problem(of(origin), message.startsWith(start) ? message.substring(start.length()) : message);
    }
}
