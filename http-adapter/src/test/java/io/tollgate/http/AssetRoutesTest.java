package io.tollgate.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tollgate.http.ApiHouse.Seen;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class AssetRoutesTest extends ApiTest {
    private static final String ASSETS = "/api/v2/assets";

    /** A picture of one dot. */
    private static final byte[] PNG = Base64.getDecoder()
            .decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==");

    private Seen upload(String key, String fileName, byte[] bytes, Map<String, String> fields) {
        return house.upload(key, fileName, bytes, fields);
    }

    @Test
    void upload_picture_isKnownByItsBytesAndCanBeAnInput() throws Exception {
        Seen seen = upload(house.ann, "../../etc/boat.png", PNG, Map.of("tags", "sea, boat", "expires_in", "600"));

        assertThat(seen.status()).isEqualTo(201);
        JsonNode asset = seen.json();
        assertThat(asset.path("content_type").asText()).isEqualTo("image/png"); // whatever its sender says
        assertThat(asset.path("file_path").asText()).doesNotContain("/").doesNotContain("..");
        assertThat(asset.path("size_bytes").asInt()).isEqualTo(PNG.length);
        assertThat(asset.path("tags").get(1).asText()).isEqualTo("boat");
        assertThat(asset.path("expires_at").asText()).isNotEmpty();
        String id = asset.path("id").asText();
        Seen content = house.get(asset.path("url").asText(), "");
        assertThat(content.response().body()).isEqualTo(PNG);
        assertThat(content.header("X-Content-Type-Options")).isEqualTo("nosniff");
        assertThat(content.header("Content-Security-Policy")).contains("sandbox");
        assertThat(house.get(ASSETS + "/" + id + "/content", house.ann)
                        .response()
                        .body())
                .isEqualTo(PNG);
        Seen job =
                house.post("/api/v2/jobs", house.ann, "{\"workflow\":\"draw\",\"inputs\":{\"photo\":\"" + id + "\"}}");
        assertThat(job.status()).isEqualTo(201);
        Seen used = house.call("DELETE", ASSETS + "/" + id, house.ann, "", Map.of());
        assertThat(used.status()).isEqualTo(409);
        assertThat(used.code()).isEqualTo("asset_in_use");
        assertThat(leftovers()).isEmpty();
    }

    private List<Path> leftovers() throws Exception {
        try (Stream<Path> files = Files.walk(home.resolve("uploads"))) {
            return files.filter(Files::isRegularFile).toList();
        }
    }

    @Test
    void upload_sameBytesAgain_isTheKnownAsset() throws Exception {
        Seen first = upload(house.ann, "a.png", PNG, Map.of());
        Seen again = upload(house.ann, "b.png", PNG, Map.of());
        Seen others = upload(house.ben, "c.png", PNG, Map.of());

        assertThat(again.status()).isEqualTo(200);
        assertThat(again.json().path("id")).isEqualTo(first.json().path("id"));
        assertThat(again.json().path("created_new").asBoolean(true)).isFalse();
        assertThat(first.json().path("created_new").asBoolean()).isTrue();
        assertThat(others.status()).isEqualTo(201);
        assertThat(others.json().path("id")).isNotEqualTo(first.json().path("id"));
    }

    @Test
    void byHash_ownBytesOnly_areFound() throws Exception {
        String hash =
                upload(house.ann, "a.png", PNG, Map.of()).json().path("hash").asText();
        String path = ASSETS + "/by-hash/" + hash;

        assertThat(house.call("HEAD", path, house.ann, "", Map.of()).status()).isEqualTo(200);
        assertThat(house.call("HEAD", path, house.ben, "", Map.of()).status()).isEqualTo(404);
        String body = "{\"hash\":\"" + hash + "\",\"file_path\":\"again.png\"}";
        assertThat(house.post(ASSETS + "/from-hash", house.ann, body).status()).isEqualTo(201);
        Seen stolen = house.post(ASSETS + "/from-hash", house.ben, body);
        assertThat(stolen.status()).isEqualTo(404);
        assertThat(stolen.code()).isEqualTo("blob_not_found");
        assertThat(house.get(ASSETS, house.ann).json().path("assets")).hasSize(2);
        assertThat(house.get(ASSETS, house.ben).json().path("assets")).isEmpty();
    }

    @Test
    void anyAsset_ofAnother_isNotFound() throws Exception {
        String id = upload(house.ann, "a.png", PNG, Map.of()).json().path("id").asText();

        assertThat(house.get(ASSETS + "/" + id, house.ben).status()).isEqualTo(404);
        assertThat(house.get(ASSETS + "/" + id + "/content", house.ben).status())
                .isEqualTo(404);
        assertThat(house.get(ASSETS + "/" + id + "/content", "").status()).isEqualTo(401);
        assertThat(house.call("DELETE", ASSETS + "/" + id, house.ben, "", Map.of())
                        .status())
                .isEqualTo(404);
        Seen job =
                house.post("/api/v2/jobs", house.ben, "{\"workflow\":\"draw\",\"inputs\":{\"photo\":\"" + id + "\"}}");
        assertThat(job.status()).isEqualTo(422);
        assertThat(house.call("DELETE", ASSETS + "/" + id, house.ann, "", Map.of())
                        .status())
                .isEqualTo(204);
        assertThat(house.call("DELETE", ASSETS + "/" + id, house.ann, "", Map.of())
                        .status())
                .isEqualTo(404);
    }

    @Test
    void upload_whatIsNotAllowed_isRefusedAndLeavesNothing() throws Exception {
        Map<String, String> wrongHash = new LinkedHashMap<>();
        String hash =
                upload(house.ben, "a.png", PNG, Map.of()).json().path("hash").asText();
        wrongHash.put("expected_hash", hash.substring(0, hash.length() - 2) + (hash.endsWith("00") ? "11" : "00"));

        Seen mismatch = upload(house.ann, "a.png", PNG, wrongHash);
        Seen nonsense = upload(house.ann, "a.png", "just words".getBytes(StandardCharsets.UTF_8), Map.of());
        Seen soon = upload(house.ann, "a.png", PNG, Map.of("expires_in", "1"));
        Seen noForm = house.post(ASSETS, house.ann, "{}");
        Seen broken = house.call(
                "POST", ASSETS, house.ann, "--x\r\nbroken", Map.of("Content-Type", "multipart/form-data; boundary=x"));

        Seen nameless = house.call(
                "POST",
                ASSETS,
                house.ann,
                "--x\r\nContent-Disposition: form-data\r\n\r\n1\r\n--x--\r\n",
                Map.of("Content-Type", "multipart/form-data; boundary=x"));
        byte[] latin = String.join(
                        "\r\n",
                        "--x",
                        "Content-Disposition: form-data; name=\"expires_in\"",
                        "",
                        "\u00e9",
                        "--x",
                        "Content-Disposition: form-data; name=\"file\"; filename=\"a.png\"",
                        "",
                        "1",
                        "--x--",
                        "")
                .getBytes(StandardCharsets.ISO_8859_1);
        Seen notUtf8 =
                house.send("POST", ASSETS, house.ann, latin, Map.of("Content-Type", "multipart/form-data; boundary=x"));

        assertThat(nameless.status()).isEqualTo(422);
        assertThat(notUtf8.status()).isEqualTo(422);
        assertThat(mismatch.code()).isEqualTo("hash_mismatch");
        assertThat(nonsense.status()).isEqualTo(415);
        assertThat(soon.status()).isEqualTo(422);
        assertThat(noForm.status()).isEqualTo(415);
        assertThat(broken.status()).isEqualTo(400);
        assertThat(house.get(ASSETS, house.ann).json().path("assets")).isEmpty();
        assertThat(leftovers()).isEmpty();
    }
}
