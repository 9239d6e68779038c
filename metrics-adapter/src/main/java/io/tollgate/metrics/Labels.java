package io.tollgate.metrics;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The values that labels have had. A label takes so many values and no more, since each is a time series for ever; the
 * others share one. Names of the catalogue and the configuration fit in; whatever slipped in besides does no harm. Safe
 * for use by many threads.
 */
final class Labels {
    /** The most values of one label. */
    static final int MOST = 200;

    /** What stands for all values that came too late. */
    static final String OTHER = "other";

    private final Map<String, Set<String>> known = new ConcurrentHashMap<>();

    /** The value to use for {@code value} of this label. */
    String bounded(String label, String value) {
        Set<String> values = known.computeIfAbsent(label, any -> ConcurrentHashMap.newKeySet());
        if (values.contains(value)) {
            return value;
        }
        if (values.size() >= MOST) {
            return OTHER;
        }
        values.add(value);
        return value;
    }

    String bounded(String label, Object value) {
        return bounded(label, value.toString());
    }
}
