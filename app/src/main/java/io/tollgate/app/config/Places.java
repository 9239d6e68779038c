package io.tollgate.app.config;

import com.typesafe.config.ConfigOrigin;

/** Says where a value stands, as people look for it. */
public final class Places {
    private Places() {}

    /** {@code file:line} if it stands in a file, else what the origin is called. */
    public static String of(ConfigOrigin origin) {
        String file = origin.filename() != null ? origin.filename() : origin.resource();
        if (file == null) {
            return origin.description();
        }
        String shown = file.endsWith("reference.conf") ? "defaults" : file;
        return origin.lineNumber() > 0 ? shown + ":" + origin.lineNumber() : shown;
    }
}
