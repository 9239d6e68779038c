package io.tollgate.http;

import io.tollgate.queue.media.Asset;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.PreEncodedHttpField;
import org.eclipse.jetty.http.content.HttpContent;
import org.eclipse.jetty.http.content.ResourceHttpContent;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.ResourceService;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.resource.PathResourceFactory;
import org.eclipse.jetty.util.resource.Resource;

/** Sends answers. Safe for use by many threads. */
final class Writer {
    /** The longest body that is read to its end though nobody wants it; one of unknown length isn't. */
    private static final long MOST_READ_IN_VAIN = 8L << 20;

    private static final String JSON = "application/json";
    private static final PreEncodedHttpField VARY = new PreEncodedHttpField(HttpHeader.VARY, "Accept-Encoding");

    private final ResourceService files = new ResourceService();
    private final EventStreams streams;
    private final Sockets sockets;

    Writer(EventStreams streams, Sockets sockets) {
        this.streams = streams;
        this.sockets = sockets;
        files.setEtags(true);
        files.setAcceptRanges(true);
        files.setDirAllowed(false);
    }

    /** Where an answer goes. */
    record Target(Request request, Response response, Callback callback) {
        boolean headOnly() {
            return request.getMethod().equals("HEAD");
        }
    }

    void write(Target target, Answer answer) throws IOException {
        if (answer instanceof Answer.Json json) {
            json.headers()
                    .forEach((name, value) -> target.response().getHeaders().put(name, value));
            bytes(target, json.status(), JSON, ApiJson.bytes(json.document()));
        } else if (answer instanceof Answer.Handed handed) {
            Callback told = Callback.from(target.callback()::succeeded, problem -> {
                handed.broken().run();
                target.callback().failed(problem);
            });
            write(new Target(target.request(), target.response(), told), handed.json());
        } else if (answer instanceof Answer.Empty empty) {
            target.response().setStatus(empty.status());
            target.response().write(true, null, target.callback());
        } else if (answer instanceof Answer.Bytes bytes) {
            bytes.headers()
                    .forEach((name, value) -> target.response().getHeaders().put(name, value));
            bytes(target, 200, bytes.contentType(), bytes.bytes());
        } else if (answer instanceof Answer.Content content) {
            content(target, content);
        } else if (answer instanceof Answer.Events events) {
            if (target.headOnly()) { // nobody would notice when its reader is gone
                target.response().getHeaders().put(HttpHeader.CONTENT_TYPE, "text/event-stream");
                target.response().write(true, null, target.callback());
            } else {
                streams.open(target, events.key(), events.source());
            }
        } else if (answer instanceof Answer.Socket socket) {
            sockets.open(target, socket.key());
        }
    }

    void problem(Target target, Problem problem) {
        if (target.response().isCommitted()) { // too late to say anything: the caller sees a cut
            target.callback().failed(new IOException(problem.code()));
            return;
        }
        problem.retryAfter()
                .ifPresent(wait -> target.response().getHeaders().put(HttpHeader.RETRY_AFTER, Problem.seconds(wait)));
        byte[] told = ApiJson.bytes(problem.document());
        if (target.request().consumeAvailable()) {
            bytes(target, problem.status(), JSON, told);
        } else if (isShort(target.request().getLength())) {
            // a connection that is closed on a sender resets, and the answer is lost to many
            Content.Source.consumeAll(
                    target.request(),
                    Callback.from(
                            () -> bytes(target, problem.status(), JSON, told),
                            failed -> last(target, problem.status(), told)));
        } else {
            last(target, problem.status(), told);
        }
    }

    private static boolean isShort(long length) {
        return length >= 0 && length <= MOST_READ_IN_VAIN;
    }

    /** Answers though more of the body may come: no call can follow it. */
    private static void last(Target target, int status, byte[] told) {
        target.response().getHeaders().put(HttpHeader.CONNECTION, "close");
        bytes(target, status, JSON, told);
    }

    private static void bytes(Target target, int status, String contentType, byte[] bytes) {
        Response response = target.response();
        response.setStatus(status);
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, contentType);
        byte[] sent = bytes;
        if (Gzip.isWorthIt(contentType, bytes.length)) {
            response.getHeaders().ensureField(VARY);
            if (Gzip.isWanted(target.request())) {
                response.getHeaders().put(HttpHeader.CONTENT_ENCODING, "gzip");
                sent = Gzip.compressed(bytes);
            }
        }
        response.getHeaders().put(HttpHeader.CONTENT_LENGTH, sent.length);
        if (!response.getHeaders().contains(HttpHeader.CACHE_CONTROL)) {
            response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
        }
        response.write(true, target.headOnly() ? null : ByteBuffer.wrap(sent), target.callback());
    }

    private void content(Target target, Answer.Content content) {
        Resource resource = new PathResourceFactory().newResource(content.file());
        Asset asset = content.asset();
        Response response = target.response();
        response.getHeaders().put(HttpHeader.CACHE_CONTROL, "private, max-age=3600");
        response.getHeaders().put("Content-Security-Policy", "default-src 'none'; sandbox");
        response.getHeaders()
                .put(
                        HttpHeader.CONTENT_DISPOSITION,
                        (content.shown() ? "inline" : "attachment") + "; filename*=UTF-8''" + encoded(asset.name()));
        files.doGet(target.request(), response, target.callback(), new Stored(resource, asset));
    }

    /** As RFC 8187 wants names in headers. */
    private static String encoded(String name) {
        StringBuilder text = new StringBuilder();
        for (byte one : name.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (one & 0xff);
            boolean plain = c < 128 && (Character.isLetterOrDigit(c) || c == '.' || c == '-' || c == '_');
            text.append(plain ? String.valueOf(c) : String.format("%%%02X", one & 0xff));
        }
        return text.toString();
    }

    /** A stored file: its tag is its hash, as its bytes never change. */
    private static final class Stored extends HttpContent.Wrapper {
        private final HttpField etag;

        Stored(Resource resource, Asset asset) {
            super(new ResourceHttpContent(resource, asset.contentType()));
            this.etag = new HttpField(HttpHeader.ETAG, "\"" + asset.hash() + "\"");
        }

        @Override
        public HttpField getETag() {
            return etag;
        }
    }
}
