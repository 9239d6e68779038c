package io.tollgate.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tollgate.http.ApiHouse.Seen;
import io.tollgate.queue.access.Scope;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class AdminRoutesTest extends ApiTest {
    private static final String ADMIN = "/api/admin";

    private String eva = "";

    @BeforeEach
    void makeOperator() {
        eva = house.key(new io.tollgate.credits.account.UserId("eva"), EnumSet.allOf(Scope.class));
    }

    private Seen put(String path, String body) {
        return house.call("PUT", ADMIN + path, eva, body, Map.of());
    }

    @Test
    void anyAdminRoute_withoutTheScope_isForbidden() {
        for (String path : List.of("/stats", "/jobs", "/limits", "/keys", "/users/ann", "/audit", "/storage")) {
            assertThat(house.get(ADMIN + path, house.ann).status()).as(path).isEqualTo(403);
        }
        assertThat(house.post(ADMIN + "/keys", house.ann, "{\"user\":\"ann\",\"scopes\":[\"admin\"]}")
                        .status())
                .isEqualTo(403);
        assertThat(house.post(ADMIN + "/users/ann/grant", house.ann, "{\"amount\":1,\"reason\":\"more\"}")
                        .status())
                .isEqualTo(403);
    }

    @Test
    void keys_madeAndRevoked_letInAndOut() {
        Seen made = house.post(ADMIN + "/keys", eva, "{\"user\":\"zoe\",\"scopes\":[\"jobs\"],\"name\":\"laptop\"}");
        assertThat(made.status()).isEqualTo(201);
        String key = made.json().path("key").asText();
        assertThat(house.get("/api/v2/me", key).json().path("user_id").asText()).isEqualTo("zoe");
        assertThat(house.get(ADMIN + "/keys?user=zoe", eva).text()).doesNotContain(key);

        String id = made.json().path("id").asText();
        assertThat(house.call("DELETE", ADMIN + "/keys/" + id, eva, "", Map.of())
                        .status())
                .isEqualTo(204);

        assertThat(house.get("/api/v2/me", key).status()).isEqualTo(401);
        assertThat(house.post(ADMIN + "/keys", eva, "{\"user\":\"zoe\",\"scopes\":[\"jobs\"],\"name\":\"\\udfff\"}")
                        .status())
                .isEqualTo(422);
        assertThat(house.post(ADMIN + "/keys", eva, "{\"user\":\"zoe\",\"scopes\":[\"all\"]}")
                        .status())
                .isEqualTo(422);
    }

    @Test
    void users_grantAdjustTier_showInTheLedger() {
        Map<String, String> once = Map.of("Idempotency-Key", "g-1");
        String body = "{\"amount\":12.5,\"reason\":\"welcome\"}";
        house.call("POST", ADMIN + "/users/ben/grant", eva, body, once);
        Seen again = house.call("POST", ADMIN + "/users/ben/grant", eva, body, once);
        assertThat(again.json().path("available").decimalValue()).isEqualByComparingTo("12.5");

        Seen less = house.post(ADMIN + "/users/ben/adjust", eva, "{\"amount\":-2.5,\"reason\":\"mistake\"}");
        Seen tooMuch = house.post(ADMIN + "/users/ben/adjust", eva, "{\"amount\":-99,\"reason\":\"mistake\"}");
        Seen tier = put("/users/ben/tier", "{\"tier\":\"gold\",\"reason\":\"a friend\"}");

        assertThat(less.json().path("available").decimalValue()).isEqualByComparingTo("10");
        assertThat(tooMuch.status()).isEqualTo(409);
        assertThat(tier.json().path("tier").asText()).isEqualTo("gold");
        assertThat(put("/users/ben/tier", "{\"tier\":\"tin\",\"reason\":\"a friend\"}")
                        .status())
                .isEqualTo(422);
        assertThat(house.get(ADMIN + "/users/ben/ledger", eva).json().path("entries"))
                .hasSize(3);
        for (String wrong :
                List.of("{\"amount\":0,\"reason\":\"none\"}", "{\"amount\":1.234,\"reason\":\"none\"}", "{}")) {
            assertThat(house.post(ADMIN + "/users/ben/grant", eva, wrong).status())
                    .as(wrong)
                    .isEqualTo(422);
        }
    }

    @Test
    void limits_setAndInitialized_areShown() {
        Seen limit = put("/limits/model-a", "{\"max_concurrent\":3}");

        assertThat(limit.json().path("max_concurrent").asInt()).isEqualTo(3);
        assertThat(put("/limits/model-a", "{\"max_concurrent\":51}").status()).isEqualTo(422);
        assertThat(put("/limits/model-a", "{}").status()).isEqualTo(422);
        JsonNode all = house.post(ADMIN + "/limits/initialize", eva, "").json().path("limits");
        assertThat(all).isNotEmpty().allMatch(one -> one.path("set").asBoolean());
    }

    @Test
    void queue_paused_keepsJobsUntilItIsOpened() {
        assertThat(house.post(ADMIN + "/queues/image/pause", eva, "")
                        .json()
                        .path("mode")
                        .asText())
                .isEqualTo("paused");
        String id = house.draw(house.ann).path("id").asText();
        assertThat(house.get("/api/v2/jobs/" + id, house.ann)
                        .json()
                        .path("wait_reason")
                        .asText())
                .isEqualTo("queue_paused");

        house.post(ADMIN + "/queues/image/resume", eva, "");

        house.run();
        assertThat(house.post(ADMIN + "/queues/none/pause", eva, "").status()).isEqualTo(404);
    }

    @Test
    void jobs_ofEverybody_canBeSeenMovedAndCanceled() {
        house.draw(house.ann);
        house.run();
        String first = house.draw(house.ann).path("id").asText();
        String second = house.draw(house.ann).path("id").asText();

        assertThat(house.get(ADMIN + "/jobs?user=ann", eva).json().path("jobs")).hasSize(3);
        Seen front = house.post(ADMIN + "/jobs/" + second + "/front", eva, "");
        assertThat(front.json().path("queue_position").asInt()).isEqualTo(1);
        assertThat(house.get("/api/v2/jobs/" + first, house.ann)
                        .json()
                        .path("queue_position")
                        .asInt())
                .isEqualTo(2);
        assertThat(house.post(ADMIN + "/jobs/" + first + "/cancel", eva, "")
                        .json()
                        .path("status")
                        .asText())
                .isEqualTo("canceled");
        assertThat(house.post(ADMIN + "/jobs/" + first + "/front", eva, "").status())
                .isEqualTo(409);
        assertThat(house.post(
                                ADMIN + "/jobs/" + second + "/resolve",
                                eva,
                                "{\"outcome\":\"failed\",\"reason\":\"nobody knows\"}")
                        .status())
                .isEqualTo(409);
    }

    @Test
    void backend_paused_getsNoWork() {
        assertThat(house.post(ADMIN + "/backends/gpu-1/pause", eva, "")
                        .json()
                        .path("state")
                        .asText())
                .isEqualTo("paused");
        assertThat(house.get("/readyz", "").status()).isEqualTo(503);
        assertThat(house.post(ADMIN + "/backends/gpu-1/resume", eva, "")
                        .json()
                        .path("state")
                        .asText())
                .isEqualTo("ready");
        assertThat(house.get("/readyz", "").status()).isEqualTo(200);
        assertThat(house.post(ADMIN + "/backends/none/pause", eva, "").status()).isEqualTo(404);
    }

    @Test
    void doors_closed_takeNoJobsAndSayWhy() {
        put("/notice", "{\"text\":\"Maintenance at noon\"}");
        assertThat(house.get("/api/v2/notice", house.ann).json().path("text").asText())
                .isEqualTo("Maintenance at noon");
        assertThat(house.call("DELETE", ADMIN + "/notice", eva, "", Map.of()).status())
                .isEqualTo(204);
        assertThat(house.get("/api/v2/notice", house.ann).json().path("text").isNull())
                .isTrue();

        put("/submissions", "{\"mode\":\"disabled\",\"text\":\"Back at noon\"}");

        Seen closed = house.post("/api/v2/jobs", house.ann, "{\"workflow\":\"draw\"}");
        assertThat(closed.status()).isEqualTo(503);
        assertThat(closed.header("Retry-After")).isNotEmpty();
        assertThat(closed.text()).contains("Back at noon");
        put("/submissions", "{\"mode\":\"enabled\"}");
        assertThat(house.post("/api/v2/jobs", house.ann, "{\"workflow\":\"draw\"}")
                        .status())
                .isEqualTo(201);
        assertThat(put("/submissions", "{\"mode\":\"ajar\"}").status()).isEqualTo(422);
        assertThat(put("/submissions", "{\"mode\":\"enabled\",\"text\":\"\\ud800\"}")
                        .status())
                .isEqualTo(422);
        assertThat(put("/notice", "{\"text\":\"a\\u0000b\"}").status()).isEqualTo(422);
    }

    @Test
    void audit_afterSomeJobs_isClean() {
        house.draw(house.ann);

        JsonNode audit = house.get(ADMIN + "/audit", eva).json();

        assertThat(audit.path("ok").asBoolean()).isTrue();
        assertThat(house.get(ADMIN + "/storage", eva).json().path("kinds")).hasSize(1);
        assertThat(house.post(ADMIN + "/backup", eva, "").status()).isEqualTo(201);
        assertThat(house.get(ADMIN + "/stats", eva).json().path("queues")).isNotEmpty();
        assertThat(house.post(ADMIN + "/workflows/reload", eva, "").json().path("workflows"))
                .hasSize(1);
    }

    @Test
    void payments_matchedUsedAndRefunded_takeTheCreditsBackOnlyIfTold() {
        String payment = ADMIN + "/payments/" + house.paid("c-1").id();
        Seen matched = house.post(payment + "/match", eva, "{\"user\":\"ben\",\"credits\":15,\"reason\":\"by bank\"}");
        assertThat(matched.json().path("state").asText()).isEqualTo("credited");
        assertThat(house.get("/api/v2/credits", house.ben)
                        .json()
                        .path("available")
                        .asInt())
                .isEqualTo(15);
        house.post("/api/v2/jobs", house.ben, "{\"workflow\":\"draw\",\"inputs\":{}}");

        Seen refused = house.post(payment + "/refund", eva, "{\"reason\":\"asked for it\"}");
        Seen done = house.post(payment + "/refund", eva, "{\"reason\":\"asked for it\",\"override\":true}");

        assertThat(refused.status()).isEqualTo(409);
        assertThat(refused.code()).isEqualTo("invalid_state");
        assertThat(refused.text()).contains("10 are held");
        assertThat(done.json().path("state").asText()).isEqualTo("refunded");
        assertThat(house.get("/api/v2/credits", house.ben)
                        .json()
                        .path("available")
                        .asInt())
                .isZero();
        assertThat(house.get(ADMIN + "/payments?user=ann", eva).json().path("payments"))
                .hasSize(1);
        assertThat(house.get(ADMIN + "/payments?state=credited", eva).json().path("payments"))
                .isEmpty();
    }

    @Test
    void queues_afterAJob_tellWhatWentThrough() {
        house.credit(ApiHouse.ANN, 10);
        String id = house.post("/api/v2/jobs", house.ann, "{\"workflow\":\"draw\",\"inputs\":{}}")
                .json()
                .path("id")
                .asText();
        house.gpu.start(house.run());
        house.gpu.succeed(house.run(), "boat.png");
        house.get("/api/v2/jobs/" + id + "?wait=20&until=end", house.ann);

        JsonNode queue = house.get("/api/v2/queues/image", house.ann).json();

        assertThat(queue.path("throughput").path("last_hour").asInt()).isEqualTo(1);
        assertThat(queue.path("waits").path("regular").path("p95").isNumber()).isTrue();
    }

    @Test
    void clearFinished_hidesWhatHasEnded_andNothingElse() {
        house.credit(ApiHouse.ANN, 30);
        String ended = house.draw(house.ann).path("id").asText();
        String waits = house.draw(house.ann).path("id").asText();
        house.gpu.start(house.run());
        house.gpu.succeed(house.run(), "boat.png");
        house.get("/api/v2/jobs/" + ended + "?wait=20&until=end", house.ann);

        Seen cleared = house.post(ADMIN + "/jobs/clear-finished", eva, "");

        assertThat(cleared.json().path("by").asText()).isEqualTo("admin:eva");
        for (String list : List.of(ADMIN + "/jobs", "/api/v2/jobs")) {
            assertThat(ids(house.get(list, list.equals(ADMIN + "/jobs") ? eva : house.ann)))
                    .as(list)
                    .containsExactly(waits);
        }
        assertThat(ids(house.get("/api/v2/jobs?cleared=true", house.ann))).containsExactly(waits, ended);
        assertThat(house.get("/api/v2/jobs/" + ended, house.ann).status()).isEqualTo(200);
        assertThat(house.get("/api/v2/credits", house.ann)
                        .json()
                        .path("available")
                        .asInt())
                .isEqualTo(110);
    }

    private static List<String> ids(Seen page) {
        List<String> ids = new ArrayList<>();
        page.json().path("jobs").forEach(job -> ids.add(job.path("id").asText()));
        return ids;
    }
}
