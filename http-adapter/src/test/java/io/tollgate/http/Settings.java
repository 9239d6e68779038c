package io.tollgate.http;

import java.time.Duration;
import java.util.function.UnaryOperator;

/** Settings with other spans than are shipped, for tests that wait for them. */
final class Settings {
    private Settings() {}

    static UnaryOperator<HttpSettings> with(Duration idleTimeout, Duration heartbeat, int streamsPerUser) {
        return usual -> new HttpSettings(
                usual.host(),
                usual.port(),
                usual.maxConnections(),
                usual.maxHeaderBytes(),
                usual.maxJsonBytes(),
                usual.maxUploadBytes(),
                idleTimeout,
                usual.stopTimeout(),
                heartbeat,
                streamsPerUser,
                usual.corsOrigins(),
                usual.uploads());
    }
}
