package io.tollgate.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
final class GzipTest {
    private static final String LONG = "a boat ".repeat(1_000);

    @TempDir
    Path home = Path.of("");

    private PlainFront front() throws Exception {
        return new PlainFront(
                home,
                new CallRates(0, 0),
                Route.of("GET", "/long", Route.Access.KEY, call -> Answer.ok(LONG)),
                Route.of("GET", "/short", Route.Access.KEY, call -> Answer.ok("a boat")),
                Route.of(
                        "GET",
                        "/picture",
                        Route.Access.KEY,
                        call -> new Answer.Bytes("image/png", LONG.getBytes(StandardCharsets.UTF_8))),
                Route.of(
                        "GET",
                        "/stream",
                        Route.Access.KEY,
                        call -> new Answer.Events(call.key(), (after, follower) -> {
                            follower.tell(EventSource.Event.of("status", "1", LONG));
                            follower.end();
                            return () -> {};
                        })));
    }

    private static String header(HttpResponse<?> answer, String name) {
        return String.join(", ", answer.headers().allValues(name));
    }

    @Test
    void write_longDocumentAskedFor_isCompressed() throws Exception {
        try (PlainFront front = front()) {
            for (String wanted : List.of("gzip", "br, GZIP;q=0.5", "identity;q=0.1, gzip")) {
                HttpResponse<byte[]> answer = front.get("/long", front.ann, "Accept-Encoding", wanted);

                assertThat(header(answer, "Content-Encoding")).as(wanted).isEqualTo("gzip");
                assertThat(header(answer, "Vary")).isEqualTo("Accept-Encoding");
                assertThat(header(answer, "Content-Length")).isEqualTo(String.valueOf(answer.body().length));
                assertThat(answer.body().length).isLessThan(LONG.length() / 10);
                try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(answer.body()))) {
                    assertThat(ApiJson.read(in.readAllBytes()).textValue()).isEqualTo(LONG);
                }
            }
        }
    }

    @Test
    void write_longDocumentNotAskedFor_isPlainAndSaysThatItVaries() throws Exception {
        try (PlainFront front = front()) {
            for (String wanted : List.of("br", "gzip;q=0", "identity, gzip;q=0.5", "")) {
                HttpResponse<byte[]> answer = front.get("/long", front.ann, "Accept-Encoding", wanted);

                assertThat(header(answer, "Content-Encoding")).as(wanted).isEmpty();
                assertThat(header(answer, "Vary")).isEqualTo("Accept-Encoding");
                assertThat(ApiJson.read(answer.body()).textValue()).isEqualTo(LONG);
            }
        }
    }

    @Test
    void write_whatIsShortOrNoDocument_isNeverCompressed() throws Exception {
        try (PlainFront front = front()) {
            for (String path : List.of("/short", "/picture", "/stream")) {
                HttpResponse<byte[]> answer = front.get(path, front.ann, "Accept-Encoding", "gzip");

                assertThat(answer.statusCode()).isEqualTo(200);
                assertThat(header(answer, "Content-Encoding")).as(path).isEmpty();
                assertThat(header(answer, "Vary")).as(path).isEmpty();
                assertThat(new String(answer.body(), StandardCharsets.UTF_8)).contains("a boat");
            }
        }
    }
}
