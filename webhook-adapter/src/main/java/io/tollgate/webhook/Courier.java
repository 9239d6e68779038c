package io.tollgate.webhook;

import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.eclipse.jetty.client.BytesRequestContent;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.client.Response;
import org.eclipse.jetty.client.Result;
import org.eclipse.jetty.client.transport.HttpClientTransportOverHTTP;
import org.eclipse.jetty.http.HttpCookieStore;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.io.ClientConnector;
import org.eclipse.jetty.util.thread.ScheduledExecutorScheduler;

/** Posts bytes and reads the start of the answer; follows nothing, keeps nothing. Safe for use by many threads. */
final class Courier implements AutoCloseable {
    private static final String CONTENT_TYPE = "application/json";
    private static final int MAX_RESPONSE_HEADERS = 16 << 10;
    private static final int REQUESTS_IN_LINE = 256;

    private final HttpClient client;
    private final WebhookSettings settings;
    private final ReentrantLock lock = new ReentrantLock();
    private boolean closed;

    Courier(WebhookSettings settings, GuardedResolver resolver, Executor executor, ScheduledExecutorService timers) {
        this.settings = settings;
        ClientConnector connector = new ClientConnector();
        connector.setSelectors(1);
        connector.setExecutor(executor);
        connector.setScheduler(new ScheduledExecutorScheduler(timers));
        client = new HttpClient(new HttpClientTransportOverHTTP(connector));
        client.setName("tollgate-webhooks");
        client.setSocketAddressResolver(resolver);
        client.setFollowRedirects(false);
        client.setHttpCookieStore(new HttpCookieStore.Empty());
        client.setUserAgentField(null);
        client.setConnectTimeout(settings.timeout().toMillis());
        client.setIdleTimeout(settings.timeout().plusSeconds(1).toMillis());
        client.setDestinationIdleTimeout(settings.timeout().multipliedBy(4).toMillis());
        client.setMaxConnectionsPerDestination(settings.perTarget() + 1); // one more, for progress
        client.setMaxRequestsQueuedPerDestination(REQUESTS_IN_LINE);
        client.setMaxResponseHeadersSize(MAX_RESPONSE_HEADERS);
    }

    /** Begins with the first message: most processes of the command line send none. */
    private HttpClient started() {
        lock.lock();
        try {
            if (closed) {
                throw new RejectedExecutionException("webhooks are closed");
            }
            if (!client.isStarted()) {
                client.start();
                client.getContentDecoderFactories().clear(); // a few bytes that unpack to many are not unpacked
                client.getProtocolHandlers().clear(); // nothing is answered, followed or repeated on its own
            }
            return client;
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) { // what Jetty's life cycle declares
            throw new IllegalStateException("the webhooks' HTTP client doesn't start: " + e.getMessage(), e);
        } finally {
            lock.unlock();
        }
    }

    /** Completes in any case, within the timeout. */
    CompletionStage<Reply> post(URI target, Map<String, String> headers, byte[] body) {
        Collected collected = new Collected();
        Request request = started()
                .newRequest(target)
                .method(HttpMethod.POST)
                .timeout(settings.timeout().toMillis(), TimeUnit.MILLISECONDS)
                .headers(fields -> {
                    fields.put(HttpHeader.USER_AGENT, settings.userAgent());
                    headers.forEach(fields::put);
                })
                .body(new BytesRequestContent(CONTENT_TYPE, body))
                .onResponseListener(collected);
        request.send(collected::complete);
        return collected.reply;
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            client.stop();
        } catch (Exception e) { // what Jetty's life cycle declares
            throw new IllegalStateException("the webhooks' HTTP client doesn't stop: " + e.getMessage(), e);
        } finally {
            lock.unlock();
        }
    }

    /** One answer as it comes in. Its callbacks come one after the other. */
    private static final class Collected implements Response.Listener {
        final CompletableFuture<Reply> reply = new CompletableFuture<>();
        private final ByteBuffer start = ByteBuffer.allocate(Reply.MAX_START);

        @Override
        public void onContent(Response response, ByteBuffer content) {
            while (start.hasRemaining() && content.hasRemaining()) {
                start.put(content.get());
            }
            if (content.hasRemaining() && !reply.isDone()) {
                finish(response);
                CompletableFuture<Boolean> unused = response.abort(new IllegalStateException("enough was read"));
            }
        }

        void complete(Result result) {
            if (result.getResponse().getStatus() > 0) {
                finish(result.getResponse()); // its status is its word, whatever became of the rest
            } else {
                reply.complete(new Reply(0, "", Optional.empty(), result.getFailure()));
            }
        }

        private void finish(Response response) {
            String text = new String(start.array(), 0, start.position(), StandardCharsets.UTF_8);
            Optional<String> retryAfter =
                    Optional.ofNullable(response.getHeaders().get(HttpHeader.RETRY_AFTER));
            reply.complete(new Reply(response.getStatus(), text, retryAfter, null));
        }
    }
}
