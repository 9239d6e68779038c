package io.tollgate.http;

import io.tollgate.credits.account.UserId;
import io.tollgate.queue.access.ApiKey;
import io.tollgate.queue.access.KeyId;
import io.tollgate.queue.access.KeyStore;
import io.tollgate.queue.access.Keys;
import io.tollgate.queue.access.Scope;
import io.tollgate.queue.job.UuidV7;
import io.tollgate.queue.memory.MemoryKeyStore;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.component.LifeCycle;

/** A server of routes that a test makes up, without anything behind it, and Ann, who has a key. */
final class PlainFront implements AutoCloseable {
    static final UserId ANN = new UserId("ann");

    final CountedKeys store = new CountedKeys();
    final Keys keys;
    final String ann;
    final StreamCount count = new StreamCount(2, HttpWatcher.NONE);
    final EventStreams streams;
    private final ScheduledThreadPoolExecutor timers = new ScheduledThreadPoolExecutor(1);
    private final Server server = new Server();
    private final ServerConnector connector = new ServerConnector(server);
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    PlainFront(Path home, CallRates rates, Route... routes) throws Exception {
        InstantSource clock = InstantSource.system();
        UuidV7 ids = new UuidV7(clock, new SecureRandom());
        keys = new Keys(store, new byte[32], clock, ids, new SecureRandom());
        ann = keys.create(ANN, EnumSet.of(Scope.JOBS), Optional.empty(), "test").secret();
        streams = new EventStreams(Duration.ofSeconds(15), timers, HttpWatcher.NONE, count, keys::stands, timers);
        CallLimits limits = new CallLimits(rates.perKey(), rates.perAddress(), HttpWatcher.NONE);
        server.setHandler(new Front(
                new Router(List.of(routes)),
                new Callers(keys, limits),
                limits,
                new Writer(streams, unused()),
                ids,
                HttpSettings.local(0, home),
                HttpWatcher.NONE));
        connector.setHost("127.0.0.1");
        server.addConnector(connector);
        server.start();
    }

    @SuppressWarnings("NullAway") // no route opens a socket
    private static Sockets unused() {
        return null;
    }

    /** Keys in memory that says how often it was asked for one. */
    static final class CountedKeys implements KeyStore {
        final AtomicInteger asked = new AtomicInteger();
        private final MemoryKeyStore inner = new MemoryKeyStore();

        @Override
        public void add(ApiKey key, String hash) {
            inner.add(key, hash);
        }

        @Override
        public Optional<ApiKey> byHash(String hash) {
            asked.incrementAndGet();
            return inner.byHash(hash);
        }

        @Override
        public Optional<ApiKey> find(KeyId id) {
            return inner.find(id);
        }

        @Override
        public List<ApiKey> list(Optional<UserId> user, int limit) {
            return inner.list(user, limit);
        }

        @Override
        public boolean revoke(KeyId id, Instant at, String by) {
            return inner.revoke(id, at, by);
        }

        @Override
        public void noteUsed(Map<KeyId, Instant> uses) {
            inner.noteUsed(uses);
        }

        @Override
        public int forget(UserId user) {
            return inner.forget(user);
        }
    }

    private HttpRequest.Builder request(String path, String key) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + connector.getLocalPort() + path))
                .timeout(Duration.ofSeconds(20))
                .header("Authorization", "Bearer " + key);
    }

    HttpResponse<byte[]> get(String path, String key, String... headers) throws Exception {
        HttpRequest.Builder request = request(path, key);
        for (int i = 0; i < headers.length; i += 2) {
            request.header(headers[i], headers[i + 1]);
        }
        return client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    }

    /** Asks, and does not wait for the answer's end. */
    CompletableFuture<HttpResponse<java.io.InputStream>> open(String path) {
        return client.sendAsync(request(path, ann).build(), HttpResponse.BodyHandlers.ofInputStream());
    }

    @Override
    public void close() {
        CompletableFuture<Void> unused = streams.end();
        LifeCycle.stop(server);
        timers.shutdownNow();
    }
}
