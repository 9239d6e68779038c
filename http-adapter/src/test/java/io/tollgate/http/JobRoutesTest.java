package io.tollgate.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tollgate.http.ApiHouse.Seen;
import io.tollgate.queue.access.Scope;
import io.tollgate.queue.job.Failure;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class JobRoutesTest extends ApiTest {
    private static final String JOBS = "/api/v2/jobs";

    private String status(String id) {
        return house.get(JOBS + "/" + id, house.ann).json().path("status").asText();
    }

    @Test
    void submit_goodJob_isQueuedAndPaidFor() {
        Seen seen = house.post(
                JOBS,
                house.ann,
                "{\"workflow\":\"draw\",\"inputs\":{\"prompt\":\"a boat\",\"seed\":7},\"tags\":[\"sea\"],"
                        + "\"metadata\":{\"order\":\"12\"}}");

        assertThat(seen.status()).isEqualTo(201);
        JsonNode job = seen.json();
        assertThat(job.path("status").asText()).isEqualTo("queued");
        assertThat(job.path("workflow").asText()).isEqualTo("draw");
        assertThat(job.path("user_id").asText()).isEqualTo("ann");
        assertThat(job.path("cost").path("held").decimalValue()).isEqualByComparingTo("10");
        assertThat(job.path("inputs").path("seed").asLong()).isEqualTo(7);
        assertThat(job.path("tags").get(0).asText()).isEqualTo("sea");
        assertThat(job.path("metadata").path("order").asText()).isEqualTo("12");
        assertThat(job.path("outputs").isArray()).isTrue();
        assertThat(job.path("urls").path("self").asText())
                .isEqualTo(JOBS + "/" + job.path("id").asText())
                .isEqualTo(seen.header("Location"));
        assertThat(seen.header("X-Request-Id")).isNotEmpty();
        JsonNode credits = house.get("/api/v2/credits", house.ann).json();
        assertThat(credits.path("held").decimalValue()).isEqualByComparingTo("10");
        assertThat(credits.path("available").decimalValue()).isEqualByComparingTo("90");
    }

    @Test
    void submit_runToItsEnd_isSucceededWithOutputsThatCanBeFetched() {
        String id = house.draw(house.ann).path("id").asText();
        house.gpu.start(house.run());
        house.gpu.succeed(house.run(), "boat.png");

        JsonNode job =
                house.get(JOBS + "/" + id + "?wait=20&until=end", house.ann).json();

        assertThat(job.path("status").asText()).isEqualTo("succeeded");
        assertThat(job.path("cost").path("captured").decimalValue()).isEqualByComparingTo("10");
        JsonNode output = job.path("outputs").get(0);
        assertThat(output.path("hash").asText()).contains(":");
        Seen content = house.get(output.path("url").asText(), "");
        assertThat(content.status()).isEqualTo(200);
        assertThat(content.response().body()).hasSize(output.path("size_bytes").asInt());
        assertThat(content.header("ETag")).contains(output.path("hash").asText());
        Seen part = house.call("GET", output.path("url").asText(), "", "", Map.of("Range", "bytes=1-3"));
        assertThat(part.status()).isEqualTo(206);
        assertThat(part.response().body()).hasSize(3);
        Seen again =
                house.call("GET", output.path("url").asText(), "", "", Map.of("If-None-Match", content.header("ETag")));
        assertThat(again.status()).isEqualTo(304);
        assertThat(house.get(output.path("url").asText().replace("signature=", "signature=x"), "")
                        .status())
                .isEqualTo(401);
    }

    @Test
    void submit_badInputs_tellsAllFieldsAndMovesNothing() {
        Seen seen = house.post(
                JOBS, house.ann, "{\"workflow\":\"draw\",\"inputs\":{\"seed\":-1,\"promt\":\"x\"},\"prioritty\":3}");

        assertThat(seen.status()).isEqualTo(422);
        assertThat(seen.code()).isEqualTo("invalid_input");
        assertThat(seen.json().path("error").path("details")).isNotEmpty();
        assertThat(house.get("/api/v2/credits", house.ann).json().path("held").decimalValue())
                .isEqualByComparingTo("0");
    }

    @Test
    void submit_inputsOfWrongRange_namesTheField() {
        Seen seen = house.post(JOBS, house.ann, "{\"workflow\":\"draw\",\"inputs\":{\"seed\":-1}}");

        JsonNode problem = seen.json().path("error").path("details").get(0);
        assertThat(problem.path("field").asText()).isEqualTo("inputs.seed");
        assertThat(problem.path("problem").asText()).isNotEmpty();
    }

    @Test
    void submit_notJson_isRefused() {
        for (String body : List.of("{", "[]", "\"x\"", "{\"workflow\":\"draw\"} x", "{\"a\":1,\"a\":2}")) {
            assertThat(house.post(JOBS, house.ann, body).code()).as(body).isEqualTo("invalid_json");
        }
        String deep = "{\"a\":".repeat(3000) + "1" + "}".repeat(3000);
        assertThat(house.post(JOBS, house.ann, deep).status()).isEqualTo(400);
        assertThat(house.call("POST", JOBS, house.ann, "x", Map.of("Content-Type", "text/plain"))
                        .status())
                .isEqualTo(415);
    }

    @Test
    void submit_tooFewCredits_isPaymentRequired() {
        Seen seen = house.post(JOBS, house.ben, "{\"workflow\":\"draw\"}");

        assertThat(seen.status()).isEqualTo(402);
        assertThat(seen.code()).isEqualTo("insufficient_credits");
        assertThat(seen.json().path("error").path("details").path("required").asInt())
                .isEqualTo(10);
    }

    @Test
    void submit_sameKeyAgain_givesTheFirstJobBack() {
        Map<String, String> key = Map.of("Idempotency-Key", "k-1");
        String body = "{\"workflow\":\"draw\",\"inputs\":{\"seed\":7}}";
        Seen first = house.call("POST", JOBS, house.ann, body, key);

        Seen again = house.call("POST", JOBS, house.ann, body, key);
        Seen other = house.call("POST", JOBS, house.ann, body.replace("7", "8"), key);

        assertThat(again.status()).isEqualTo(200);
        assertThat(again.header("Idempotency-Replayed")).isEqualTo("true");
        assertThat(again.json().path("id")).isEqualTo(first.json().path("id"));
        assertThat(other.status()).isEqualTo(422);
        assertThat(other.code()).isEqualTo("idempotency_key_reuse");
    }

    @Test
    void submit_sameKeyFromManyAtOnce_isOneJob() {
        String body = "{\"workflow\":\"draw\",\"inputs\":{\"seed\":7}}";
        List<CompletableFuture<Seen>> calls = IntStream.range(0, 24)
                .mapToObj(i -> CompletableFuture.supplyAsync(
                        () -> house.call("POST", JOBS, house.ann, body, Map.of("Idempotency-Key", "same"))))
                .toList();

        Set<String> ids = new HashSet<>();
        calls.forEach(call -> ids.add(call.join().json().path("id").asText()));

        assertThat(ids).hasSize(1);
        assertThat(house.get("/api/v2/credits", house.ann).json().path("held").decimalValue())
                .isEqualByComparingTo("10");
    }

    @Test
    void submit_dryRun_isAQuoteThatBinds() {
        Seen quote = house.post(JOBS + "?dry_run=true", house.ann, "{\"workflow\":\"draw\",\"inputs\":{\"seed\":7}}");

        assertThat(quote.status()).isEqualTo(200);
        assertThat(quote.json().path("price").decimalValue()).isEqualByComparingTo("10");
        assertThat(quote.json().path("sufficient_credits").asBoolean()).isTrue();
        String id = quote.json().path("quote_id").asText();
        Seen job = house.post(
                JOBS, house.ann, "{\"workflow\":\"draw\",\"inputs\":{\"seed\":7},\"quote_id\":\"" + id + "\"}");
        assertThat(job.status()).isEqualTo(201);
    }

    @Test
    void submit_preferWait_answersAtTheEnd() {
        CompletableFuture<Seen> answer = CompletableFuture.supplyAsync(
                () -> house.call("POST", JOBS, house.ann, "{\"workflow\":\"draw\"}", Map.of("Prefer", "wait=20")));
        house.gpu.start(house.run());
        house.gpu.fail(house.run(), Failure.Kind.BAD_INPUT);

        assertThat(answer.join().status()).isEqualTo(201);
        assertThat(answer.join().json().path("status").asText()).isEqualTo("failed");
        assertThat(answer.join().json().path("error").path("code").asText()).isEqualTo("bad_input");
    }

    @Test
    void submit_graph_needsItsScope() {
        Seen seen = house.post(JOBS, house.ann, "{\"workflow\":{\"1\":{\"class_type\":\"A\",\"inputs\":{}}}}");

        assertThat(seen.status()).isEqualTo(403);
        assertThat(seen.code()).isEqualTo("forbidden");
        assertThat(seen.json().path("error").path("message").asText()).contains("jobs:raw");
    }

    @Test
    void show_jobOfAnother_isNotFoundWhereverItIsAskedFor() {
        String id = house.draw(house.ann).path("id").asText();

        for (String path : List.of("", "/events", "/workflow")) {
            assertThat(house.get(JOBS + "/" + id + path, house.ben).status())
                    .as(path)
                    .isEqualTo(404);
        }
        for (String path : List.of("/cancel", "/retry", "/rerun")) {
            assertThat(house.post(JOBS + "/" + id + path, house.ben, "").status())
                    .as(path)
                    .isEqualTo(404);
        }
        assertThat(house.get(JOBS, house.ben).json().path("jobs")).isEmpty();
    }

    @Test
    void cancel_queuedJob_givesTheCreditsBackAndMayBeAskedAgain() {
        house.draw(house.ann);
        String second = house.draw(house.ann).path("id").asText();
        house.run();

        Seen canceled = house.post(JOBS + "/" + second + "/cancel", house.ann, "");
        Seen again = house.post(JOBS + "/" + second + "/cancel", house.ann, "");

        assertThat(canceled.json().path("status").asText()).isEqualTo("canceled");
        assertThat(again.status()).isEqualTo(200);
        assertThat(canceled.json().path("cost").path("released").decimalValue()).isEqualByComparingTo("10");
        Seen retried = house.post(JOBS + "/" + second + "/retry", house.ann, "");
        assertThat(retried.status()).isEqualTo(201);
        assertThat(retried.json().path("retry_of").asText()).isEqualTo(second);
        assertThat(house.post(JOBS + "/" + second + "/rerun", house.ann, "").status())
                .isEqualTo(409);
    }

    @Test
    void list_manyJobs_comesInPagesNewestFirst() {
        List<String> ids = IntStream.range(0, 5)
                .mapToObj(i -> house.draw(house.ann).path("id").asText())
                .toList();

        JsonNode first = house.get(JOBS + "?limit=3", house.ann).json();
        JsonNode second = house.get(
                        JOBS + "?limit=3&cursor=" + first.path("next_cursor").asText(), house.ann)
                .json();

        assertThat(first.path("jobs").findValuesAsText("id"))
                .contains(ids.get(4), ids.get(3), ids.get(2))
                .doesNotContain(ids.get(1));
        assertThat(second.path("jobs")).hasSize(2);
        assertThat(second.path("next_cursor").isNull()).isTrue();
        assertThat(house.get(JOBS + "?cursor=nonsense", house.ann).status()).isEqualTo(422);
        assertThat(house.get(JOBS + "?status=flying", house.ann).status()).isEqualTo(422);
        assertThat(house.get(JOBS + "?status=queued,running&workflow=draw", house.ann)
                        .json()
                        .path("jobs"))
                .hasSize(5);
    }

    @Test
    void batch_ofSeveral_isAllOrNone() {
        Seen seen = house.post(
                "/api/v2/batches", house.ann, "{\"jobs\":[{\"workflow\":\"draw\"},{\"workflow\":\"draw\"}]}");
        Seen tooMany = house.post(
                "/api/v2/batches", house.ann, "{\"jobs\":[{\"workflow\":\"draw\"},{\"workflow\":\"nothing\"}]}");

        assertThat(seen.status()).isEqualTo(201);
        assertThat(seen.json().path("jobs")).hasSize(2);
        assertThat(tooMany.status()).isEqualTo(404);
        String id = seen.json().path("id").asText();
        assertThat(house.get("/api/v2/batches/" + id, house.ann).json().path("jobs"))
                .hasSize(2);
        assertThat(house.get("/api/v2/batches/" + id, house.ben).status()).isEqualTo(404);
        assertThat(house.post("/api/v2/batches/" + id + "/cancel", house.ann, "")
                        .status())
                .isEqualTo(200);
        ApiHouse.await(() -> house.get(JOBS + "?status=queued", house.ann)
                .json()
                .path("jobs")
                .isEmpty());
    }

    @Test
    void anyRoute_withoutAGoodKey_isUnauthorized() {
        String expired = house.keys
                .create(ApiHouse.ANN, EnumSet.of(Scope.JOBS), java.util.Optional.of(Duration.ofMillis(1)), "short")
                .secret();
        ApiHouse.await(() -> house.get(JOBS, expired).status() == 401);
        var revoked = house.keys.create(ApiHouse.ANN, EnumSet.of(Scope.JOBS), java.util.Optional.empty(), "gone");
        house.keys.revoke(revoked.key().id(), "test");

        for (String key : List.of("", "tg_live_nonsense", revoked.secret(), "Basic x")) {
            Seen seen = house.get(JOBS, key);
            assertThat(seen.status()).as(key).isEqualTo(401);
            assertThat(seen.code()).isEqualTo("unauthorized");
            assertThat(seen.header("WWW-Authenticate")).isEqualTo("Bearer");
        }
        String noJobs = house.key(ApiHouse.ANN, EnumSet.of(Scope.CREDITS_READ));
        assertThat(house.get(JOBS, noJobs).status()).isEqualTo(403);
        assertThat(house.call("GET", JOBS, "", "", Map.of("X-API-Key", house.ann))
                        .status())
                .isEqualTo(200);
    }

    @Test
    void anyPath_unknownOrWrongMethod_isTold() {
        assertThat(house.get("/api/v2/nothing", house.ann).code()).isEqualTo("not_found");
        Seen wrong = house.call("DELETE", JOBS, house.ann, "", Map.of());
        assertThat(wrong.status()).isEqualTo(405);
        assertThat(wrong.header("Allow")).isEqualTo("GET, POST");
        assertThat(house.get(JOBS + "/no-uuid", house.ann).status()).isEqualTo(404);
        assertThat(status("01890000-0000-7000-8000-000000000000")).isEmpty();
    }
}
