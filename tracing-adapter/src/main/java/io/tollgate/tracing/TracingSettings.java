package io.tollgate.tracing;

import java.net.URI;
import java.util.Optional;

/**
 * Where traces go.
 *
 * @param endpoint a collector's address for traces by OTLP over HTTP, such as {@code http://127.0.0.1:4318/v1/traces}
 * @param authorization what the collector wants in the header of that name; secret
 * @param sample which part of the jobs is traced, from 0 to 1
 * @param service what this program is called there
 * @param version its version
 */
public record TracingSettings(
        URI endpoint, Optional<String> authorization, double sample, String service, String version) {
    public TracingSettings {
        if (!(sample >= 0 && sample <= 1)) {
            throw new IllegalArgumentException("a part is from 0 to 1, not " + sample);
        }
    }

    @Override
    public String toString() {
        return "TracingSettings[endpoint=" + endpoint + ", sample=" + sample + ", service=" + service + ", version="
                + version + "]";
    }
}
