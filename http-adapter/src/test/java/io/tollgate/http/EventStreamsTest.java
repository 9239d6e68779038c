package io.tollgate.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.credits.ledger.StoreUnavailableException;
import io.tollgate.queue.access.Scope;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
final class EventStreamsTest {
    private static final int AT_ONCE = 6;

    @TempDir
    Path home = Path.of("");

    private static Route streaming(Route.Direct handling) {
        return Route.of("GET", "/stream", Route.Access.of(Scope.JOBS), handling);
    }

    @Test
    void open_manyAtTheSameInstant_refusesThoseAboveTheCap() throws Exception {
        CyclicBarrier together = new CyclicBarrier(AT_ONCE);
        try (PlainFront front = new PlainFront(home, new CallRates(0, 0), streaming(call -> {
            together.await(10, TimeUnit.SECONDS);
            return new Answer.Events(call.key(), (after, follower) -> () -> {});
        }))) {
            List<CompletableFuture<HttpResponse<InputStream>>> asked = new ArrayList<>();
            for (int i = 0; i < AT_ONCE; i++) {
                asked.add(front.open("/stream"));
            }

            List<Integer> statuses = new ArrayList<>();
            for (CompletableFuture<HttpResponse<InputStream>> one : asked) {
                statuses.add(one.get(20, TimeUnit.SECONDS).statusCode());
            }

            assertThat(statuses).containsExactlyInAnyOrder(200, 200, 429, 429, 429, 429);
            assertThat(front.streams.size()).isEqualTo(2);
            assertThat(front.count.of(PlainFront.ANN)).isEqualTo(2);
        }
    }

    @Test
    void open_sourceThatFails_answersWhyAndCountsNothing() throws Exception {
        try (PlainFront front = new PlainFront(
                home,
                new CallRates(0, 0),
                streaming(call -> new Answer.Events(call.key(), (after, follower) -> {
                    follower.tell(EventSource.Event.of("status", "1", "told too early"));
                    throw new StoreUnavailableException("away", new IllegalStateException());
                })))) {
            for (int i = 0; i < 3; i++) { // more than may be open at once
                HttpResponse<byte[]> answer = front.get("/stream", front.ann);

                assertThat(answer.statusCode()).isEqualTo(503);
                assertThat(new String(answer.body(), StandardCharsets.UTF_8)).contains("\"unavailable\"");
            }
            assertThat(front.streams.size()).isZero();
            assertThat(front.count.of(PlainFront.ANN)).isZero();
        }
    }

    @Test
    void open_sourceThatEndsAtOnce_isAWholeAnswer() throws Exception {
        try (PlainFront front = new PlainFront(
                home,
                new CallRates(0, 0),
                streaming(call -> new Answer.Events(call.key(), (after, follower) -> {
                    follower.tell(EventSource.Event.of("status", "1", "done"));
                    follower.end();
                    return () -> {};
                })))) {
            HttpResponse<byte[]> answer = front.get("/stream", front.ann);

            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(new String(answer.body(), StandardCharsets.UTF_8))
                    .endsWith("id: 1\nevent: status\ndata: \"done\"\n\n");
            ApiHouse.await(() -> front.count.of(PlainFront.ANN) == 0 && front.streams.size() == 0);
        }
    }
}
