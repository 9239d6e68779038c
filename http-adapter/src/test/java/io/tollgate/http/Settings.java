package io.tollgate.http;

import java.time.Duration;
import java.util.Set;
import java.util.function.UnaryOperator;

/** Settings with other spans than are shipped, for tests that wait for them. */
final class Settings {
    private Settings() {}

    static UnaryOperator<HttpSettings> with(Duration idleTimeout, Duration heartbeat, int streamsPerUser) {
        return with(idleTimeout, heartbeat, streamsPerUser, Set.of());
    }

    static UnaryOperator<HttpSettings> with(
            Duration idleTimeout, Duration heartbeat, int streamsPerUser, Set<String> corsOrigins) {
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
                corsOrigins,
                usual.uploads());
    }
}
