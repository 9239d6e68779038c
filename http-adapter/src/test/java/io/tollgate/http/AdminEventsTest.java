package io.tollgate.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tollgate.credits.account.UserId;
import io.tollgate.queue.access.Scope;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class AdminEventsTest extends ApiTest {
    private static final String EVENTS = Paths.ADMIN + "/events";

    private String eva = "";

    @BeforeEach
    void makeOperator() {
        eva = house.key(new UserId("eva"), EnumSet.of(Scope.ADMIN));
        house.credit(ApiHouse.BEN, 100);
    }

    /** One event of a stream. */
    private record Told(String name, boolean resumable, JsonNode data) {}

    /** A stream that is read. */
    private final class Stream implements AutoCloseable {
        private final HttpResponse<InputStream> response;
        private final BufferedReader lines;

        Stream(String query) throws IOException, InterruptedException {
            response = house.client()
                    .send(
                            HttpRequest.newBuilder(house.uri(EVENTS + query))
                                    .header("Authorization", "Bearer " + eva)
                                    .build(),
                            HttpResponse.BodyHandlers.ofInputStream());
            assertThat(response.statusCode()).isEqualTo(200);
            lines = new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8));
        }

        Told next() throws IOException {
            String name = "";
            boolean resumable = false;
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith("event: ")) {
                    name = line.substring(7);
                } else if (line.startsWith("id:")) {
                    resumable = true;
                } else if (line.startsWith("data: ")) {
                    return new Told(
                            name, resumable, ApiJson.read(line.substring(6).getBytes(StandardCharsets.UTF_8)));
                }
            }
            throw new AssertionError("it ended");
        }

        @Override
        public void close() throws IOException {
            response.body().close();
        }
    }

    @Test
    void events_withoutTheScope_areForbidden() {
        assertThat(house.get(EVENTS, house.ann).status()).isEqualTo(403);
        assertThat(house.get(EVENTS + "?type=gossip", eva).status()).isEqualTo(422);
    }

    @Test
    void events_ofEverybody_areToldWithoutIds() throws Exception {
        try (Stream stream = new Stream("")) {
            String job = house.draw(house.ann).path("id").asText();
            Told queued = stream.next();
            Told running = stream.next();

            assertThat(queued.name()).isEqualTo("status");
            assertThat(queued.resumable()).isFalse();
            assertThat(queued.data().path("job_id").asText()).isEqualTo(job);
            assertThat(queued.data().path("user_id").asText()).isEqualTo("ann");
            assertThat(queued.data().path("status").asText()).isEqualTo("queued");
            assertThat(running.data().path("status").asText()).isEqualTo("running");
            assertThat(running.data().path("backend").asText()).isEqualTo("gpu-1");
        }
    }

    @Test
    void events_filtered_areOnlyThose() throws Exception {
        try (Stream bens = new Stream("?user=ben");
                Stream queues = new Stream("?type=queue,backend");
                Stream video = new Stream("?queue=video")) {
            house.draw(house.ann);
            house.draw(house.ben);
            house.post(Paths.ADMIN + "/queues/image/pause", eva, "");
            house.post(Paths.ADMIN + "/backends/gpu-1/pause", eva, "");

            assertThat(bens.next().data().path("user_id").asText()).isEqualTo("ben");
            Told first = queues.next();
            Told second = queues.next();
            assertThat(first.name()).isEqualTo("queue");
            assertThat(first.data().path("mode").asText()).isEqualTo("paused");
            assertThat(second.name()).isEqualTo("backend");
            assertThat(second.data().path("backend").asText()).isEqualTo("gpu-1");
            assertThat(second.data().path("state").asText()).isEqualTo("paused");

            house.server.close();
            assertThat(video.next().name()).isEqualTo("close");
        }
    }
}
