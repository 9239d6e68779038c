package io.tollgate.app.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tollgate.app.command.Cli.Run;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every command, as a user types it, on a real data directory. */
final class CommandsTest {
    @TempDir
    private Path dir;

    private Cli cli = new Cli(Path.of(""));
    private Path photo = Path.of("");

    @BeforeEach
    void makeDirectory() throws IOException {
        cli = new Cli(dir.resolve("data"));
        photo = Cli.photo(dir.resolve("photo.jpg"));
    }

    private String queued() {
        cli.ok("credits grant local 100");
        return cli.json("submit video-pan -i image=@%s", photo).path("id").asText();
    }

    @Test
    void submitWatch_photoIn_pictureOutSettledAndAudited() throws IOException {
        cli.ok("credits grant local 100");

        JsonNode job =
                cli.json("submit image-enhance -i image=@%s -i scale=2 --watch --out %s", photo, dir.resolve("out"));

        assertThat(job.path("status").asText()).isEqualTo("succeeded");
        assertThat(job.path("inputs").path("scale").asInt()).isEqualTo(2);
        assertThat(job.path("cost").path("held").asInt()).isEqualTo(10);
        assertThat(job.path("cost").path("captured").asInt()).isEqualTo(10);
        assertThat(job.path("cost").path("released").asInt()).isZero();
        assertThat(job.path("attempts")).hasSize(1);
        assertThat(job.path("history").findValuesAsText("status")).containsExactly("queued", "running", "succeeded");
        URI url = URI.create(job.path("outputs").path(0).path("url").asText());
        BufferedImage picture = ImageIO.read(Path.of(url).toFile());
        assertThat(List.of(picture.getWidth(), picture.getHeight())).containsExactly(128, 96);
        JsonNode credits = cli.json("credits show local");
        assertThat(credits.path("available").asInt()).isEqualTo(110); // with the trial
        assertThat(credits.path("held").asInt()).isZero();
        JsonNode audit = cli.json("audit");
        assertThat(audit.path("ok").asBoolean()).isTrue();
        assertThat(audit.path("counts").path("jobs").asInt()).isEqualTo(1);
    }

    @Test
    void submit_withoutWatch_isQueuedAndHeld() {
        String id = queued();

        JsonNode job = cli.json("jobs show %s", id);
        assertThat(job.path("status").asText()).isEqualTo("queued");
        assertThat(job.path("queue_position").asInt()).isEqualTo(1);
        assertThat(job.path("cost").path("held").asInt()).isEqualTo(30);
        assertThat(cli.json("credits show local").path("held").asInt()).isEqualTo(30);
    }

    @Test
    void submit_sameKeyAndBody_isTheSameJob() {
        cli.ok("credits grant local 100");
        String line = "submit video-pan -i image=@" + photo + " --idempotency-key k1";

        String first = cli.json(line).path("id").asText();

        assertThat(cli.json(line).path("id").asText()).isEqualTo(first);
        assertThat(cli.json("jobs list").path("jobs")).hasSize(1);
        assertThat(cli.json("credits show local").path("held").asInt()).isEqualTo(30);
    }

    @Test
    void submit_priorityAndTag_areKept() {
        cli.ok("credits grant local 100");

        JsonNode job = cli.json("submit video-pan -i image=@%s --priority 5 --tag blue", photo);

        assertThat(job.path("priority").asInt()).isEqualTo(5);
        assertThat(cli.json("jobs list --tag blue").path("jobs")).hasSize(1);
        assertThat(cli.json("jobs list --tag red").path("jobs")).isEmpty();
    }

    @Test
    void jobsList_filters() {
        String id = queued();

        assertThat(cli.json("jobs list --status queued --workflow video-pan --limit 5")
                        .path("jobs")
                        .findValuesAsText("id"))
                .contains(id);
        assertThat(cli.json("jobs list --status succeeded").path("jobs")).isEmpty();
        assertThat(cli.json("jobs list --user ann").path("jobs")).isEmpty();
        assertThat(cli.json("jobs list --user ann --all").path("jobs")).hasSize(1);
        assertThat(cli.ok("jobs list").out()).contains(id, "video-pan", "30 held");
    }

    @Test
    void jobsCancel_thenRetry_releasesAndHoldsAgain() {
        String id = queued();

        assertThat(cli.json("jobs cancel %s", id).path("status").asText()).isEqualTo("canceled");
        assertThat(cli.json("jobs cancel %s", id).path("status").asText()).isEqualTo("canceled");
        assertThat(cli.json("credits show local").path("available").asInt()).isEqualTo(120); // with the trial

        JsonNode again = cli.json("jobs retry %s", id);
        assertThat(again.path("retry_of").asText()).isEqualTo(id);
        assertThat(cli.ok("credits history local").out()).contains("release", id);
        assertThat(again.path("cost").path("held").asInt()).isEqualTo(30);
    }

    @Test
    void jobsWatch_runsWhatWaits_thenRerun() {
        cli.ok("credits grant local 100");
        String id =
                cli.json("submit image-frame -i image=@%s", photo).path("id").asText();

        assertThat(cli.json("jobs watch %s", id).path("status").asText()).isEqualTo("succeeded");
        assertThat(cli.json("jobs rerun %s", id).path("rerun_of").asText()).isEqualTo(id);
    }

    @Test
    void jobsWhy_tellsTheStory() {
        String id = queued();

        assertThat(cli.ok("jobs why %s", id).out())
                .startsWith("it waits, number 1")
                .contains("queued");
        assertThat(cli.json("jobs why %s", id).path("history")).hasSize(1);
    }

    @Test
    void jobsResolve_ofAWaitingJob_isRefused() {
        String id = queued();

        Run run = cli.run("jobs resolve %s failed --reason looked", id);

        assertThat(run.code()).isEqualTo(1);
        assertThat(run.err().lines()).singleElement().asString().contains(id, "queued");
        assertThat(cli.json("jobs show %s", id).path("status").asText()).isEqualTo("queued");
    }

    @Test
    void credits_grantAdjustHistory() {
        cli.ok("credits grant ann 12.5 --reason welcome");
        cli.ok("credits adjust ann 2 --reason forgotten");
        assertThat(cli.json("credits adjust ann -3.25 --reason taken")
                        .path("available")
                        .asText())
                .isEqualTo("31.25"); // with the trial

        assertThat(cli.json("credits history ann").path("entries").findValuesAsText("kind"))
                .containsExactly("adjust", "adjust", "grant");
        assertThat(cli.json("credits history ann")
                        .path("entries")
                        .path(0)
                        .path("available")
                        .asText())
                .isEqualTo("-3.25");
        assertThat(cli.ok("credits history ann").out()).contains("taken", "-3.25", "cli");
        assertThat(cli.run("credits adjust ann -100 --reason much").code()).isEqualTo(1);
        assertThat(cli.json("credits show ann").path("available").asText()).isEqualTo("31.25");
    }

    @Test
    void trial_paysForTheFirstJob_andWhySaysSo() {
        JsonNode before = cli.json("credits show local");
        String id =
                cli.json("submit image-enhance -i image=@%s", photo).path("id").asText();
        JsonNode after = cli.json("credits show local");
        JsonNode why = cli.json("jobs why %s", id);

        assertThat(before.path("available").asInt()).isEqualTo(20);
        assertThat(before.path("trial").path("left").asInt()).isEqualTo(20);
        assertThat(before.path("grants")).isEmpty();
        assertThat(after.path("available").asInt()).isEqualTo(10);
        assertThat(after.path("trial").path("left").asInt()).isEqualTo(10);
        assertThat(why.path("receipt").asText()).isEqualTo("held 10");
        assertThat(why.path("paid_from").path(0).path("source").asText()).isEqualTo("trial");
        assertThat(cli.ok("jobs why %s", id).out()).contains("held 10", "10 from grant 1, trial");
        assertThat(cli.ok("credits show local").out()).contains("trial      10 left until");
    }

    @Test
    void draw_onceADay_makesTheDaysJobsCheaper() throws IOException {
        Path config = Files.writeString(
                dir.resolve("tollgate.conf"), "lucky-draw { win { chance = 100, percent-off = 30 } }");
        String with = " --config " + config;
        cli.ok("credits grant local 100" + with);

        JsonNode first = cli.json("credits draw local" + with);
        JsonNode second = cli.json("credits draw local" + with);
        JsonNode job = cli.json("submit video-pan -i image=@%s" + with, photo);

        assertThat(first.path("prize").asText()).isEqualTo("win");
        assertThat(first.path("percent_off").asInt()).isEqualTo(30);
        assertThat(first.path("again").asBoolean()).isFalse();
        assertThat(second.path("again").asBoolean()).isTrue();
        assertThat(second.path("roll")).isEqualTo(first.path("roll"));
        assertThat(job.path("cost").path("held").asInt()).isEqualTo(21);
        assertThat(cli.ok("jobs why %s" + with, job.path("id").asText()).out())
                .contains("of a list price of 30: the day's lucky draw (30 to 21)");
        assertThat(cli.ok("credits show local" + with).out()).contains("draw       win, 30 % off on ");
    }

    @Test
    void draw_thatIsSwitchedOff_saysWhatToDo() throws IOException {
        Path config = Files.writeString(dir.resolve("tollgate.conf"), "lucky-draw {}");

        Cli.Run run = cli.run("credits draw local --config " + config);

        assertThat(run.code()).isEqualTo(1);
        assertThat(run.err().lines()).singleElement().asString().contains("lucky-draw");
    }

    @Test
    void draw_asShipped_hasFourPrizes() {
        JsonNode drawn = cli.json("credits draw local");

        assertThat(drawn.path("prize").asText() + " "
                        + drawn.path("percent_off").asInt())
                .isIn("SSR 50", "SR 30", "R 15", "C 5");
    }

    @Test
    void quota_ofTheDay_isShownUntilItIsUsedUp() {
        for (int i = 0; i < 5; i++) {
            assertThat(cli.json("submit image-frame -i image=@%s", photo)
                            .path("cost")
                            .path("held")
                            .asInt())
                    .isZero();
        }

        Cli.Run sixth = cli.run("submit image-frame -i image=@" + photo);
        JsonNode quota = cli.json("credits show local").path("quotas").path(0);

        assertThat(sixth.code()).isEqualTo(1);
        assertThat(sixth.err().lines())
                .singleElement()
                .asString()
                .contains("your 5 free runs of 'image-frame' for today are used up; there are new ones at 2");
        assertThat(quota.path("workflow").asText()).isEqualTo("image-frame");
        assertThat(quota.path("held").asInt()).isEqualTo(5);
        assertThat(quota.path("left").asInt()).isZero();
        assertThat(cli.ok("credits show local").out())
                .contains("quota      0 of 5 free runs of image-frame left until");
        cli.ok("users tier local black_gold");
        assertThat(cli.ok("credits show local").out()).contains("quota      image-frame as often as you like");
        cli.ok("submit image-frame -i image=@%s", photo);
    }

    @Test
    void dryRun_promisesAPriceThatIsKeptOnce() {
        cli.ok("credits grant local 100");
        cli.ok("users tier local silver");

        JsonNode quote = cli.json("submit video-pan -i image=@%s --dry-run", photo);
        String id = quote.path("quote_id").asText();
        cli.ok("users tier local standard");
        JsonNode job = cli.json("submit video-pan -i image=@%s --quote %s", photo, id);

        assertThat(quote.path("price").asInt()).isEqualTo(27);
        assertThat(quote.path("list_price").asInt()).isEqualTo(30);
        assertThat(quote.path("discount").asInt()).isEqualTo(3);
        assertThat(quote.path("lane").asText()).isEqualTo("regular");
        assertThat(quote.path("sufficient_credits").asBoolean()).isTrue();
        assertThat(quote.path("available").asInt()).isEqualTo(120);
        assertThat(quote.path("expires_at").asText()).isNotEmpty();
        assertThat(quote.path("steps").path(0).path(0).path("rule").asText()).isEqualTo("tier-discount");
        assertThat(cli.json("jobs list").path("jobs")).hasSize(1);
        assertThat(job.path("cost").path("held").asInt()).isEqualTo(27);
        assertThat(cli.ok("jobs why %s", job.path("id").asText()).out()).contains("the quote's price (30 to 27)");
        Cli.Run again = cli.run("submit video-pan -i image=@" + photo + " --quote " + id);
        assertThat(again.code()).isEqualTo(1);
        assertThat(again.err()).contains("was used at").contains("ask for a new one");
        assertThat(cli.run("submit image-enhance -i image=@" + photo + " --quote " + id)
                        .err())
                .contains("is for another request");
        assertThat(cli.run("submit video-pan --quote 17 -i image=@" + photo).err())
                .contains("not the id of a quote");
    }

    @Test
    void dryRun_forPeople_saysThePriceStepByStep() {
        Cli.Run run = cli.ok("submit video-pan -i image=@%s --dry-run", photo);

        assertThat(run.out())
                .contains("binds until", "price      30 of 30", "available  20, not enough", "lane       regular");
        assertThat(cli.run("submit video-pan --dry-run --watch -i image=@" + photo)
                        .code())
                .isEqualTo(1);
    }

    @Test
    void why_ofADiscountedJob_namesTheRule() {
        cli.ok("credits grant local 100");
        cli.ok("users tier local silver");
        String id = cli.json("submit video-pan -i image=@%s", photo).path("id").asText();

        JsonNode why = cli.json("jobs why %s", id);

        assertThat(why.path("list_price").asInt()).isEqualTo(30);
        assertThat(why.path("price").path(0).path("rule").asText()).isEqualTo("tier-discount");
        assertThat(why.path("price").path(0).path("after").asInt()).isEqualTo(27);
        assertThat(cli.ok("jobs why %s", id).out())
                .contains("held 27", "of a list price of 30: the tier's discount (30 to 27)");
        cli.ok("jobs cancel %s", id);
        assertThat(cli.ok("jobs show %s", id).out()).contains("held 27, charged 0, returned 27: the job was canceled");
    }

    @Test
    void usersTier_goldPaysNothing() {
        cli.ok("users tier local gold");

        assertThat(cli.json("users show local").path("tier").asText()).isEqualTo("gold");
        assertThat(cli.json("submit video-pan -i image=@%s", photo)
                        .path("cost")
                        .path("held")
                        .asInt())
                .isZero();
        assertThat(cli.run("users tier local platinum").err()).contains("gold", "black_gold");
    }

    @Test
    void limits_setAndBack() {
        assertThat(cli.json("limits set java2d-image 3").path("limits").toString())
                .contains("{\"model\":\"java2d-image\",\"max_concurrent\":3,\"set\":true,\"running\":0}");
        assertThat(cli.json("limits set java2d-image default").path("limits").toString())
                .contains("{\"model\":\"java2d-image\",\"max_concurrent\":5,\"set\":false,\"running\":0}");
        assertThat(cli.json("limits list").path("limits").findValuesAsText("model"))
                .contains("nano-banana", "kling-1.6", "java2d-video");
        assertThat(cli.run("limits set java2d-image 51").err()).contains("between 1 and 50");
    }

    @Test
    void queues_pauseDrainResume() {
        assertThat(cli.ok("queues pause video").out()).contains("paused");
        assertThat(cli.json("queues list").path("queues").findValuesAsText("mode"))
                .containsExactly("open", "paused");
        assertThat(cli.ok("queues drain video").out()).contains("draining");
        assertThat(cli.ok("queues resume video").out()).doesNotContain("draining");
        assertThat(cli.run("queues pause audio").err()).contains("there is no queue 'audio'", "image", "video");
    }

    @Test
    void backendsList_showsTheConfiguredOnes() {
        JsonNode backend = cli.json("backends list").path("backends").path(0);

        assertThat(backend.path("id").asText()).isEqualTo("java2d");
        assertThat(backend.path("slots").asInt()).isEqualTo(2);
        assertThat(backend.path("queues")).hasSize(2);
    }

    @Test
    void deliveries_noneYet() {
        assertThat(cli.json("deliveries list --state dead").path("deliveries")).isEmpty();
        assertThat(cli.run("deliveries redeliver 0190a0f0-0000-7000-8000-000000000000")
                        .err())
                .contains("there is no delivery");
    }

    @Test
    void webhooks_areAddedRotatedAndRemoved() {
        JsonNode added = cli.json("webhooks add https://example.com/hook --events job.failed,expired");
        String id = added.path("id").asText();
        assertThat(added.path("secret").asText()).startsWith("whsec_");

        JsonNode listed = cli.json("webhooks list").path("webhooks");
        assertThat(listed).hasSize(1);
        assertThat(listed.path(0).path("events"))
                .extracting(JsonNode::asText)
                .containsExactly("job.failed", "job.expired");
        assertThat(listed.path(0).path("state").asText()).isEqualTo("active");
        assertThat(listed.path(0).path("secret").isNull()).isTrue();
        assertThat(cli.json("webhooks list --user eve").path("webhooks")).isEmpty();

        assertThat(cli.json("webhooks rotate " + id).path("secret").asText())
                .startsWith("whsec_")
                .isNotEqualTo(added.path("secret").asText());
        assertThat(cli.json("webhooks rotate").path("secret").asText()).startsWith("whsec_");
        assertThat(cli.run("webhooks remove " + id + " --user eve").err()).contains("eve has no webhook");
        assertThat(cli.ok("webhooks remove " + id).out()).contains("removed");
        assertThat(cli.json("webhooks list").path("webhooks")).isEmpty();
    }

    @Test
    void webhooks_thatCantBe_areRefusedInALine() {
        assertThat(cli.run("webhooks add http://127.0.0.1/hook").err())
                .contains("this is no address for a webhook: private, loopback");
        assertThat(cli.run("webhooks add https://example.com/hook --events job.paused")
                        .err())
                .contains("there is no event 'job.paused'");
        assertThat(cli.run("webhooks test nonsense").err()).contains("not a webhook's id");
        assertThat(cli.run("webhooks test 0190a0f0-0000-7000-8000-000000000000").err())
                .contains("local has no webhook");
    }

    @Test
    void storage_countsFiles() {
        queued();

        JsonNode storage = cli.json("storage");
        assertThat(storage.path("kinds").path(0).path("kind").asText()).isEqualTo("image/jpeg");
        assertThat(storage.path("kinds").path(0).path("files").asInt()).isEqualTo(1);
        assertThat(storage.path("ages").path(0).path("age").asText()).isEqualTo("hour");
        assertThat(storage.path("ages").path(0).path("files").asInt()).isEqualTo(1);
        assertThat(storage.path("users").path(0).path("user").asText()).isEqualTo("local");
        assertThat(storage.path("users").path(0).path("bytes").asLong())
                .isEqualTo(storage.path("kinds").path(0).path("bytes").asLong())
                .isPositive();
        assertThat(storage.path("expired").path("files").asInt()).isZero();
        assertThat(storage.path("database_bytes").asLong()).isPositive();
    }

    @Test
    void migrate_statusUpDown() {
        cli.ok("credits grant local 1");

        assertThat(cli.json("migrate").path("migrations").findValuesAsText("state"))
                .isNotEmpty()
                .containsOnly("applied");
        assertThat(cli.json("migrate down").path("migrations").findValuesAsText("state"))
                .contains("pending");
        assertThat(cli.run("audit").err()).contains("migrate");
        assertThat(cli.json("migrate up").path("migrations").findValuesAsText("state"))
                .containsOnly("applied");
    }

    @Test
    void backup_isSoundAndLeavesNoFileAlone() throws IOException {
        queued();
        Path other = Files.createDirectories(dir.resolve("other"));

        cli.ok("backup %s", other.resolve("tollgate.db"));

        assertThat(new Cli(other).json("audit").path("counts").path("jobs").asInt())
                .isEqualTo(1);
        assertThat(cli.run("backup %s", other.resolve("tollgate.db")).err()).contains("there is a file already");
    }

    @Test
    void doctor_freshDirectory_findsNothing() {
        JsonNode found = cli.json("doctor");

        assertThat(found.path("ok").asBoolean()).isTrue();
        assertThat(found.path("checks").findValuesAsText("health")).containsOnly("ok");
    }

    @Test
    void group_withoutCommand_isWrongUsage() {
        Run run = cli.run("jobs");

        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err()).contains("list", "show", "cancel");
    }

    @Test
    void demo_allWorkflowsSucceedAndNothingIsLeft() throws IOException {
        Run run = Cli.runAs(
                List.of("demo", photo.toString(), "--out", dir.resolve("demo").toString(), "--json"));

        assertThat(run.code()).as(run.err()).isZero();
        JsonNode demo = run.json();
        assertThat(demo.path("jobs").findValuesAsText("workflow"))
                .containsExactlyInAnyOrder("image-enhance", "image-frame", "video-orbit", "video-pan", "video-zoom");
        assertThat(demo.path("available").asInt()).isEqualTo(120); // with the trial
        assertThat(demo.path("held").asInt()).isZero();
        assertThat(demo.path("audit").path("ok").asBoolean()).isTrue();
        try (Stream<Path> outputs = Files.list(dir.resolve("demo"))) {
            assertThat(outputs).hasSize(5).allMatch(file -> file.toFile().length() > 0);
        }
    }
}
