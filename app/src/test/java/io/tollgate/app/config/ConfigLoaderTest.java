package io.tollgate.app.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tollgate.app.config.TollgateConfig.Backend;
import io.tollgate.app.config.TollgateConfig.BackendType;
import io.tollgate.app.config.TollgateConfig.Delivery;
import io.tollgate.app.config.TollgateConfig.Dispatch;
import io.tollgate.app.config.TollgateConfig.Http;
import io.tollgate.app.config.TollgateConfig.Limits;
import io.tollgate.app.config.TollgateConfig.Log;
import io.tollgate.app.config.TollgateConfig.LogFormat;
import io.tollgate.app.config.TollgateConfig.LogLevel;
import io.tollgate.app.config.TollgateConfig.Media;
import io.tollgate.app.config.TollgateConfig.Order;
import io.tollgate.app.config.TollgateConfig.Queue;
import io.tollgate.app.config.TollgateConfig.Raw;
import io.tollgate.app.config.TollgateConfig.StateStore;
import io.tollgate.app.config.TollgateConfig.Tier;
import io.tollgate.app.config.TollgateConfig.Webhooks;
import io.tollgate.credits.ledger.Amount;
import io.tollgate.credits.ledger.Money;
import io.tollgate.credits.payment.Pack;
import io.tollgate.queue.gate.QuoteTerms;
import io.tollgate.queue.job.BackendId;
import io.tollgate.queue.job.Lane;
import io.tollgate.queue.job.ModelName;
import io.tollgate.queue.job.NodeId;
import io.tollgate.queue.job.QueueName;
import io.tollgate.queue.job.RetryPolicy;
import io.tollgate.webhook.AllowedHost;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ConfigLoaderTest {
    private static final QueueName IMAGE = new QueueName("image");
    private static final QueueName VIDEO = new QueueName("video");
    private static final BackendId JAVA2D = new BackendId("java2d");

    @TempDir
    private Path dir;

    /** As shipped, but for where it listens. */
    private static Http http(String host, int port) {
        return new Http(
                host,
                port,
                10_000,
                16 * 1024,
                2 * 1024 * 1024,
                Duration.ofSeconds(30),
                Duration.ofSeconds(15),
                20,
                600,
                120,
                Set.of(),
                Duration.ofHours(1),
                Optional.empty());
    }

    @Test
    void load_nothingConfigured_hasTheDefaults() {
        TollgateConfig config = load("", Map.of()).config();

        assertThat(config.node()).isEqualTo(new NodeId("local"));
        assertThat(config.dataDir()).isEqualTo(Path.of("./data"));
        assertThat(config.database().url()).isEqualTo("jdbc:sqlite:./data/tollgate.db");
        assertThat(config.database().user()).isEmpty();
        assertThat(config.http()).isEqualTo(http("127.0.0.1", 8080));
        assertThat(config.queues())
                .isEqualTo(Map.of(
                        IMAGE, new Queue(List.of(), Order.FIFO),
                        VIDEO, new Queue(List.of(), Order.FIFO)));
        assertThat(config.backends())
                .isEqualTo(Map.of(
                        JAVA2D,
                        new Backend(
                                BackendType.JAVA2D,
                                2,
                                List.of(),
                                List.of(),
                                Optional.empty(),
                                0,
                                10,
                                Optional.empty(),
                                Duration.ofSeconds(60))));
        assertThat(config.backendsOf(IMAGE)).containsExactly(JAVA2D);
        assertThat(config.backendsOf(VIDEO)).containsExactly(JAVA2D);
        assertThat(config.models())
                .hasSize(9)
                .containsEntry(new ModelName("seedream-4.5"), 3)
                .containsEntry(new ModelName("flash-scanner-v2.5"), 10);
        assertThat(config.modelLimit(new ModelName("nobody-named-it"), IMAGE)).isEqualTo(5);
        assertThat(config.modelLimit(new ModelName("nobody-named-it"), VIDEO)).isEqualTo(2);
        assertThat(config.modelLimit(new ModelName("flux-2-pro"), IMAGE)).isEqualTo(2);
        assertThat(config.raw()).isEqualTo(new Raw(Amount.credits(10), IMAGE, new ModelName("raw")));
        assertThat(config.tiers())
                .isEqualTo(Map.of(
                        "silver", new Tier(Lane.REGULAR, false, false, 10, false, Optional.empty()),
                        "gold", new Tier(Lane.REGULAR, true, false, 0, false, Optional.empty()),
                        "black_gold", new Tier(Lane.VIP, true, true, 0, false, Optional.empty())));
        assertThat(config.limits())
                .isEqualTo(new Limits(
                        20,
                        100_000,
                        60,
                        Duration.ofHours(24),
                        Duration.ofHours(1),
                        new BigDecimal("0.25"),
                        1,
                        QuoteTerms.DEFAULT));
        assertThat(config.dispatch())
                .isEqualTo(new Dispatch(
                        Duration.ofMinutes(2),
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(30),
                        Duration.ofSeconds(30),
                        RetryPolicy.DEFAULT));
        assertThat(config.delivery())
                .isEqualTo(new Delivery(
                        Duration.ofSeconds(15), Duration.ofHours(24), Duration.ofSeconds(5), Duration.ofHours(1), 4));
        assertThat(config.webhooks())
                .isEqualTo(new Webhooks(Duration.ofSeconds(15), false, List.of(), Duration.ofDays(5)));
        assertThat(config.media())
                .isEqualTo(new Media(Path.of("./data/media"), Duration.ofDays(7), 50L << 20, 2L << 30));
        assertThat(config.workflowsDir()).isEqualTo(Path.of("./data/workflows"));
        assertThat(config.log()).isEqualTo(new Log(LogFormat.TEXT, LogLevel.INFO));
        assertThat(config.eventRetention()).isEqualTo(Duration.ofDays(30));
        assertThat(config.stateStore()).isEqualTo(StateStore.MEMORY);
        assertThat(config.telegramToken()).isEmpty();
        assertThat(config.packs()).isEmpty();
        assertThat(config.invoiceExpires()).isEqualTo(Duration.ofHours(24));
    }

    @Test
    void load_everyKeyInAFile_isRead() {
        String text = """
                node = n-2, data-dir = /srv
                database { url = "jdbc:postgresql://db/tollgate", user = tollgate, password = geheim }
                http {
                  host = "0.0.0.0", port = 0, key-secret = "0123456789abcdef0123456789abcdef", max-connections = 9
                  max-header-size = 8K, max-json-size = 1M, idle-timeout = 5s, heartbeat = 6s, streams-per-user = 7
                  calls-per-minute = 0, anonymous-calls-per-minute = 8, cors-origins = ["https://a"], link-lifetime = 2h
                }
                queues { portrait { backends = [gpu-1, gpu-2], order = fair } }
                backends {
                  gpu-1 { type = comfyui, url = "http://gpu:8188", slots = 3, queues = [image, portrait], tags = [xl, big], prefetch = 1, connections = 20, authorization = "Bearer abc", lease = 90s }
                  gpu-2 { type = java2d }
                }
                models { flux-2-pro = 7, "own-1.0" = 1 }
                model-defaults { portrait = 9, image = 6 }
                raw { price = 2.5, queue = portrait, model = other }
                tiers.silver {
                  lane = relaxed, free-of-charge = yes, unlimited = on, discount-percent = 15, watermark = false
                  jobs-at-most = 3
                }
                limits {
                  queued-per-user = 1, queued-in-all = 2, submissions-per-minute = 3, waiting-at-most = 4h
                  promote-after = 5m, relaxed-share = 0.5, relaxed-per-user = 6
                }
                quotes { lifetime = 1h, open-per-user = 7 }
                dispatch {
                  lease-ttl = 61s, lookup-grace = 250ms, sweep-every = 7s, stop-grace = 0s
                  retry { attempts = 5, base = 1s, cap = 2d }
                }
                dispatch.retry.cap = 1d
                delivery {
                  timeout = 1s, retry-for = 2h, retry-base = 3s, retry-cap = 4s, per-target = 5
                }
                webhooks {
                  timeout = 7s, allow-private-targets = true, allowed-hosts = [hooks.internal, "10.1.0.0/16"]
                  pause-after = 2h
                }
                media { dir = /media, retention = 1d, max-input-bytes = 1024, max-bytes-per-user = 0 }
                workflows.dir = /flows
                log { format = json, level = debug }
                events.retention = 90d
                packs.small { title = "50 credits", price = "4.99 EUR", credits = 50 }
                packs.large { title = "300 credits", price = "19.99 EUR", credits = 300 }
                payments.invoice-expires = 2h
                state.store = redis
                telegram.token = "123456:abc"
                """;

        TollgateConfig config = load(text, Map.of()).config();

        assertThat(config.node().value()).isEqualTo("n-2");
        assertThat(config.dataDir()).isEqualTo(Path.of("/srv"));
        assertThat(config.database().url()).isEqualTo("jdbc:postgresql://db/tollgate");
        assertThat(config.database().user()).contains("tollgate");
        assertThat(config.database().password()).contains(new Secret("geheim"));
        assertThat(config.http())
                .isEqualTo(new Http(
                        "0.0.0.0",
                        0,
                        9,
                        8 * 1024,
                        1024 * 1024,
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(6),
                        7,
                        0,
                        8,
                        Set.of("https://a"),
                        Duration.ofHours(2),
                        Optional.of(new Secret("0123456789abcdef0123456789abcdef"))));
        assertThat(config.queues().get(new QueueName("portrait")))
                .isEqualTo(new Queue(List.of(new BackendId("gpu-1"), new BackendId("gpu-2")), Order.FAIR));
        assertThat(config.backends())
                .isEqualTo(Map.of(
                        new BackendId("gpu-1"),
                        new Backend(
                                BackendType.COMFYUI,
                                3,
                                List.of(IMAGE, new QueueName("portrait")),
                                List.of("xl", "big"),
                                Optional.of(URI.create("http://gpu:8188")),
                                1,
                                20,
                                Optional.of(new Secret("Bearer abc")),
                                Duration.ofSeconds(90)),
                        new BackendId("gpu-2"),
                        new Backend(
                                BackendType.JAVA2D,
                                1,
                                List.of(),
                                List.of(),
                                Optional.empty(),
                                0,
                                10,
                                Optional.empty(),
                                Duration.ofSeconds(60))));
        assertThat(config.backendsOf(VIDEO)).containsExactly(new BackendId("gpu-2"));
        assertThat(config.modelLimit(new ModelName("flux-2-pro"), IMAGE)).isEqualTo(7);
        assertThat(config.modelLimit(new ModelName("own-1.0"), IMAGE)).isEqualTo(1);
        assertThat(config.modelLimit(new ModelName("x"), IMAGE)).isEqualTo(6);
        assertThat(config.modelLimit(new ModelName("x"), new QueueName("portrait")))
                .isEqualTo(9);
        assertThat(config.raw())
                .isEqualTo(new Raw(Amount.parse("2.5"), new QueueName("portrait"), new ModelName("other")));
        assertThat(config.tiers())
                .containsEntry("silver", new Tier(Lane.RELAXED, true, true, 15, false, Optional.of(3)));
        assertThat(config.limits())
                .isEqualTo(new Limits(
                        1,
                        2,
                        3,
                        Duration.ofHours(4),
                        Duration.ofMinutes(5),
                        new BigDecimal("0.5"),
                        6,
                        new QuoteTerms(Duration.ofHours(1), 7)));
        assertThat(config.dispatch())
                .isEqualTo(new Dispatch(
                        Duration.ofSeconds(61),
                        Duration.ofMillis(250),
                        Duration.ofSeconds(7),
                        Duration.ZERO,
                        new RetryPolicy(5, Duration.ofSeconds(1), Duration.ofDays(1))));
        assertThat(config.delivery())
                .isEqualTo(new Delivery(
                        Duration.ofSeconds(1), Duration.ofHours(2), Duration.ofSeconds(3), Duration.ofSeconds(4), 5));
        assertThat(config.webhooks())
                .isEqualTo(new Webhooks(
                        Duration.ofSeconds(7),
                        true,
                        List.of(AllowedHost.parse("hooks.internal"), AllowedHost.parse("10.1.0.0/16")),
                        Duration.ofHours(2)));
        assertThat(config.media()).isEqualTo(new Media(Path.of("/media"), Duration.ofDays(1), 1024, 0));
        assertThat(config.workflowsDir()).isEqualTo(Path.of("/flows"));
        assertThat(config.log()).isEqualTo(new Log(LogFormat.JSON, LogLevel.DEBUG));
        assertThat(config.eventRetention()).isEqualTo(Duration.ofDays(90));
        assertThat(config.stateStore()).isEqualTo(StateStore.REDIS);
        assertThat(config.telegramToken()).contains(new Secret("123456:abc"));
        assertThat(config.packs())
                .containsExactly(
                        new Pack("small", "50 credits", Money.parse("4.99 EUR"), Amount.credits(50)),
                        new Pack("large", "300 credits", Money.parse("19.99 EUR"), Amount.credits(300)));
        assertThat(config.invoiceExpires()).isEqualTo(Duration.ofHours(2));
    }

    @Test
    void load_dataDirAlone_movesEverythingThatHasNoPlaceOfItsOwn() {
        TollgateConfig config = load("data-dir = /srv", Map.of()).config();

        assertThat(config.database().url()).isEqualTo("jdbc:sqlite:/srv/tollgate.db");
        assertThat(config.media().dir()).isEqualTo(Path.of("/srv/media"));
        assertThat(config.workflowsDir()).isEqualTo(Path.of("/srv/workflows"));
    }

    @Test
    void load_severalProblems_tellsAllAtOnceWithTheirLines() {
        String text = """
                http { port = 99999 }
                limits {
                  queued-per-usr = 3
                  waiting-at-most = 24
                }
                queues.image.backends = [gpu-7]
                dispatch.retry { base = 2m, cap = 1m }
                """;

        List<String> lines = problems(text, Map.of());

        assertThat(lines)
                .containsExactlyInAnyOrder(
                        file() + ":1: http.port = 99999: must be a whole number from 0 to 65535",
                        file()
                                + ":3: limits.queued-per-usr: there is no such key; did you mean limits.queued-per-user?",
                        file() + ":4: limits.waiting-at-most = 24: must be a time with its unit from 1s to 365d",
                        file() + ":6: queues.image.backends: there is no 'gpu-7'; there are: java2d",
                        file() + ":7: dispatch.retry.cap = 1m: must be at least dispatch.retry.base = 2m");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "http.port = abc | http.port = \"abc\": must be a whole number",
                "http.port = 1.5 | http.port = 1.5: must be a whole number",
                "time-zone = Atlantis | must be a time zone",
                "trial.every = 1s | must be a time with its unit from 1m to 365d",
                "lucky-draw.win.chance = 100 | lucky-draw.win.percent-off: must be given",
                "packs.small { title = x, credits = 5 } | packs.small.price: must be given",
                "packs.small { title = x, price = \"4.999 EUR\", credits = 5 } | packs.small.price",
                "packs.small { title = x, price = \"0 EUR\", credits = 5 } | must be an amount more than 0",
                "packs.small { title = x, price = \"-1 EUR\", credits = 5 } | must be an amount more than 0",
                "packs.small { title = x, price = \"1 EUR\", credits = 0 } | must be credits from 0.01",
                "packs.Small.credits = 5 | the name of a pack is",
                "payments.invoice-expires = 1s | must be a time with its unit from 1m to 365d",
                "lucky-draw.win = { chance = 99, percent-off = 5 } | must add up to 100 percent, not 99",
                "http.port = [1] | must be a whole number",
                "http.port = null | must be a whole number",
                "http = 8080 | http: must be a section { … }, not 8080",
                "port = 8080 | port: there is no such key; did you mean http.port?",
                "htpp.port = 1 | htpp: there is no such key; did you mean http?",
                "log.level = loud | must be one of error, warn, info, debug, trace",
                "limits.relaxed-share = 1.01 | must be a number from 0 to 1",
                "dispatch.lease-ttl = 2 minutes | must be a time with its unit from 5s to 1h",
                "dispatch.lease-ttl = 2h | must be a time with its unit from 5s to 1h",
                "media.max-input-bytes = 5 parsecs | must be a size such as 50MiB",
                "models.flux-2-pro = 0 | must be a whole number from 1 to 50",
                "models.\"a b\" = 1 | not a valid model name: 'a b'",
                "queues.Image.order = fifo | not a valid queue name: 'Image'",
                "tiers.Gold.lane = vip | not a valid tier name: 'Gold'",
                "tiers.gold.lane = first | must be one of vip, regular, relaxed",
                "backends.gpu.slots = 1 | backends.gpu.type: must be given: one of java2d, comfyui, worker",
                "backends.gpu.type = comfy | backends.gpu.type = \"comfy\": must be one of java2d, comfyui, worker",
                "backends.gpu.type = Java | backends.gpu.type = \"Java\": must be one of java2d, comfyui, worker",
                "backends.gpu.type = comfyui | backends.gpu.url: must be given for comfyui",
                "backends.java2d.url = \"http://x\" | java2d runs in this process",
                "backends.box { type = worker, url = \"http://x\" } | workers come by themselves",
                "backends.box { type = worker, lease = 2h } | must be a time with its unit from 1s to 1h",
                "backends.gpu { type = comfyui, url = \"ftp://x\" } | must be an address such as http",
                "backends.java2d.queues = [vdeo] | there is no 'vdeo'; did you mean video?",
                "model-defaults.vido = 2 | there is no 'vido'; did you mean video?",
                "raw.queue = none | raw.queue: there is no 'none'",
                "raw.price = 1.005 | must be credits from 0 to 1000000 with at most two decimals",
                "raw.price = -1 | must be credits from 0",
                "database.url = \"mysql://x\" | must be a JDBC address",
                "node = \"\" | must be a name",
                "queues.image.backends = [java2d, java2d] | must be a list",
                "node = ${NOBODY} | NOBODY",
                "node = { | tollgate.conf:1: expecting",
                "include \"missing.conf\" | missing.conf",
                "include url(\"http://127.0.0.1:1/x\") | addresses are never included",
                "include classpath(\"logback.xml\") | only files are included",
                "include \"tollgate.conf\" | it includes itself"
            })
    void load_wrong_saysWhatIsAllowed(String text, String expected) {
        assertThat(problems(text, Map.of())).singleElement().asString().contains(expected);
    }

    @Test
    void load_missingFile_saysSo() {
        Path missing = dir.resolve("none.conf");

        assertThatThrownBy(() -> ConfigLoader.load(Optional.of(missing), Map.of(), Map.of()))
                .isInstanceOf(ConfigException.class)
                .hasMessage(missing + ": there is no such file");
    }

    @Test
    void load_nestedWithoutEnd_isRefused() {
        assertThat(problems("node = " + "[".repeat(200_000), Map.of())).containsExactly(file() + ": nested too deeply");
    }

    @Test
    void environment_overridesTheFile_andTheCommandLineBoth() {
        Path file = write("http { port = 1, host = a }\ndata-dir = /file");

        TollgateConfig config = ConfigLoader.load(
                        Optional.of(file),
                        Map.of("TOLLGATE_HTTP_PORT", "2", "TOLLGATE_HTTP_HOST", "b", "TOLLGATE_DATA_DIR", "/env"),
                        Map.of("http.port", "3"))
                .config();

        assertThat(config.http()).isEqualTo(http("b", 3));
        assertThat(config.database().url()).isEqualTo("jdbc:sqlite:/env/tollgate.db");
    }

    @Test
    void environment_everyKey_isTaken() {
        for (Key<?> key : Keys.ALL) {
            String variable = key.environmentName();

            List<String> found = problems("", Map.of(variable, "no kind takes this \u0000".repeat(300)));

            assertThat(found).as(variable).anyMatch(line -> line.startsWith("environment " + variable + ": "));
        }
    }

    @Test
    void environment_namesOfTheOperators_areFoundOrMade() {
        TollgateConfig config = load(
                        "tiers.blue_1.lane = regular",
                        Map.of(
                                "TOLLGATE_BACKENDS_GPU_1_TYPE", "comfyui",
                                "TOLLGATE_BACKENDS_GPU_1_URL", "http://gpu:8188",
                                "TOLLGATE_QUEUES_IMAGE_BACKENDS", "gpu-1",
                                "TOLLGATE_MODELS_SEEDREAM_4_5", "4",
                                "TOLLGATE_TIERS_BLUE_1_LANE", "vip",
                                "TOLLGATE_MODEL_DEFAULTS_VIDEO", "3"))
                .config();

        assertThat(config.backends()).containsOnlyKeys(new BackendId("gpu-1"));
        assertThat(config.backendsOf(IMAGE)).containsExactly(new BackendId("gpu-1"));
        assertThat(config.models()).containsEntry(new ModelName("seedream-4.5"), 4);
        assertThat(config.tiers())
                .hasEntrySatisfying("blue_1", tier -> assertThat(tier.lane()).isEqualTo(Lane.VIP));
        assertThat(config.modelDefaults()).containsEntry(VIDEO, 3);
    }

    @Test
    void environment_shippedBackendNamed_staysAndIsChanged() {
        TollgateConfig config =
                load("", Map.of("TOLLGATE_BACKENDS_JAVA2D_SLOTS", "7")).config();

        assertThat(config.backends())
                .isEqualTo(Map.of(
                        JAVA2D,
                        new Backend(
                                BackendType.JAVA2D,
                                7,
                                List.of(),
                                List.of(),
                                Optional.empty(),
                                0,
                                10,
                                Optional.empty(),
                                Duration.ofSeconds(60))));
    }

    @Test
    void environment_unknownVariable_isAWarning() {
        LoadedConfig loaded = load("", Map.of("TOLLGATE_HTTP_PROT", "1", "TOLLGATE_URL", "x", "OTHER", "y"));

        assertThat(loaded.warnings())
                .containsExactly(
                        "environment TOLLGATE_HTTP_PROT: there is no such key; did you mean TOLLGATE_HTTP_PORT?");
    }

    @Test
    void environment_emptyVariable_saysNothing() {
        LoadedConfig loaded =
                load("telegram.token = ${?BOT}", Map.of("BOT", "", "TOLLGATE_HTTP_PORT", "", "TOLLGATE_NODE", "n"));

        assertThat(loaded.config().telegramToken()).isEmpty();
        assertThat(loaded.config().http().port()).isEqualTo(8080);
    }

    @Test
    void environment_inSubstitution_isTaken() {
        assertThat(load("telegram { token = ${?BOT} }", Map.of("BOT", "12:ab"))
                        .config()
                        .telegramToken())
                .contains(new Secret("12:ab"));
    }

    @Test
    void secret_fromFile_isReadWithoutItsLineBreak() throws IOException {
        Path secret = Files.writeString(dir.resolve("token"), "123:abc\n");

        LoadedConfig loaded = load("", Map.of("TOLLGATE_TELEGRAM_TOKEN_FILE", secret.toString()));

        assertThat(loaded.config().telegramToken()).contains(new Secret("123:abc"));
    }

    @Test
    void secret_fileMissingOrTwice_isRefused() {
        Map<String, String> missing =
                Map.of("TOLLGATE_TELEGRAM_TOKEN_FILE", dir.resolve("none").toString());
        Map<String, String> twice = Map.of("TOLLGATE_TELEGRAM_TOKEN_FILE", "x", "TOLLGATE_TELEGRAM_TOKEN", "y");

        assertThat(problems("", missing)).singleElement().asString().contains("must be a file that can be read");
        assertThat(problems("", twice)).singleElement().asString().contains("keep one");
    }

    @Test
    void secrets_areNeverShown() {
        String text = """
                database { url = "jdbc:postgresql://me:pass-1@db/x?password=pass-2&ssl=true", password = pass-3 }
                telegram.token = "pass-4"
                """;

        LoadedConfig loaded = load(text, Map.of());

        assertThat(loaded.settings()
                        + loaded.config().toString()
                        + loaded.config().database())
                .contains("jdbc:postgresql://me:(hidden)@db/x?password=(hidden)&ssl=true")
                .doesNotContain("pass-1", "pass-2", "pass-3", "pass-4");
        assertThat(problems("telegram.token = [\"pass-5\"]\ntelegram.tokn = pass-6", Map.of()))
                .hasSize(2)
                .noneMatch(line -> line.contains("pass-"));
    }

    @Test
    void settings_sayWhoSaidSo() {
        LoadedConfig loaded = load("http.port = 1", Map.of("TOLLGATE_HTTP_HOST", "b"));

        assertThat(loaded.settings())
                .contains(
                        new Setting("http.port", "1", file() + ":1"),
                        new Setting("http.host", "\"b\"", "environment TOLLGATE_HTTP_HOST"))
                .anyMatch(setting ->
                        setting.key().equals("log.level") && setting.place().startsWith("defaults:"));
    }

    @Test
    void load_queueNobodyServes_isAWarning() {
        LoadedConfig loaded = load("backends.gpu { type = comfyui, url = \"http://gpu\", queues = [image] }", Map.of());

        assertThat(loaded.warnings()).containsExactly("queues.video: no backend serves it; its jobs will wait");
    }

    @Test
    void load_typeThatTheProgramBrings_isTakenWithOrWithoutAddress() {
        Path file = write("backends { near.type = own, far { type = own, url = \"http://far\" }, typo.type = owm }");

        assertThatThrownBy(() -> ConfigLoader.load(Optional.of(file), Map.of(), Map.of(), Set.of("own")))
                .isInstanceOfSatisfying(
                        ConfigException.class,
                        e -> assertThat(e.problems())
                                .extracting(Problem::text)
                                .containsExactly(
                                        "backends.typo.type = \"owm\": must be one of java2d, comfyui, worker, own"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"include \"other.conf\"", "include file(\"other.conf\")"})
    void include_fileBeside_isRead(String text) throws IOException {
        Files.writeString(dir.resolve("other.conf"), "http.port = 4");

        assertThat(load(text, Map.of()).config().http().port()).isEqualTo(4);
    }

    private LoadedConfig load(String text, Map<String, String> environment) {
        return ConfigLoader.load(Optional.of(write(text)), environment, Map.of());
    }

    private List<String> problems(String text, Map<String, String> environment) {
        try {
            load(text, environment);
        } catch (ConfigException e) {
            return e.problems().stream().map(Problem::toString).toList();
        }
        throw new AssertionError("nothing was wrong");
    }

    private Path write(String text) {
        try {
            return Files.writeString(file(), text);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private Path file() {
        return dir.resolve("tollgate.conf");
    }
}
