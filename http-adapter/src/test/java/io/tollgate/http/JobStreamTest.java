package io.tollgate.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tollgate.queue.event.Preview;
import io.tollgate.queue.event.Progress;
import io.tollgate.queue.job.RunId;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class JobStreamTest extends ApiTest {

    @Override
    ApiHouse furnished() {
        return new ApiHouse(
                home,
                builder -> {},
                Settings.with(Duration.ofSeconds(30), Duration.ofMillis(50), 2),
                new CallRates(0, 0));
    }

    /** One event. */
    private record Told(String id, String name, JsonNode data) {}

    /** A stream that is read. */
    private final class Stream implements AutoCloseable {
        private final HttpResponse<InputStream> response;
        private final BufferedReader lines;
        private int beats;

        Stream(String job, String after) throws IOException, InterruptedException {
            HttpRequest.Builder request = HttpRequest.newBuilder(house.uri("/api/v2/jobs/" + job + "/events"))
                    .header("Authorization", "Bearer " + house.ann);
            if (!after.isEmpty()) {
                request.header("Last-Event-ID", after);
            }
            response = house.client().send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
            lines = new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8));
        }

        /** The next event; empty at the end of the stream. */
        Optional<Told> next() {
            try {
                String id = "";
                String name = "";
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    if (line.startsWith("id: ")) {
                        id = line.substring(4);
                    } else if (line.startsWith("event: ")) {
                        name = line.substring(7);
                    } else if (line.startsWith("data: ")) {
                        return Optional.of(new Told(
                                id, name, ApiJson.read(line.substring(6).getBytes(StandardCharsets.UTF_8))));
                    } else if (line.startsWith(":")) {
                        beats++;
                    }
                }
                return Optional.empty();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        /** Reads on until an event of that name. */
        Told until(String name) {
            while (true) {
                Told told = next().orElseThrow(() -> new AssertionError("it ended without " + name));
                if (told.name().equals(name)) {
                    return told;
                }
            }
        }

        List<Told> rest() {
            List<Told> rest = new ArrayList<>();
            for (Optional<Told> told = next(); told.isPresent(); told = next()) {
                rest.add(told.get());
            }
            return rest;
        }

        @Override
        public void close() throws IOException {
            response.body().close();
        }
    }

    @Test
    void events_ofAWholeLife_comeInOrderAndEndAfterTheFinalStatus() throws Exception {
        String job = house.draw(house.ann).path("id").asText();
        RunId run = house.run();
        try (Stream stream = new Stream(job, "")) {
            Told first = stream.until("status");
            house.gpu.start(run);
            house.gpu.progress(run, Progress.of(1, 2, "half"));
            Told progress = stream.until("progress");
            house.gpu.preview(run, new Preview("image/jpeg", new byte[] {1, 2}, Optional.of("7")));
            Told preview = stream.until("preview");
            house.gpu.succeed(run, "a.png", "b.png");
            List<Told> rest = stream.rest();

            assertThat(stream.response.headers().firstValue("Content-Type")).contains("text/event-stream");
            assertThat(first.data().path("status").asText()).isIn("queued", "running");
            assertThat(progress.data().path("value").asDouble()).isEqualTo(0.5);
            assertThat(progress.data().path("nodes_total").isInt()).isTrue();
            assertThat(preview.data().path("data_base64").asText()).isEqualTo("AQI=");
            assertThat(rest).extracting(Told::name).endsWith("output", "output", "status");
            assertThat(rest.get(rest.size() - 1).data().path("status").asText()).isEqualTo("succeeded");
        }
    }

    @Test
    void events_resumed_goOnBehindTheLastOne() throws Exception {
        String job = house.draw(house.ann).path("id").asText();
        RunId run = house.run();
        house.gpu.start(run);
        house.gpu.succeed(run, "a.png", "b.png");
        ApiHouse.await(() -> house.get("/api/v2/jobs/" + job, house.ann)
                .json()
                .path("status")
                .asText()
                .equals("succeeded"));

        List<Told> all = told(job, "0");
        assertThat(all).extracting(Told::name).containsExactly("status", "output", "output", "status");
        for (int i = 0; i < all.size(); i++) {
            assertThat(told(job, all.get(i).id()))
                    .as("behind %s", all.get(i).id())
                    .extracting(Told::id)
                    .containsExactlyElementsOf(all.subList(i + 1, all.size()).stream()
                            .map(Told::id)
                            .toList());
        }
        assertThat(told(job, "")).extracting(Told::name).containsExactly("output", "output", "status");
    }

    private List<Told> told(String job, String after) throws Exception {
        try (Stream stream = new Stream(job, after)) {
            return stream.rest();
        }
    }

    @Test
    void events_ofAWaitingJob_tellItsPositionAndBeat() throws Exception {
        house.draw(house.ann);
        house.run();
        String first = house.draw(house.ann).path("id").asText();
        String second = house.draw(house.ann).path("id").asText();
        try (Stream stream = new Stream(second, "")) {
            assertThat(stream.until("status").data().path("queue_position").asInt())
                    .isEqualTo(2);
            house.post("/api/v2/jobs/" + first + "/cancel", house.ann, "");

            assertThat(stream.until("position").data().path("queue_position").asInt())
                    .isEqualTo(1);
            assertThat(stream.beats).isPositive();
        }
    }

    @Test
    void events_ofManyStreams_shareOneTimer() throws Exception {
        house.draw(house.ann);
        house.run();
        String waiting = house.draw(house.ann).path("id").asText();
        int before = house.repeating.get();
        try (Stream one = new Stream(waiting, "");
                Stream two = new Stream(waiting, "")) {
            one.until("status");
            two.until("status");

            assertThat(house.repeating.get() - before).isEqualTo(1);
        }
    }

    @Test
    void events_tooManyStreams_areRefused() throws Exception {
        String job = house.draw(house.ann).path("id").asText();
        try (Stream one = new Stream(job, "");
                Stream two = new Stream(job, "")) {
            one.until("status");
            two.until("status");

            ApiHouse.Seen third = house.get("/api/v2/jobs/" + job + "/events", house.ann);

            assertThat(third.status()).isEqualTo(429);
            assertThat(third.code()).isEqualTo("too_many_streams");
            assertThat(third.header("Retry-After")).isNotEmpty();
        }
        // who goes away makes room as soon as that is noticed
        ApiHouse.await(() -> {
            try (Stream again = new Stream(job, "")) {
                return again.response.statusCode() == 200;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return true;
            }
        });
    }

    @Test
    void close_openStream_endsItWithAnEvent() throws Exception {
        String job = house.draw(house.ann).path("id").asText();
        try (Stream stream = new Stream(job, "")) {
            stream.until("status");

            house.server.close();

            List<Told> rest = stream.rest();
            assertThat(rest.get(rest.size() - 1).name()).isEqualTo("close");
        }
    }

    @Test
    void follow_withAKeyThatIsRevoked_endsAtANextBeat() throws Exception {
        String id = house.draw(house.ann).path("id").asText();
        try (Stream stream = new Stream(id, "")) {
            assertThat(stream.next()).isPresent();

            house.keys.list(Optional.of(ApiHouse.ANN)).forEach(key -> house.keys.revoke(key.id(), "test"));

            Optional<Told> last = Optional.empty();
            for (Optional<Told> told = stream.next(); told.isPresent(); told = stream.next()) {
                last = told;
            }
            assertThat(last.orElseThrow().name()).isEqualTo("close");
            assertThat(last.orElseThrow().data().path("reason").asText()).contains("key");
        }
    }
}
