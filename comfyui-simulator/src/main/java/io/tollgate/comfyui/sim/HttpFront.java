package io.tollgate.comfyui.sim;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.io.EofException;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.Fields;
import org.jspecify.annotations.Nullable;

/**
 * Where HTTP comes in: reads calls, asks the routes of the present life, sends replies, and does to calls what faults
 * say. An upgrade to a websocket is passed on.
 */
final class HttpFront extends Handler.Wrapper {

    private static final String SERVER = "Python/3.13 aiohttp/3.11.16";
    private static final int BUFFER = 64 * 1024;
    private static final String JOB = "/api/jobs/";

    private final Supplier<Present> present;

    HttpFront(Supplier<Present> present) {
        this.present = present;
    }

    /** The life that a call meets. */
    record Present(ServerLife life, ComfyRoutes routes) {}

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        long at = System.nanoTime();
        Present now = present.get();
        String path = Request.getPathInContext(request);
        boolean upgrade = request.getHeaders().contains(HttpHeader.UPGRADE) && path.endsWith("/ws");
        try {
            Call call = read(request, path);
            if (call == null) {
                // The connection goes on, as the whole body was read.
                send(request, response, tooLarge(request), callback);
                return true;
            }
            Optional<String> promptId = ComfyRoutes.promptIdIn(call);
            now.life().settings().witness().arrived(new Arrival(call.place(), subject(call, promptId), at));
            Optional<FaultKind> fault = now.life().settings().faults().draw(call.place(), promptId.orElse(null));
            if (upgrade) {
                return upgradeOrFail(request, response, callback, now, fault);
            }
            serve(request, response, callback, now, call, fault);
        } catch (Pauses.Died e) {
            cut(request, callback);
        } catch (IOException e) {
            callback.failed(e);
        }
        return true;
    }

    private static Optional<String> subject(Call call, Optional<String> promptId) {
        return switch (call.place()) {
            case VIEW -> Optional.ofNullable(call.query("filename"));
            case JOBS ->
                Optional.of(call.path()).filter(path -> path.startsWith(JOB)).map(path -> path.substring(JOB.length()));
            default -> promptId;
        };
    }

    private boolean upgradeOrFail(
            Request request, Response response, Callback callback, Present now, Optional<FaultKind> fault)
            throws Exception {
        if (fault.isEmpty()) {
            return super.handle(request, response, callback);
        }
        switch (fault.get()) {
            case DELAY -> {
                now.life().pauses().sleep(now.life().settings().faults().delay().toNanos());
                return super.handle(request, response, callback);
            }
            case ERROR_500 -> send(request, response, Reply.broken(), callback);
            case BUSY_503 -> send(request, response, busy(), callback);
            case REFUSE -> send(request, response, Reply.empty(403), callback);
            case DIE -> {
                now.life().settings().die().run();
                cut(request, callback);
            }
            default -> cut(request, callback);
        }
        return true;
    }

    private static void serve(
            Request request, Response response, Callback callback, Present now, Call call, Optional<FaultKind> fault)
            throws IOException {
        if (fault.isEmpty()) {
            send(request, response, now.routes().answer(call), callback);
            return;
        }
        switch (fault.get()) {
            case DROP_BEFORE -> cut(request, callback);
            case ERROR_500 -> send(request, response, Reply.broken(), callback);
            case BUSY_503 -> send(request, response, busy(), callback);
            case REFUSE -> send(request, response, refusal(), callback);
            case DELAY -> {
                now.life().pauses().sleep(now.life().settings().faults().delay().toNanos());
                send(request, response, now.routes().answer(call), callback);
            }
            case WRONG_JSON -> {
                now.routes().answer(call);
                send(request, response, Reply.json(Json.array().add("nonsense")), callback);
            }
            case HALF_BODY -> sendHalf(request, response, now.routes().answer(call), callback);
            case DIE -> {
                now.routes().answer(call);
                now.life().settings().die().run();
                cut(request, callback);
            }
            default -> {
                now.routes().answer(call);
                cut(request, callback);
            }
        }
    }

    private static Reply busy() {
        return Reply.text(503, "503: Service Unavailable").with("Retry-After", "1");
    }

    private static Reply refusal() {
        var answer = Json.object();
        answer.set("error", PromptValidator.error("prompt_no_outputs", "Prompt has no outputs", "", Json.object()));
        answer.putObject("node_errors");
        return Reply.json(400, answer);
    }

    private static Reply tooLarge(Request request) {
        return Reply.text(
                413,
                "Maximum request body size " + ComfyRoutes.MAX_BODY + " exceeded, actual body size "
                        + Math.max(request.getLength(), ComfyRoutes.MAX_BODY + 1L));
    }

    /** Reads a call. Null if its body, read to the end, is too large. */
    private static @Nullable Call read(Request request, String path) throws IOException {
        byte[] body = new byte[0];
        if (request.getMethod().equals("POST")) {
            try (InputStream in = Content.Source.asInputStream(request)) {
                body = in.readNBytes(ComfyRoutes.MAX_BODY + 1);
                if (body.length > ComfyRoutes.MAX_BODY) {
                    in.transferTo(OutputStream.nullOutputStream());
                    return null;
                }
            }
        }
        Map<String, String> query = new LinkedHashMap<>();
        for (Fields.Field field : Request.extractQueryParameters(request)) {
            query.put(field.getName(), field.getValue());
        }
        Map<String, String> headers = new LinkedHashMap<>();
        for (HttpField field : request.getHeaders()) {
            headers.put(field.getName().toLowerCase(Locale.ROOT), field.getValue());
        }
        return new Call(request.getMethod(), path, query, headers, Bytes.of(body));
    }

    private static void cut(Request request, Callback callback) {
        request.getConnectionMetaData().getConnection().getEndPoint().close();
        callback.failed(new EofException("cut on purpose"));
    }

    private static void head(Response response, Reply reply) {
        response.setStatus(reply.status());
        reply.headers().forEach((name, value) -> response.getHeaders().put(name, value));
        response.getHeaders().put(HttpHeader.SERVER, SERVER);
        if (!reply.chunked() && reply.status() != 304) {
            response.getHeaders().put(HttpHeader.CONTENT_LENGTH, reply.length());
        }
    }

    private static void send(Request request, Response response, Reply reply, Callback callback) throws IOException {
        head(response, reply);
        if (request.getMethod().equals("HEAD") || reply.status() == 304) {
            response.write(true, null, callback);
        } else if (reply.chunked()) {
            response.write(
                    false,
                    ByteBuffer.allocate(0),
                    Callback.from(() -> response.write(true, null, callback), callback::failed));
        } else if (reply.file() == null) {
            response.write(true, ByteBuffer.wrap(reply.body().array()), callback);
        } else {
            stream(response, reply.file(), reply.length());
            callback.succeeded();
        }
    }

    private static void sendHalf(Request request, Response response, Reply reply, Callback callback)
            throws IOException {
        head(response, reply);
        if (reply.file() != null) {
            stream(response, reply.file(), reply.length() / 2);
        } else if (reply.body().length() > 1) {
            try (Flushing out = new Flushing(Content.Sink.asOutputStream(response))) {
                out.send(reply.body().array(), reply.body().length() / 2);
            }
        }
        cut(request, callback);
    }

    private static void stream(Response response, Reply.FilePart part, long length) throws IOException {
        try (Flushing out = new Flushing(Content.Sink.asOutputStream(response));
                RandomAccessFile file = new RandomAccessFile(part.path().toFile(), "r")) {
            file.seek(part.offset());
            byte[] buffer = new byte[BUFFER];
            long left = length;
            while (left > 0) {
                int read = file.read(buffer, 0, (int) Math.min(buffer.length, left));
                if (read < 0) {
                    throw new EofException("file got shorter: " + part.path());
                }
                out.send(buffer, read);
                left -= read;
            }
        }
    }

    /** A stream that is flushed, not closed: closing would end the answer. */
    private record Flushing(OutputStream out) implements AutoCloseable {
        void send(byte[] bytes, int length) throws IOException {
            out.write(bytes, 0, length);
        }

        @Override
        public void close() throws IOException {
            out.flush();
        }
    }
}
