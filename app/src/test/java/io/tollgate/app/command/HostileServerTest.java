package io.tollgate.app.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.tollgate.app.command.Cli.Run;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whatever a server answers ends in one line, within bounds, and never shows the key. */
final class HostileServerTest {
    private static final String KEY = "tg_live_geheimgeheimgeheimgeheim";
    private static final String ID = "0190a0f0-0000-7000-8000-000000000000";

    @TempDir
    private Path dir;

    private final AtomicInteger calls = new AtomicInteger();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private HttpServer server;

    @BeforeEach
    void open() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 10);
        server.setExecutor(threads);
        server.start();
    }

    @AfterEach
    void close() {
        server.stop(0);
        threads.shutdownNow();
    }

    private URI url() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    private interface Answer {
        void to(HttpExchange call) throws IOException;
    }

    private void answers(Answer answer) {
        server.createContext("/", call -> {
            calls.incrementAndGet();
            try (call) {
                call.getRequestBody().readAllBytes();
                answer.to(call);
            }
        });
    }

    private static Answer text(int status, String type, String text) {
        return call -> {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            call.getResponseHeaders().set("Content-Type", type);
            call.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
            if (bytes.length > 0) {
                call.getResponseBody().write(bytes);
            }
        };
    }

    private Run refused(String line) {
        Run run = Served.run(url(), KEY, line);
        assertThat(run.code()).as(run.out() + run.err()).isEqualTo(1);
        assertThat(run.err().lines()).as(run.err()).hasSize(1);
        assertThat(run.err().length()).isLessThan(2000);
        assertThat(run.err() + run.out()).doesNotContain("geheim", "Exception", "\u001b");
        return run;
    }

    @Test
    void pageInPlaceOfADocument_isSaid() {
        answers(text(200, "text/html", "<html>Welcome</html>"));

        assertThat(refused("jobs list").err()).contains("not Tollgate's");
        assertThat(refused("jobs show " + ID).err()).contains("not Tollgate's");
    }

    @Test
    void notFoundOfSomethingElse_isSaid() {
        answers(text(404, "text/html", "<html>no</html>"));

        assertThat(refused("jobs show " + ID).err()).contains("answered 404", "before /api");
    }

    @Test
    void wrongTypes_areSaid() {
        answers(text(
                200,
                "application/json",
                "{\"id\":[1],\"status\":7,\"jobs\":[{\"id\":{},\"cost\":\"x\"}],"
                        + "\"user_id\":\"a\",\"available\":\"much\",\"created_at\":\"yesterday\"}"));

        assertThat(refused("jobs show " + ID).err()).contains("makes no sense");
        assertThat(refused("jobs list").err()).contains("makes no sense");
        assertThat(refused("credits show").err()).contains("makes no sense");
    }

    @Test
    @Timeout(60)
    void numbersTooLargeToWriteOut_areSaid() {
        answers(text(
                200,
                "application/json",
                "{\"user_id\":\"a\",\"available\":1e999999999,\"held\":-1e999999999,\"text\":1e999999999,"
                        + "\"mode\":1e-999999999}"));

        assertThat(refused("credits show").err()).contains("makes no sense");
        assertThat(refused("credits show --json").err()).contains("makes no sense");
        Run notice = Served.run(url(), KEY, "notice --json");
        assertThat(notice.out().length() + notice.err().length()).isLessThan(5000);
        assertThat(notice.err()).doesNotContain("Exception");
    }

    @Test
    void failureInside_ofWhatMayHaveHappened_saysHowToFindOut() {
        answers(text(500, "application/json", "{\"error\":{\"code\":\"internal\",\"message\":\"sorry\"}}"));

        assertThat(refused("submit image-enhance -i scale=2").err())
                .contains("sorry; whether the job was taken is not known", "--idempotency-key ");
        assertThat(refused("credits adjust ann 5 --reason because").err())
                .contains("sorry; whether it was booked is not known", "--idempotency-key ");
        assertThat(refused("credits grant ann 5 --idempotency-key mine").err()).endsWith("--idempotency-key mine\n");
        assertThat(refused("jobs rerun " + ID).err()).contains("look with 'tollgate jobs list' first");
    }

    @Test
    void failureInside_afterFilesWereSent_keepsThemForTheNextTry() throws IOException {
        List<String> seen = new ArrayList<>();
        answers(call -> {
            String what = call.getRequestMethod() + " " + call.getRequestURI().getPath();
            seen.add(what);
            if (what.equals("POST /api/v2/assets/from-hash")) {
                text(404, "application/json", "{\"error\":{\"code\":\"blob_not_found\",\"message\":\"no\"}}")
                        .to(call);
            } else if (what.equals("POST /api/v2/assets")) {
                text(201, "application/json", "{\"id\":\"" + ID + "\",\"created_new\":true}")
                        .to(call);
            } else {
                text(500, "application/json", "{\"error\":{\"code\":\"internal\",\"message\":\"sorry\"}}")
                        .to(call);
            }
        });
        Path file = Cli.photo(dir.resolve("photo.jpg"));

        Run run = Served.run(url(), KEY, "submit image-enhance -i image=@%s", file);

        assertThat(run.err()).contains("is not known");
        assertThat(seen).containsExactly("POST /api/v2/assets/from-hash", "POST /api/v2/assets", "POST /api/v2/jobs");
    }

    @Test
    void keysThatNoHeaderTakes_areRefusedBeforeAnythingIsSent() throws IOException {
        answers(text(200, "application/json", "{}"));
        Path file = Cli.photo(dir.resolve("photo.jpg"));

        for (String key : List.of("ключ", "é", "a\nb", "a b", "", "k".repeat(256))) {
            for (String line : List.of(
                    "submit image-enhance -i image=@" + file,
                    "credits grant ann 5",
                    "credits adjust ann 5 --reason why")) {
                Run run = Served.run(url(), KEY, line + " --idempotency-key %s", key);
                assertThat(run.code()).as(line + key).isEqualTo(1);
                assertThat(run.err().lines())
                        .singleElement()
                        .asString()
                        .contains("--idempotency-key must have 1 to 255");
            }
        }
        assertThat(calls).hasValue(0);
    }

    @Test
    void deliveries_moreThanAPage_areAskedForByPages() {
        List<String> seen = new ArrayList<>();
        answers(call -> {
            String query = call.getRequestURI().getQuery();
            seen.add(query);
            int from = query.contains("cursor=c1") ? 200 : 0;
            int count = from == 0 ? 200 : 50;
            String items = "{\"id\":\"x\"},".repeat(count);
            text(
                            200,
                            "application/json",
                            "{\"deliveries\":[" + items.substring(0, items.length() - 1) + "],\"next_cursor\":\"c1\"}")
                    .to(call);
        });

        Run run = Served.run(url(), KEY, "deliveries list --state dead --limit 250 --json");

        assertThat(run.json().path("deliveries")).hasSize(250);
        assertThat(seen).hasSize(2).allMatch(query -> query.contains("state=dead"));
        assertThat(seen.get(1)).contains("limit=50", "cursor=c1");
    }

    @Test
    void endlessRedirects_areNotFollowed() {
        answers(call -> {
            call.getResponseHeaders().set("Location", url() + "/again?key=" + KEY);
            call.sendResponseHeaders(302, -1);
        });

        assertThat(refused("jobs list").err()).contains("sends us on to");
        assertThat(calls).hasValue(1);
    }

    @Test
    void endlessAnswer_isCutOff() {
        byte[] blanks = " ".repeat(1 << 16).getBytes(StandardCharsets.UTF_8);
        answers(call -> {
            call.sendResponseHeaders(200, 0);
            while (true) {
                call.getResponseBody().write(blanks);
            }
        });

        assertThat(refused("jobs list").err()).contains("more than 32 MiB");
    }

    @Test
    void errorsThatEchoTheKeyAndMoveTheCursor_areMadeHarmless() {
        answers(call -> text(
                        400,
                        "application/json",
                        "{\"error\":{\"code\":\"odd\",\"message\":\"you sent "
                                + call.getRequestHeaders().getFirst("Authorization")
                                + " \\u001b[2J and more\\nlines\"}}")
                .to(call));

        assertThat(refused("jobs list").err()).contains("you sent");
    }

    @Test
    void documentsThatEchoTheKey_hideIt() {
        answers(call -> text(
                        200,
                        "application/json",
                        "{\"text\":\"" + call.getRequestHeaders().getFirst("Authorization") + "\\u001b[2J\"}")
                .to(call));

        Run told = Served.run(url(), KEY, "notice");
        Run json = Served.run(url(), KEY, "notice --json");

        assertThat(told.out() + json.out()).contains("(hidden)").doesNotContain("geheim", "\u001b");
    }

    @Test
    void passingTroubleOfAServer_isTriedAgain() {
        answers(call -> text(
                        calls.get() < 3 ? 503 : 200,
                        "application/json",
                        calls.get() < 3
                                ? "{\"error\":{\"code\":\"unavailable\",\"message\":\"soon\"}}"
                                : "{\"jobs\":[]}")
                .to(call));

        assertThat(Served.run(url(), KEY, "jobs list").out()).contains("no jobs");
        assertThat(calls).hasValue(3);
    }

    @Test
    void waitThatIsTooLong_isNotWaited() {
        answers(call -> {
            call.getResponseHeaders().set("Retry-After", "3600");
            text(429, "application/json", "{\"error\":{\"code\":\"rate_limited\",\"message\":\"slow down\"}}")
                    .to(call);
        });

        assertThat(refused("jobs list").err()).contains("slow down");
        assertThat(calls).hasValue(1);
    }

    @Test
    void eventsThatAreNone_end() {
        answers(call -> text(
                        200,
                        "application/json",
                        "{\"id\":\"" + ID + "\",\"status\":\"queued\",\"workflow\":\"../../x\"}")
                .to(call));

        Run run = Served.run(url(), KEY, "jobs watch " + ID);

        assertThat(run.code()).isEqualTo(1);
        assertThat(run.err()).contains("sends no events", "the job goes on");
    }

    @Test
    void outputsThatAreOther_areNotKept() throws IOException {
        String job =
                "{\"id\":\"" + ID + "\",\"status\":\"succeeded\",\"workflow\":\"../../x\",\"outputs\":[{\"id\":\"" + ID
                        + "\",\"name\":\"../../../evil.sh\",\"content_type\":\"image/png\",\"size_bytes\":4,\"hash\":\"blake3:"
                        + "0".repeat(64) + "\"}]}";
        answers(call -> {
            String path = call.getRequestURI().getPath();
            if (path.endsWith("/events")) {
                text(200, "text/event-stream", "id: 1\nevent: status\ndata: {\"status\":\"succeeded\"}\n\n")
                        .to(call);
            } else if (path.endsWith("/content")) {
                text(200, "image/png", "evil").to(call);
            } else {
                text(200, "application/json", job).to(call);
            }
        });
        Path out = dir.resolve("out");

        Run run = Served.run(url(), KEY, "jobs watch %s --out %s", ID, out);

        assertThat(run.code()).isEqualTo(1);
        assertThat(run.err()).contains("its hash is another");
        try (var files = Files.list(out)) {
            assertThat(files).isEmpty();
        }
    }

    @Test
    void nobodyThere_saysHowToStartAServer() {
        URI url = url();
        server.stop(0);

        Run run = Served.run(url, KEY, "jobs list");

        assertThat(run.code()).isEqualTo(1);
        assertThat(run.err().lines()).singleElement().asString().contains("tollgate serve", url.toString());
    }

    @Test
    void keyThatIsWrongOrMissing_saysWhereItGoes() {
        answers(text(401, "application/json", "{\"error\":{\"code\":\"unauthorized\",\"message\":\"no such key\"}}"));

        assertThat(refused("jobs list").err()).contains("doesn't take this key");
        assertThat(Served.run(url(), "", "jobs list").err()).contains("TOLLGATE_KEY", "--key-file");
    }

    @Test
    void keyFile_isRead() throws IOException {
        List<String> seen = new ArrayList<>();
        answers(call -> {
            seen.add(Optional.ofNullable(call.getRequestHeaders().getFirst("Authorization"))
                    .orElse(""));
            text(200, "application/json", "{\"jobs\":[]}").to(call);
        });
        Path file = Files.writeString(dir.resolve("key"), KEY + "\n");

        assertThat(Cli.runAs(List.of("jobs", "list", "--url", url().toString(), "--key-file", file.toString()))
                        .code())
                .isZero();

        assertThat(seen).containsExactly("Bearer " + KEY);
    }

    @Test
    void whatDoesNotGoTogether_isWrongUsage() {
        String url = url().toString();
        Map<String, String> named = Map.of("TOLLGATE_URL", url, "TOLLGATE_KEY", KEY);
        Path data = dir.resolve("data");

        wrong(Map.of(), "jobs list --url " + url + " --data " + data, "--data");
        wrong(Map.of(), "jobs list --url " + url + " --config x.conf", "--config");
        wrong(Map.of(), "jobs list --url " + url + " --user ann", "goes by the key");
        wrong(Map.of(), "jobs list --key " + KEY, "--url");
        wrong(Map.of(), "jobs list --url " + url + " --key " + KEY + " --key-file k", "keep one");
        wrong(Map.of(), "jobs list --url ftp://host", "http://");
        wrong(Map.of(), "jobs list --url http://ann:geheim@host", "takes no user");
        wrong(Map.of(), "migrate --url " + url, "works on this machine only");
        wrong(Map.of(), "credits totals --url " + url, "works on this machine only");
        wrong(named, "jobs list --user ann", "TOLLGATE_URL is set");
        wrong(named, "migrate", "--data");
        wrong(named, "credits totals", "--data");
        assertThat(calls).hasValue(0);
        Run local = Cli.runAs(Cli.words("jobs list --data " + data), named);
        assertThat(local.code()).as(local.err()).isZero();
        assertThat(local.out()).contains("no jobs");
        assertThat(calls).hasValue(0);
    }

    private static void wrong(Map<String, String> environment, String line, String said) {
        Run run = Cli.runAs(Cli.words(line), environment);
        assertThat(run.code()).as(line + "\n" + run.err()).isEqualTo(2);
        assertThat(run.err().lines()).singleElement().asString().contains(said);
        assertThat(run.err()).doesNotContain("geheim");
    }
}
