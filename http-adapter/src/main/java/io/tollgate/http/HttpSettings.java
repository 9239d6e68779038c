package io.tollgate.http;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;

/**
 * How the server listens, and its limits.
 *
 * @param host where it listens
 * @param port its port; 0 takes any free one
 * @param maxConnections the most connections at once, at least 1
 * @param maxHeaderBytes the most bytes of a call's line and headers
 * @param maxJsonBytes the most bytes of a JSON body
 * @param maxUploadBytes the most bytes of an uploaded file
 * @param idleTimeout how long a connection may be silent
 * @param stopTimeout how long calls that run may go on when the server stops
 * @param heartbeat how often a silent stream of events is given a sign of life
 * @param streamsPerUser the most streams of events of one user
 * @param corsOrigins which origins' pages may call; none as a rule
 * @param uploads where files are kept while they come in
 */
public record HttpSettings(
        String host,
        int port,
        int maxConnections,
        int maxHeaderBytes,
        int maxJsonBytes,
        long maxUploadBytes,
        Duration idleTimeout,
        Duration stopTimeout,
        Duration heartbeat,
        int streamsPerUser,
        Set<String> corsOrigins,
        Path uploads) {
    public HttpSettings {
        corsOrigins = Set.copyOf(corsOrigins);
        if (maxConnections < 1 || maxHeaderBytes < 1024 || maxJsonBytes < 1024 || streamsPerUser < 1) {
            throw new IllegalArgumentException("a limit is too small to work with");
        }
    }

    /** What an operator who configures nothing gets, on this machine alone. */
    public static HttpSettings local(int port, Path uploads) {
        return new HttpSettings(
                "127.0.0.1",
                port,
                10_000,
                16 * 1024,
                2 * 1024 * 1024,
                100L * 1024 * 1024,
                Duration.ofSeconds(30),
                Duration.ofSeconds(10),
                Duration.ofSeconds(15),
                20,
                Set.of(),
                uploads);
    }
}
