package io.tollgate.app.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.tollgate.app.command.Cli.Run;
import io.tollgate.credits.account.UserId;
import io.tollgate.credits.ledger.Charge;
import io.tollgate.credits.ledger.Money;
import io.tollgate.credits.ledger.PaymentResult;
import io.tollgate.credits.payment.Payments;
import io.tollgate.http.ApiJson;
import io.tollgate.http.PaymentDocument;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The same commands on a data directory and against a server: what they print and how they end is the same. */
final class BothWaysTest {
    private static final Pattern ID = Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");
    private static final Pattern TIME = Pattern.compile("\\d{4}-\\d\\d-\\d\\d[T ]\\d\\d:\\d\\d:\\d\\d[.0-9]*Z?");
    private static final Pattern SPAN = Pattern.compile("\\d+([.]\\d+)? (s|min|h)\\b");

    /** What hangs on the machine, the moment or the way. */
    private static final Set<String> VARYING = Set.of(
            "url",
            "url_expires_at",
            "execution_ms",
            "queue_ms",
            "estimated_wait",
            "estimated_start_at",
            "estimated_completed_at",
            "seed",
            "roll",
            "prize",
            "percent_off",
            "key",
            "actor",
            "by",
            "revoked_by",
            "last_used_at",
            "slots");

    @TempDir
    private Path dir;

    private Path photo = Path.of("");
    private Function<String, Run> local = line -> new Run(0, "", "");
    private Function<String, Run> remote = local;
    private Served server;

    @BeforeEach
    void open() throws IOException {
        photo = Cli.photo(dir.resolve("photo.jpg"));
        Cli cli = new Cli(dir.resolve("data"));
        local = line -> cli.run(line);
        server = Served.at(dir.resolve("served"));
        remote = line -> server.run(line);
    }

    @AfterEach
    void close() {
        server.close();
    }

    /** Runs a line in both ways, with and without JSON, and returns the documents. */
    private Both same(String line) {
        Run here = local.apply(line + " --json");
        Run there = remote.apply(line + " --json");

        assertThat(there.code()).as("%s\n%s\n%s", line, here.err(), there.err()).isEqualTo(here.code());
        assertThat(there.err().lines().count())
                .as("%s\n%s\n%s", line, here.err(), there.err())
                .isEqualTo(here.err().lines().count());
        if (here.out().isEmpty()) {
            assertThat(there.out()).isEmpty();
            return new Both(TextNode.valueOf(here.err()), TextNode.valueOf(there.err()));
        }
        Both both = new Both(here.json(), there.json());
        assertThat(masked(both.there()).toPrettyString())
                .as(line)
                .isEqualTo(masked(both.here()).toPrettyString());
        return both;
    }

    /** The same for a line that changes nothing, and once more for people. */
    private Both sameTold(String line) {
        Both both = same(line);
        assertThat(masked(remote.apply(line).out()))
                .as(line)
                .isEqualTo(masked(local.apply(line).out()));
        return both;
    }

    private record Both(JsonNode here, JsonNode there) {
        Both at(String name) {
            return new Both(here.path(name), there.path(name));
        }

        Both id() {
            return at("id");
        }
    }

    /** A line about two jobs, one here and one there. */
    private Both same(String line, Both id) {
        Function<String, Run> hereBefore = local;
        Function<String, Run> thereBefore = remote;
        local = words -> hereBefore.apply(words.replace("ID", id.here().asText()));
        remote = words -> thereBefore.apply(words.replace("ID", id.there().asText()));
        try {
            return line.contains(" show") || line.contains(" why") ? sameTold(line) : same(line);
        } finally {
            local = hereBefore;
            remote = thereBefore;
        }
    }

    private static String masked(String text) {
        String plain = TIME.matcher(ID.matcher(text).replaceAll("ID")).replaceAll("TIME");
        return SPAN.matcher(plain)
                .replaceAll("SPAN")
                .replaceAll("(cli|admin):local *", "BY ")
                .replaceAll(" {2,}", "  ");
    }

    private static JsonNode masked(JsonNode node) {
        if (node instanceof ObjectNode object) {
            ObjectNode sorted = object.objectNode();
            object.properties().stream().sorted(Map.Entry.comparingByKey()).forEach(entry -> {
                boolean varies = VARYING.contains(entry.getKey());
                sorted.set(entry.getKey(), varies ? TextNode.valueOf("VARIES") : masked(entry.getValue()));
            });
            return sorted;
        } else if (node instanceof ArrayNode array) {
            ArrayNode all = array.arrayNode();
            array.forEach(item -> all.add(masked(item)));
            return all;
        } else if (node.isTextual()) {
            return TextNode.valueOf(masked(node.asText()).replaceFirst("^(adjust:)?(cli|http|call):", "ONCE:"));
        }
        return node;
    }

    @Test
    void jobs_fromSubmitToRerun() {
        same("credits grant local 500 --reason to-try-it");
        same("queues pause image");
        same("queues pause video");
        same("jobs list");

        Both job = same("submit image-enhance -i image=@" + photo + " -i scale=2 --tag blue")
                .id();
        same("submit image-enhance -i image=@" + photo + " --dry-run").at("price");
        same("jobs show ID", job);
        same("jobs why ID", job);
        sameTold("jobs list --status queued --workflow image-enhance --tag blue");
        sameTold("jobs list --all");
        sameTold("queues list");
        sameTold("credits show local");
        sameTold("credits show");
        same("jobs resolve ID failed --reason looked", job);
        same("jobs cancel ID", job);
        same("jobs cancel ID", job);
        Both retried = same("jobs retry ID", job).id();
        same("jobs retry ID", retried);
        same("jobs show ID", job);
        assertThat(local.apply("queues resume image").code()).isZero();
        assertThat(remote.apply("queues resume image").code()).isZero(); // begins at once there

        Both done = same("jobs watch ID --out " + dir.resolve("out"), retried);
        assertThat(done.there().path("status").asText()).isEqualTo("succeeded");
        same("jobs show ID", retried);
        same("jobs cancel ID", retried);
        assertThat(local.apply("queues pause image").code()).isZero();
        assertThat(remote.apply("queues pause image").code()).isZero();
        same("jobs rerun ID --keep-seed", retried);
        sameTold("credits history local --limit 20");
        sameTold("users show local");
    }

    @Test
    void submitWatch_bothWays_makesTheSameFiles() throws IOException {
        Path here = dir.resolve("here");
        Path there = dir.resolve("there");

        Run run = local.apply("submit image-frame -i image=@" + photo + " --watch --out " + here + " --json");
        Run far = remote.apply("submit image-frame -i image=@" + photo + " --watch --out " + there + " --json");

        assertThat(run.code()).as(run.err()).isZero();
        assertThat(far.code()).as(far.err()).isZero();
        Path one = file(run);
        Path other = file(far);
        assertThat(other.getParent()).isEqualTo(there);
        assertThat(other).hasSameBinaryContentAs(one);
        assertThat(Files.getPosixFilePermissions(other)).isEqualTo(Files.getPosixFilePermissions(photo));
        try (var files = Files.list(there)) {
            assertThat(files).hasSize(1);
        }
    }

    private static Path file(Run run) {
        return Path.of(java.net.URI.create(
                run.json().path("outputs").path(0).path("url").asText()));
    }

    @Test
    void quote_bindsTheSameFileSentAgain() {
        same("queues pause image");
        Both quote =
                same("submit image-enhance -i image=@" + photo + " --dry-run").at("quote_id");

        same("submit image-enhance -i image=@" + photo + " --quote ID", quote);
        Both again = same("submit image-enhance -i image=@" + photo + " --quote ID", quote);

        assertThat(again.there().asText()).contains("was used at");
    }

    @Test
    void refusals_endTheSame() {
        same("submit image-enhanse -i image=@" + photo);
        same("submit image-enhance -i image=@" + photo + " -i scale=99");
        same("submit video-pan -i image=@" + photo); // too expensive
        same("submit video-pan -i image=@" + dir.resolve("none.jpg"));
        same("submit video-pan -i image=@" + photo + " --quote 0190a0f0-0000-7000-8000-000000000000");
        same("jobs show 0190a0f0-0000-7000-8000-000000000000");
        same("jobs show nonsense");
        same("jobs cancel 0190a0f0-0000-7000-8000-000000000000");
        same("jobs rerun 0190a0f0-0000-7000-8000-000000000000");
        same("credits grant local 0");
        same("credits adjust local -100 --reason taken");
        same("users tier local platinum");
        same("limits set java2d-image 51");
        same("limits set java2d-image many");
        same("queues pause audio");
        same("deliveries redeliver 0190a0f0-0000-7000-8000-000000000000");
        same("keys revoke 0190a0f0-0000-7000-8000-000000000000");
        same("jobs list --limit 0");
    }

    @Test
    void whatOperatorsDo_isTheSame() {
        same("credits grant ann 12.5 --reason welcome --idempotency-key one");
        same("credits grant ann 12.5 --reason welcome --idempotency-key one");
        same("credits grant ann 13 --reason welcome --idempotency-key one");
        same("credits adjust ann 2 --reason forgotten");
        same("credits adjust ann -3.25 --reason taken");
        sameTold("credits show ann");
        sameTold("credits history ann");
        same("users tier ann gold --until 2100-01-31T00:00:00Z");
        sameTold("users show ann");
        same("credits draw local");
        same("credits draw");
        same("limits set java2d-image 3");
        same("limits set java2d-image default");
        sameTold("limits list");
        same("queues drain video");
        sameTold("deliveries list");
        same("deliveries list --state dead --limit 5");
        sameTold("notice");
        same("notice back-soon");
        sameTold("notice");
        same("notice --clear");
        sameTold("submissions");
        same("submissions members_only --text only-for-members");
        sameTold("submissions");
        same("submissions enabled");
        same("audit");
    }

    @Test
    void jobs_thatWereCleared_areListedOnDemandOnly() {
        server.ok("credits grant local 100");
        server.ok("queues pause image");
        String id = server.json("submit image-enhance -i image=@" + photo)
                .path("id")
                .asText();
        server.ok("jobs cancel " + id);
        server.container()
                .tollgate()
                .operations()
                .clearFinished("admin:test")
                .toCompletableFuture()
                .join();
        Cli there = new Cli(dir.resolve("served"));

        assertThat(server.json("jobs list").path("jobs")).isEmpty();
        assertThat(there.json("jobs list").path("jobs")).isEmpty();
        assertThat(server.json("jobs list --cleared").path("jobs").findValuesAsText("id"))
                .contains(id);
        assertThat(there.json("jobs list --cleared").path("jobs").findValuesAsText("id"))
                .contains(id);
    }

    @Test
    void payments_areListedMatchedAndRefunded() {
        Both one = paid("r-1").id();
        Both two = paid("r-2").id();
        sameTold("payments list");
        sameTold("payments list --state unmatched --user eva --limit 1");
        sameTold("payments list --user adam");

        same("payments match ID eva 50 --reason paid-in-cash", one);
        same("payments match ID eva 50 --reason paid-in-cash", one);
        same("payments refund ID --reason unwanted", one);
        same("payments refund ID --reason unwanted", two);
        same("payments match 0190a0f0-0000-7000-8000-000000000000 eva 5 --reason because");
        same("payments refund 0190a0f0-0000-7000-8000-000000000000 --reason because");
        sameTold("payments list");
        sameTold("credits show eva");
    }

    private Both paid(String charge) {
        JsonNode here = new Cli(dir.resolve("data"))
                .json("payments record --user eva --money %s --charge %s", "20 EUR", charge);
        Payments payments = server.container().payments();
        PaymentResult there = payments.record(
                        Charge.once("manual", charge),
                        new UserId("eva"),
                        Money.parse("20 EUR"),
                        Optional.empty(),
                        "recorded by hand",
                        "cli")
                .toCompletableFuture()
                .join();
        return new Both(
                here,
                ApiJson.tree(PaymentDocument.of(PaymentsCommand.done(there).payment())));
    }

    @Test
    void keys_areMadeListedAndRevoked() {
        Both key = same("keys create --user ann --scopes jobs --name laptop --expires 30d");
        assertThat(key.there().path("key").asText()).startsWith("tg_live_");
        same("keys list --user ann");
        same("keys revoke ID", key.id());
        sameTold("keys list --user ann");
    }

    @Test
    void backends_areTheSame_butThatAServerAsksThem() {
        JsonNode here =
                local.apply("backends list --json").json().path("backends").path(0);
        JsonNode there =
                remote.apply("backends list --json").json().path("backends").path(0);

        assertThat(there.path("id")).isEqualTo(here.path("id"));
        assertThat(there.path("slots")).isEqualTo(here.path("slots"));
        assertThat(there.properties().stream().map(Map.Entry::getKey))
                .containsExactlyElementsOf(
                        here.properties().stream().map(Map.Entry::getKey).toList());
        assertThat(remote.apply("backends list").out()).contains("java2d", "ready");
        assertThat(local.apply("backends list").out()).contains("java2d", "not asked yet");
    }

    @Test
    void storageAndBackup_ofAServer_tellWhatTheServerTells() {
        JsonNode storage = remote.apply("storage --json").json();

        assertThat(storage.path("database_bytes").asLong()).isPositive();
        assertThat(remote.apply("storage").out()).contains("database", "free");
        assertThat(remote.apply("backup --json").json().path("bytes").asLong()).isPositive();
        assertThat(remote.apply("backup copy.db").code()).isEqualTo(2);
        assertThat(local.apply("backup").code()).isEqualTo(2);
    }
}
