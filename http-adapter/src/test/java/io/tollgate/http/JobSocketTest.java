package io.tollgate.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tollgate.queue.access.Scope;
import io.tollgate.queue.event.Preview;
import io.tollgate.queue.event.Progress;
import io.tollgate.queue.job.RunId;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class JobSocketTest extends ApiTest {
    private static final String ALL = "{\"type\":\"subscribe\",\"jobs\":\"all\"}";
    private static final String PING = "{\"type\":\"ping\",\"ref\":\"done\"}";
    private static final String NOBODY = "01890000-0000-7000-8000-000000000000";

    @Override
    ApiHouse furnished() {
        return furnished(Duration.ofSeconds(10), Set.of());
    }

    private ApiHouse furnished(Duration heartbeat, Set<String> origins) {
        return new ApiHouse(
                home,
                builder -> {},
                usual -> Settings.with(Duration.ofSeconds(30), heartbeat, 2, origins)
                        .apply(usual),
                new CallRates(0, 0));
    }

    private void refurnish(Duration heartbeat, Set<String> origins) {
        house.close();
        house = furnished(heartbeat, origins);
        house.credit(ApiHouse.ANN, 100);
    }

    private SocketClient dial() {
        return SocketClient.open(house, house.ann);
    }

    private String draw(String key) {
        return house.draw(key).path("id").asText();
    }

    private static List<String> types(List<JsonNode> messages) {
        return messages.stream().map(message -> message.path("type").asText()).toList();
    }

    @Test
    void subscribe_job_tellsItsLifeAndThatItIsOver() {
        String job = draw(house.ann);
        RunId run = house.run();
        try (SocketClient client = dial()) {
            client.send("{\"type\":\"subscribe\",\"job_id\":\"" + job + "\",\"ref\":\"my-ref\"}");
            JsonNode subscribed = client.next();
            JsonNode status = client.first("status");
            house.gpu.start(run);
            house.gpu.progress(run, Progress.of(1, 2, "half"));
            JsonNode progress = client.first("progress");
            house.gpu.preview(run, new Preview("image/jpeg", new byte[] {1, 2}, Optional.of("7")));
            JsonNode preview = client.first("preview");
            house.gpu.succeed(run, "a.png", "b.png");
            List<JsonNode> rest = client.until("unsubscribed");

            assertThat(subscribed.path("type").asText()).isEqualTo("subscribed");
            assertThat(subscribed.path("ref").asText()).isEqualTo("my-ref");
            assertThat(status.path("job_id").asText()).isEqualTo(job);
            assertThat(progress.path("data").path("value").asDouble()).isEqualTo(0.5);
            assertThat(preview.path("data").path("data_base64").asText()).isEqualTo("AQI=");
            assertThat(types(rest)).endsWith("output", "output", "status", "unsubscribed");
            assertThat(rest.get(rest.size() - 2).path("data").path("status").asText())
                    .isEqualTo("succeeded");
            assertThat(rest.get(rest.size() - 1).path("reason").asText()).isEqualTo("over");
        }
    }

    @Test
    void subscribe_behindAnEvent_tellsTheSameAsAStream() throws Exception {
        String job = draw(house.ann);
        RunId run = house.run();
        house.gpu.start(run);
        house.gpu.succeed(run, "a.png", "b.png");
        ApiHouse.await(() -> house.get("/api/v2/jobs/" + job, house.ann)
                .json()
                .path("status")
                .asText()
                .equals("succeeded"));
        HttpResponse<String> stream = house.client()
                .send(
                        HttpRequest.newBuilder(house.uri("/api/v2/jobs/" + job + "/events"))
                                .header("Authorization", "Bearer " + house.ann)
                                .header("Last-Event-ID", "0")
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        try (SocketClient client = dial()) {
            client.send("{\"type\":\"subscribe\",\"job_id\":\"" + job + "\",\"last_event_id\":\"0\"}");
            List<JsonNode> told = client.until("unsubscribed");

            StringBuilder same = new StringBuilder(": \n\n");
            for (JsonNode message : told.subList(1, told.size() - 1)) {
                same.append("id: ").append(message.path("id").asText());
                same.append("\nevent: ").append(message.path("type").asText());
                same.append("\ndata: ").append(message.path("data")).append("\n\n");
            }
            assertThat(told).hasSize(6);
            assertThat(same.toString()).isEqualTo(stream.body());
        }
    }

    @Test
    void subscribe_all_tellsOfJobsThatAreThereAndOfNewOnes() {
        house.credit(ApiHouse.BEN, 100);
        String first = draw(house.ann);
        RunId run = house.run();
        try (SocketClient client = dial()) {
            client.send(ALL);
            assertThat(client.next().path("jobs").asText()).isEqualTo("all");
            assertThat(client.first("status").path("job_id").asText()).isEqualTo(first);
            String other = draw(house.ben);
            String second = draw(house.ann);
            JsonNode queued = client.first("status");
            assertThat(queued.path("job_id").asText()).isEqualTo(second);
            assertThat(queued.path("data").path("status").asText()).isEqualTo("queued");

            house.gpu.start(run);
            house.gpu.succeed(run, "a.png");
            assertThat(client.first("unsubscribed").path("job_id").asText()).isEqualTo(first);
            house.post("/api/v2/jobs/" + other + "/cancel", house.ben, "");
            house.post("/api/v2/jobs/" + second + "/cancel", house.ann, "");
            List<JsonNode> rest = client.until("unsubscribed");
            assertThat(rest).allMatch(message -> message.path("job_id").asText().equals(second));

            client.send("{\"type\":\"unsubscribe\",\"jobs\":\"all\"}");
            client.first("unsubscribed");
            house.post("/api/v2/jobs/" + draw(house.ann) + "/cancel", house.ann, "");
            client.send(PING);
            assertThat(client.next().path("type").asText()).isEqualTo("pong");
        }
    }

    @Test
    void unsubscribe_job_tellsNothingMoreOfIt() {
        String job = draw(house.ann);
        RunId run = house.run();
        try (SocketClient client = dial()) {
            client.send(ALL);
            client.first("status");
            client.send("{\"type\":\"unsubscribe\",\"job_id\":\"" + job + "\"}");
            client.first("unsubscribed");
            house.gpu.start(run);
            house.gpu.succeed(run, "a.png");
            house.get("/api/v2/jobs/" + job + "?wait=20&until=end", house.ann);
            client.send(PING);

            assertThat(client.next().path("type").asText()).isEqualTo("pong");
            client.send("{\"type\":\"unsubscribe\",\"job_id\":\"" + job + "\"}");
            assertThat(client.next().path("code").asText()).isEqualTo("not_found");
        }
    }

    @Test
    void subscribe_jobOfSomebodyElse_isNotFound() {
        house.credit(ApiHouse.BEN, 100);
        String job = draw(house.ben);
        try (SocketClient client = dial()) {
            client.send("{\"type\":\"subscribe\",\"job_id\":\"" + job + "\",\"ref\":\"x\"}");
            JsonNode theirs = client.next();
            client.subscribe(NOBODY);
            JsonNode nobodys = client.next();

            assertThat(theirs.path("code").asText()).isEqualTo("not_found");
            assertThat(theirs.path("ref").asText()).isEqualTo("x");
            assertThat(theirs.path("job_id").asText()).isEqualTo(job);
            assertThat(nobodys.path("code").asText()).isEqualTo("not_found");
        }
    }

    @Test
    void messages_thatAreNone_areAnsweredWithAnError() {
        try (SocketClient client = dial()) {
            for (String text : List.of(
                    "",
                    "{",
                    "{\"type\":\"ping\"",
                    "[]",
                    "null",
                    "7",
                    "{\"type\":\"ping\"}{}",
                    "{\"type\":\"ping\",\"type\":\"ping\"}",
                    "[".repeat(2_000),
                    "{\"a\":".repeat(200) + "1" + "}".repeat(200))) {
                client.sendAnything(text);
                assertThat(client.next().path("code").asText()).as(text).isEqualTo("invalid_json");
            }
            for (String text : List.of(
                    "{}",
                    "{\"type\":7}",
                    "{\"type\":\"shout\"}",
                    "{\"type\":\"ping\",\"loud\":true}",
                    "{\"type\":\"subscribe\"}",
                    "{\"type\":\"subscribe\",\"job_id\":\"x\"}",
                    "{\"type\":\"subscribe\",\"jobs\":\"some\"}",
                    "{\"type\":\"subscribe\",\"jobs\":\"all\",\"job_id\":\"" + NOBODY + "\"}",
                    "{\"type\":\"subscribe\",\"jobs\":\"all\",\"last_event_id\":\"1\"}",
                    "{\"type\":\"ping\",\"ref\":\"" + "x".repeat(65) + "\"}")) {
                client.sendAnything(text);
                assertThat(client.next().path("code").asText()).as(text).isEqualTo("invalid_input");
            }
            client.send(PING);
            assertThat(client.next().path("ref").asText()).isEqualTo("done");
        }
        assertThat(house.log.has("\tat ")).isFalse();
    }

    @Test
    void messages_tooLong_closeIt() {
        try (SocketClient client = dial()) {
            client.sendAnything("{\"type\":\"ping\",\"ref\":\"" + "x".repeat(Sockets.MAX_MESSAGE_BYTES) + "\"}");

            assertThat(client.closed()).startsWith("1009");
        }
        try (SocketClient client = dial()) {
            for (int i = 0; i < 10; i++) {
                client.socket().sendText("x".repeat(1_000), false).join();
            }

            assertThat(client.closed()).startsWith("1009");
        } catch (RuntimeException cut) {
            assertThat(cut).hasRootCauseInstanceOf(IOException.class); // it was closed while we still sent
        }
        assertThat(house.log.has("\tat ")).isFalse();
    }

    @Test
    void messages_binary_closeIt() {
        try (SocketClient client = dial()) {
            client.sendBytes(new byte[] {1, 2, 3});

            assertThat(client.closed()).isEqualTo("1003 text only");
        }
    }

    @Test
    void messages_tooMany_areWarnedOfAndCloseIt() {
        try (SocketClient client = dial()) {
            JsonNode answer;
            do {
                client.send(PING);
                answer = client.next();
            } while (answer.path("type").asText().equals("pong"));
            assertThat(answer.path("code").asText()).isEqualTo("rate_limited");

            while (!client.isClosed()) { // as it is in the midst of a flood, it may not hear why
                client.socket()
                        .sendText(PING, true)
                        .exceptionally(closed -> client.socket())
                        .join();
            }
        }
        ApiHouse.await(() -> house.server.streaming() == 0);
        assertThat(house.log.has("\tat ")).isFalse();
    }

    /** Sends a handshake and frames as they are; what comes back is not read. */
    private Socket raw(byte... frames) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), house.server.port());
        OutputStream out = socket.getOutputStream();
        out.write(("GET " + SocketRoutes.PATH + " HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nAuthorization: Bearer "
                        + house.ann + "\r\n\r\n")
                .getBytes(StandardCharsets.UTF_8));
        out.flush();
        ApiHouse.await(() -> house.server.streaming() == 1);
        out.write(frames);
        out.flush();
        return socket;
    }

    @Test
    void frames_againstTheProtocol_closeItQuietly() throws Exception {
        List<byte[]> broken = List.of(
                new byte[] {(byte) 0x81, 2, '{', '}'}, // not masked
                new byte[] {(byte) 0x83, (byte) 0x80, 0, 0, 0, 0}, // no such opcode
                new byte[] {(byte) 0xf1, (byte) 0x80, 0, 0, 0, 0}, // reserved bits
                new byte[] {(byte) 0x80, (byte) 0x80, 0, 0, 0, 0}, // goes on with nothing
                new byte[] {(byte) 0x81, (byte) 0x82, 0, 0, 0, 0, (byte) 0xc3, 0x28}, // not UTF-8
                new byte[] {(byte) 0x81, (byte) 0xff, 0x7f, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, '{'}); // endless
        for (byte[] frames : broken) {
            try (Socket socket = raw(frames)) {
                socket.setSoTimeout(20_000);
                if (frames.length < 15) {
                    byte[] answer = socket.getInputStream().readAllBytes(); // to the end, which comes
                    assertThat(new String(answer, StandardCharsets.ISO_8859_1)).startsWith("HTTP/1.1 101");
                }
            }
            ApiHouse.await(() -> house.server.streaming() == 0);
        }
        assertThat(house.log.has("\tat ")).isFalse();
        assertThat(house.get("/healthz", "").status()).isEqualTo(200);
    }

    @Test
    void client_thatGivesNoSignOfLife_isDropped() throws Exception {
        refurnish(Duration.ofMillis(50), Set.of());
        try (Socket silent = raw()) {
            assertThat(silent.isConnected()).isTrue();
            ApiHouse.await(() -> house.server.streaming() == 0);
        }
    }

    @Test
    void client_thatAnswersPings_stays() {
        refurnish(Duration.ofMillis(200), Set.of());
        try (SocketClient client = dial()) {
            ApiHouse.await(() -> client.pings() > 6);
            client.send(PING);

            assertThat(client.next().path("type").asText()).isEqualTo("pong");
        }
    }

    @Test
    void open_moreThanOneMayHave_isRefused() throws Exception {
        String job = draw(house.ann);
        try (SocketClient one = dial();
                SocketClient two = dial()) {
            one.send(PING);
            two.send(PING);
            one.next();
            two.next();

            HttpResponse<?> third = SocketClient.refused(house, Map.of("X-API-Key", house.ann));

            assertThat(third.statusCode()).isEqualTo(429);
            assertThat(house.get("/api/v2/jobs/" + job + "/events", house.ann).code())
                    .isEqualTo("too_many_streams");
        }
        ApiHouse.await(() -> house.server.streaming() == 0);
        dial().close();
    }

    @Test
    void open_withoutAKeyThatMay_isRefused() {
        String admin = house.key(ApiHouse.ANN, EnumSet.of(Scope.ADMIN));

        assertThat(SocketClient.refused(house, Map.of()).statusCode()).isEqualTo(401);
        assertThat(SocketClient.refused(house, Map.of("Authorization", "Bearer " + admin))
                        .statusCode())
                .isEqualTo(403);
        assertThat(SocketClient.refused(house, Map.of(), "tollgate.v1", "key.tg_live_wrong")
                        .statusCode())
                .isEqualTo(401);
        assertThat(house.get(SocketRoutes.PATH + "?key=" + house.ann, "").status())
                .isEqualTo(401);
    }

    @Test
    void open_withTheKeyInASubprotocol_isOpenAndSaysNothingOfIt() {
        try (SocketClient client = SocketClient.open(house, Map.of(), "tollgate.v1", "key." + house.ann)) {
            client.send(PING);

            assertThat(client.next().path("type").asText()).isEqualTo("pong");
            assertThat(client.socket().getSubprotocol()).isEqualTo("tollgate.v1");
        }
    }

    @Test
    void open_fromAPage_isForThisServersPagesAndThoseThatMayCall() {
        refurnish(Duration.ofSeconds(10), Set.of("https://app\\.example\\.org"));
        String bearer = "Bearer " + house.ann;
        String own = house.server.url().toString();

        for (String origin : List.of("https://app.example.org", own)) {
            SocketClient.open(house, Map.of("Authorization", bearer, "Origin", origin))
                    .close();
        }
        for (String origin : List.of(
                "https://evil.example.org",
                "https://appXexample.org",
                "https://app.example.org.evil.org",
                own + "0",
                "null")) {
            assertThat(SocketClient.refused(house, Map.of("Authorization", bearer, "Origin", origin))
                            .statusCode())
                    .as(origin)
                    .isEqualTo(403);
        }
        refurnish(Duration.ofSeconds(10), Set.of());
        assertThat(SocketClient.refused(
                                house,
                                Map.of("Authorization", "Bearer " + house.ann, "Origin", "https://app.example.org"))
                        .statusCode())
                .isEqualTo(403);
    }

    @Test
    void close_openSockets_areToldAndEndCleanly() {
        try (SocketClient client = dial()) {
            client.subscribe(draw(house.ann));
            client.first("status");

            house.server.close();

            assertThat(client.first("close").path("reason").asText()).isEqualTo("the server stops");
            assertThat(client.closed()).isEqualTo("1001 the server stops");
        }
    }

    @Test
    void open_withAKeyThatIsRevoked_isClosedAtANextBeat() {
        refurnish(Duration.ofMillis(50), Set.of());
        try (SocketClient socket = dial()) {
            house.keys.list(Optional.of(ApiHouse.ANN)).forEach(key -> house.keys.revoke(key.id(), "test"));

            assertThat(socket.first("close").path("reason").asText()).contains("key");
        }
    }

    @Test
    void subscribe_oneWhileAllAreFollowed_isAnsweredAndStaysAfterAllAreNot() {
        String job = draw(house.ann);
        try (SocketClient socket = dial()) {
            socket.send(ALL);
            socket.first("status");

            socket.send("{\"type\":\"subscribe\",\"job_id\":\"" + job + "\",\"ref\":\"mine\"}");
            socket.send("{\"type\":\"unsubscribe\",\"jobs\":\"all\"}");
            socket.send(PING);

            List<JsonNode> told = socket.until("pong");
            assertThat(told)
                    .anyMatch(message -> message.path("ref").asText().equals("mine")
                            && message.path("type").asText().equals("subscribed"));
            assertThat(told)
                    .noneMatch(message -> message.path("type").asText().equals("unsubscribed")
                            && message.path("job_id").asText().equals(job));
        }
    }
}
