package io.tollgate.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tollgate.http.ApiHouse.Seen;
import io.tollgate.queue.delivery.DeliveryChannel;
import io.tollgate.queue.job.Delivery;
import io.tollgate.queue.job.JobRecord;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

final class DeliveryLogTest extends ApiTest {
    private static final String HOOKS = "/api/v2/webhooks";
    private static final String JOBS = "/api/v2/jobs";

    @Override
    ApiHouse furnished() {
        return new ApiHouse(home, builder -> builder.channel(new Hostile()), settings -> settings, new CallRates(0, 0));
    }

    /** Answers, after a failure, with what a terminal would obey. */
    private static final class Hostile implements DeliveryChannel {
        @Override
        public String name() {
            return "webhook";
        }

        @Override
        public void check(String address) {
            // any will do
        }

        @Override
        public CompletionStage<Outcome> deliver(Delivery delivery, JobRecord record) {
            Answer answer = new Answer(410, "\u001b[2Jgone\u0000");
            return CompletableFuture.completedFuture(
                    new Outcome.Failed("answered 410", true, Optional.of(Duration.ofSeconds(1)), Optional.of(answer)));
        }
    }

    private JsonNode sent(String path, String key) {
        Seen seen = house.get(path, key);
        assertThat(seen.status()).as(seen.text()).isEqualTo(200);
        return seen.json();
    }

    private String id(Seen seen) {
        return seen.json().path("id").asText();
    }

    /** A job of Ann's whose two messages, to an address of its own and to a webhook, were tried. */
    private String tried() {
        String job = id(
                house.post(
                        JOBS,
                        house.ann,
                        "{\"workflow\":\"draw\",\"webhook_url\":\"https://example.org/own\",\"webhook_events\":[\"job.queued\"]}"));
        String path = JOBS + "/" + job + "/deliveries";
        ApiHouse.await(() -> sent(path, house.ann).path("deliveries").findValues("log").stream()
                        .filter(log -> log.size() == 1)
                        .count()
                == 2);
        return job;
    }

    @Test
    void deliveries_ofAJobAndOfAWebhook_showEachTry() {
        String hook = id(house.post(
                HOOKS, house.ann, "{\"url\":\"https://example.org/hook\",\"events\":[\"job.queued\",\"job.failed\"]}"));
        String job = tried();

        JsonNode ofHook = sent(HOOKS + "/" + hook + "/deliveries", house.ann).path("deliveries");
        assertThat(ofHook).hasSize(1);
        JsonNode one = ofHook.path(0);
        assertThat(one.path("job_id").asText()).isEqualTo(job);
        assertThat(one.path("event").asText()).isEqualTo("queued");
        assertThat(one.path("state").asText()).isEqualTo("dead");
        JsonNode log = one.path("log").path(0);
        assertThat(log.path("number").asInt()).isEqualTo(1);
        assertThat(log.path("status").asInt()).isEqualTo(410);
        assertThat(log.path("error").asText()).isEqualTo("answered 410");
        assertThat(log.path("answer").asText()).isEqualTo("\ufffd[2Jgone\ufffd");

        JsonNode first = sent(JOBS + "/" + job + "/deliveries?limit=1", house.ann);
        JsonNode rest = sent(
                JOBS + "/" + job + "/deliveries?limit=1&cursor="
                        + first.path("next_cursor").asText(),
                house.ann);
        assertThat(first.path("deliveries").path(0).path("address").asText()).isEqualTo("endpoint:" + hook);
        assertThat(rest.path("deliveries").path(0).path("address").asText()).isEqualTo("https://example.org/own");
        assertThat(rest.path("next_cursor").isNull()).isTrue();
    }

    @Test
    void deliveries_ofSomebodyElse_areNotThere() {
        String hook =
                id(house.post(HOOKS, house.ann, "{\"url\":\"https://example.org/hook\",\"events\":[\"job.queued\"]}"));
        String job = tried();

        assertThat(house.get(HOOKS + "/" + hook + "/deliveries", house.ben).status())
                .isEqualTo(404);
        assertThat(house.get(JOBS + "/" + job + "/deliveries", house.ben).status())
                .isEqualTo(404);
        assertThat(house.get(HOOKS + "/" + hook + "/deliveries", "").status()).isEqualTo(401);
    }
}
