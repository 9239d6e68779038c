package io.tollgate.http;

import io.tollgate.queue.Tollgate;
import io.tollgate.queue.access.ApiKey;
import java.time.Duration;
import java.util.List;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.websocket.server.ServerWebSocketContainer;

/** Opens WebSockets. Safe for use by many threads. */
final class Sockets {
    /** What a client names that names a subprotocol at all. */
    static final String SUBPROTOCOL = "tollgate.v1";

    /** The longest message of a client, in bytes. */
    static final int MAX_MESSAGE_BYTES = 4 * 1024;

    private final ServerWebSocketContainer container;
    private final EventStreams streams;
    private final Tollgate tollgate;
    private final JobFeed feed;
    private final JobStreams jobs;
    private final HttpWatcher watcher;

    /** @param server one that was not started yet */
    Sockets(
            Server server,
            EventStreams streams,
            Tollgate tollgate,
            JobFeed feed,
            JobStreams jobs,
            HttpWatcher watcher) {
        this.container = ServerWebSocketContainer.ensure(server);
        this.streams = streams;
        this.tollgate = tollgate;
        this.feed = feed;
        this.jobs = jobs;
        this.watcher = watcher;
        container.setMaxTextMessageSize(MAX_MESSAGE_BYTES);
        container.setMaxBinaryMessageSize(MAX_MESSAGE_BYTES);
        container.setIdleTimeout(Duration.ZERO); // who gives no sign of life is noticed by its heartbeat
    }

    /**
     * Answers with a WebSocket.
     *
     * @throws ProblemException if the user has too many streams, the server stops, or the call is no proper handshake
     */
    void open(Writer.Target target, ApiKey key) {
        Runnable leave = streams.admit(key.user());
        boolean upgraded;
        try {
            JobSocket socket = new JobSocket(
                    key.id(),
                    sink -> new Subscriptions(key.user(), tollgate, feed, jobs, sink),
                    streams,
                    watcher,
                    leave);
            Request.addCompletionListener(target.request(), problem -> {
                if (problem != null) { // it may never have been opened
                    leave.run();
                }
            });
            upgraded = container.upgrade(
                    (request, response, callback) -> {
                        if (request.hasSubProtocol(SUBPROTOCOL)) {
                            response.setAcceptedSubProtocol(SUBPROTOCOL);
                        }
                        response.setExtensions(List.of()); // compressing costs memory for each, and messages are short
                        return socket;
                    },
                    target.request(),
                    target.response(),
                    target.callback());
        } catch (RuntimeException problem) {
            leave.run();
            throw problem;
        }
        if (!upgraded) {
            leave.run();
            throw new ProblemException(Problem.of(400, "bad_request", "this is no handshake of a WebSocket"));
        }
    }
}
