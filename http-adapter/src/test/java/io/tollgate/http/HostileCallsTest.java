package io.tollgate.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What somebody sends who means no good; each by a real call. */
@Timeout(60)
final class HostileCallsTest extends ApiTest {
    private static final String JOBS = "/api/v2/jobs";

    @Override
    ApiHouse furnished() {
        return new ApiHouse(
                home,
                builder -> {},
                Settings.with(Duration.ofSeconds(2), Duration.ofSeconds(15), 20),
                new CallRates(0, 0));
    }

    /** Sends bytes as they are and returns what comes back until the server closes, or says nothing for a while. */
    private String raw(String call) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), house.server.port())) {
            socket.setSoTimeout(10_000);
            OutputStream out = socket.getOutputStream();
            out.write(call.getBytes(StandardCharsets.ISO_8859_1));
            out.flush();
            InputStream in = socket.getInputStream();
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static void isRefused(String answer, int... statuses) {
        assertThat(IntStream.of(statuses).anyMatch(status -> answer.startsWith("HTTP/1.1 " + status)))
                .as(answer)
                .isTrue();
        assertThat(answer).doesNotContain("Exception").doesNotContain("jetty").doesNotContain("\tat ");
    }

    @Test
    void raw_conflictingLengths_areRefused() throws Exception {
        String head = "POST " + JOBS + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer " + house.ann
                + "\r\nContent-Type: application/json\r\n";

        isRefused(raw(head + "Content-Length: 2\r\nContent-Length: 20\r\n\r\n{}"), 400);
        isRefused(raw(head + "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}"), 400);
        isRefused(raw(head + "Content-Length: -1\r\n\r\n{}"), 400);
        isRefused(raw(head + "Transfer-Encoding: chunked, identity\r\n\r\n2\r\n{}\r\n0\r\n\r\n"), 400, 501);
    }

    @Test
    void raw_hugeHeadersAndPaths_areRefused() throws Exception {
        isRefused(
                raw("GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Big: " + "a".repeat(40_000)
                        + "\r\n\r\n"),
                431);
        isRefused(raw("GET /" + "a".repeat(40_000) + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"), 414, 431);
        isRefused(raw("GET /healthz HTTP/1.1\r\nHost: x\r\n folded: y\r\nConnection: close\r\n\r\n"), 400);
        isRefused(raw("\u0001\u0002 / HTTP/1.1\r\n\r\n"), 400);
    }

    @Test
    void raw_bodyThatNeverComes_isGivenUp() throws Exception {
        String answer = raw("POST " + JOBS + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer "
                + house.ann + "\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{");

        assertThat(answer).doesNotContain("HTTP/1.1 2").doesNotContain("\tat ");
        assertThat(house.get("/healthz", "").status()).isEqualTo(200);
    }

    @Test
    void raw_headersInjected_stayWhereTheyAre() throws Exception {
        String evil = "good\u00e9%0d%0aSet-Cookie: a=b";
        String answer =
                raw("GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Request-Id: " + evil + "\r\n\r\n");

        assertThat(answer)
                .startsWith("HTTP/1.1 200")
                .doesNotContain("Set-Cookie")
                .doesNotContain("good");
    }

    @Test
    void raw_pathsThatClimb_leadNowhere() throws Exception {
        for (String path : List.of(
                "/../../etc/passwd",
                "/api/v2/assets/..%2f..%2fetc%2fpasswd/content",
                "/api/v2/assets/%2e%2e/%2e%2e/etc/passwd",
                "/api/v2/assets/..;/content",
                "/docs/../../../../etc/passwd",
                "/api/v2/assets/%00/content",
                "//etc/passwd")) {
            String answer = raw("GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer "
                    + house.ann + "\r\n\r\n");
            isRefused(answer, 400, 401, 404);
            assertThat(answer).as(path).doesNotContain("root:");
        }
    }

    @Test
    void submit_wordsOfSql_areOnlyWords() {
        String evil = "x'; DROP TABLE job; --";
        ApiHouse.Seen seen = house.post(
                JOBS,
                house.ann,
                "{\"workflow\":\"draw\",\"inputs\":{\"prompt\":\"" + evil + "\"},\"tags\":[\"" + evil + "\"]}");

        assertThat(seen.status()).isEqualTo(201);
        assertThat(house.get(JOBS + "?tag=" + java.net.URLEncoder.encode(evil, StandardCharsets.UTF_8), house.ann)
                        .json()
                        .path("jobs"))
                .hasSize(1);
        assertThat(house.get(JOBS + "?workflow=%27%20OR%201%3D1--", house.ann).status())
                .isEqualTo(422);
    }

    @Test
    void submit_jsonBombs_areRefusedQuickly() {
        String wide =
                "{\"workflow\":\"draw\",\"inputs\":{" + "\"a\":1,".repeat(1) + "\"b\":" + "9".repeat(5_000) + "}}";
        String large = "{\"workflow\":\"draw\",\"metadata\":{\"a\":\"" + "x".repeat(3_000_000) + "\"}}";
        String deep = "{\"workflow\":" + "[".repeat(50_000) + "]".repeat(50_000) + "}";

        assertThat(house.post(JOBS, house.ann, wide).status()).isIn(400, 422);
        assertThat(house.post(JOBS, house.ann, large).status()).isEqualTo(413);
        assertThat(house.post(JOBS, house.ann, deep).status()).isEqualTo(400);
        assertThat(house.post(JOBS, house.ann, "1e99999999999999999999").status())
                .isEqualTo(400);
        assertThat(house.post(JOBS, house.ann, "{\"workflow\":\"draw\",\"priority\":1e99999999999999999999}")
                        .status())
                .isIn(400, 422);
        assertThat(house.get("/api/v2/credits", house.ann).json().path("held").decimalValue())
                .isEqualByComparingTo("0");
    }

    @Test
    void priority_abovePlain_isForOperators() {
        ApiHouse.Seen seen = house.post(JOBS, house.ann, "{\"workflow\":\"draw\",\"priority\":5}");

        assertThat(seen.status()).isEqualTo(422);
        assertThat(seen.text()).contains("priority");
    }

    @Test
    void calls_tooMany_areToldWhenToComeAgain() throws Exception {
        house.close();
        house = new ApiHouse(home, builder -> {}, settings -> settings, new CallRates(3, 2));
        for (int i = 0; i < 3; i++) {
            assertThat(house.get("/api/v2/me", house.ann).status()).isEqualTo(200);
        }
        ApiHouse.Seen limited = house.get("/api/v2/me", house.ann);
        assertThat(limited.status()).isEqualTo(429);
        assertThat(limited.code()).isEqualTo("rate_limited");
        assertThat(limited.header("Retry-After")).isNotEmpty();
        assertThat(limited.header("RateLimit")).contains("r=0");
        assertThat(house.get("/api/v2/me", house.ben).status()).isEqualTo(200);

        house.get("/api/v2/me", "tg_live_guess");
        house.get("/api/v2/me", "tg_live_guess");
        assertThat(house.get("/api/v2/me", "tg_live_guess").status()).isEqualTo(429); // who guesses is slowed down
        assertThat(house.get("/api/v2/me", house.ben).status()).isEqualTo(200);
    }

    @Test
    void answers_anyOf_carryTheirIdAndNoSecrets() {
        ApiHouse.Seen seen = house.call("GET", "/api/v2/me", house.ann, "", Map.of("X-Request-Id", "my-id-1"));

        assertThat(seen.header("X-Request-Id")).isEqualTo("my-id-1");
        assertThat(seen.text()).doesNotContain(house.ann);
        assertThat(seen.header("Server")).isEmpty();
        assertThat(seen.header("Cache-Control")).isEqualTo("no-store");
    }

    @Test
    void anyCall_ofWrongValues_isTheCallersFault() {
        for (String from : List.of("%2B999999999-01-01T00:00:00Z", "yesterday", "-1000000-01-01T00:00:00Z")) {
            assertThat(house.get(JOBS + "?from=" + from, house.ann).status())
                    .as(from)
                    .isEqualTo(422);
        }
        assertThat(house.post("/api/v2/assets/from-hash", house.ann, "{\"hash\":null}")
                        .status())
                .isEqualTo(422);
    }

    @Test
    void close_whileSomebodyWaits_answersAtOnce() {
        String id = house.draw(house.ann).path("id").asText();
        CompletableFuture<ApiHouse.Seen> waiting =
                CompletableFuture.supplyAsync(() -> house.get(JOBS + "/" + id + "?wait=50&until=end", house.ann));
        ApiHouse.await(() -> house.server.waiting() == 1);

        house.server.close();

        assertThat(waiting.join().status()).isEqualTo(200);
    }

    /** The guard that all tests of this module run under is awake: calls are logged, and with their ids. */
    @Test
    void logs_ofCalls_areReadByTheGuard() {
        house.call("GET", "/api/v2/me", house.ann, "", Map.of("X-Request-Id", "seen-in-the-log"));

        ApiHouse.await(() -> house.log.has("seen-in-the-log"));
    }
}
