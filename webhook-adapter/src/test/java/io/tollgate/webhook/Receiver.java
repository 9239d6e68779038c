package io.tollgate.webhook;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Function;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;

/** Somebody's web server on a free port of the loopback, that keeps what it is sent and answers as it is told. */
final class Receiver {
    private final Server server = new Server();
    private final ServerConnector connector = new ServerConnector(server, 1, 1);
    final List<Received> received = new CopyOnWriteArrayList<>();

    /** Why answers could not be sent to their end. */
    final BlockingQueue<Throwable> cutShort = new LinkedBlockingQueue<>();

    private volatile Function<Received, Answer> answers = request -> Answer.of(204);

    /** One request. */
    record Received(String path, HttpFields headers, String text) {
        String header(String name) {
            String value = headers.get(name);
            return value == null ? "" : value;
        }
    }

    /**
     * One answer.
     *
     * @param status 0 for none at all
     */
    record Answer(int status, String body, String header, String value) {
        static Answer of(int status) {
            return new Answer(status, "", "", "");
        }

        Answer with(String name, String text) {
            return new Answer(status, body, name, text);
        }

        Answer saying(String text) {
            return new Answer(status, text, header, value);
        }
    }

    Receiver() throws Exception {
        connector.setHost("127.0.0.1");
        server.addConnector(connector);
        server.setHandler(new Handler.Abstract() {
            @Override
            public boolean handle(Request request, Response response, Callback callback) throws Exception {
                ByteBuffer bytes = Content.Source.asByteBuffer(request);
                Received one = new Received(
                        request.getHttpURI().getPathQuery(),
                        request.getHeaders(),
                        StandardCharsets.UTF_8.decode(bytes).toString());
                received.add(one);
                Answer answer = answers.apply(one);
                if (answer.status() == 0) {
                    return true; // and never a word
                }
                response.setStatus(answer.status());
                if (!answer.header().isEmpty()) {
                    response.getHeaders().put(answer.header(), answer.value());
                }
                response.write(
                        true,
                        StandardCharsets.UTF_8.encode(answer.body()),
                        Callback.from(callback::succeeded, failure -> {
                            cutShort.add(failure);
                            callback.failed(failure);
                        }));
                return true;
            }
        });
        server.setStopTimeout(0);
        server.start();
    }

    void answers(Function<Received, Answer> how) {
        answers = how;
    }

    void answers(Answer always) {
        answers = request -> always;
    }

    int port() {
        return connector.getLocalPort();
    }

    String url(String path) {
        return "http://127.0.0.1:" + port() + path;
    }

    void stop() throws Exception {
        server.stop();
    }
}
