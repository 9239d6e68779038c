package io.tollgate.app.config;

import static io.tollgate.app.config.Key.key;

import io.tollgate.app.config.TollgateConfig.BackendType;
import io.tollgate.app.config.TollgateConfig.LogFormat;
import io.tollgate.app.config.TollgateConfig.LogLevel;
import io.tollgate.app.config.TollgateConfig.Order;
import io.tollgate.app.config.TollgateConfig.StateStore;
import io.tollgate.credits.ledger.Amount;
import io.tollgate.credits.ledger.Invoice;
import io.tollgate.credits.ledger.LuckyDraw;
import io.tollgate.credits.ledger.Money;
import io.tollgate.credits.payment.Pack;
import io.tollgate.queue.job.BackendId;
import io.tollgate.queue.job.Lane;
import io.tollgate.queue.job.ModelName;
import io.tollgate.queue.job.NodeId;
import io.tollgate.queue.job.QueueName;
import io.tollgate.webhook.AllowedHost;
import java.math.BigDecimal;
import java.net.URI;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/** All keys there are. */
final class Keys {
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration HOUR = Duration.ofHours(1);
    private static final Duration YEAR = Duration.ofDays(365);
    private static final Kind<QueueName> QUEUE_NAME =
            Kind.named("queue", "the name of a queue (a-z 0-9 . _ -)", QueueName::new);
    private static final Kind<BackendId> BACKEND_ID =
            Kind.named("backend", "the name of a backend (a-z 0-9 . _ -)", BackendId::new);
    private static final Kind<Integer> AT_ONCE = Kind.whole(1, 50);

    static final Kind<Amount> PRICE =
            Kind.named("credits", "credits from 0 to 1000000 with at most two decimals", text -> {
                Amount amount = Amount.parse(text);
                if (amount.isNegative() || amount.compareTo(Amount.credits(1_000_000)) > 0) {
                    throw new IllegalArgumentException();
                }
                return amount;
            });

    static final Key<NodeId> NODE = key(
            "node",
            Kind.named("name", "a name (A-Z a-z 0-9 . _ -)", NodeId::new),
            "This process among those on one database. It must stay the same over restarts.");
    static final Key<Path> DATA_DIR = key(
            "data-dir", Kind.path(), "Where everything is kept that has no place of its own; made if it isn't there.");
    static final Key<String> DATABASE_URL = key(
            "database.url",
            Kind.named("address", "a JDBC address: jdbc:sqlite:FILE or jdbc:postgresql://HOST/NAME", Keys::jdbc),
            "The database: `jdbc:sqlite:FILE` or `jdbc:postgresql://HOST/NAME`.");
    static final Key<String> DATABASE_USER =
            key("database.user", Kind.text(200), "Who to be at PostgreSQL. Not used by SQLite.");
    static final Key<Secret> DATABASE_PASSWORD =
            key("database.password", Kind.secret(), "The password at PostgreSQL. Keep it out of the address.");
    static final Key<String> HTTP_HOST =
            key("http.host", Kind.text(255), "Where the HTTP server listens. `0.0.0.0` opens it to the network.");
    static final Key<Integer> HTTP_PORT = key("http.port", Kind.whole(0, 65_535), "Its port; 0 takes any free one.");

    static final Key<Integer> HTTP_CONNECTIONS =
            key("http.max-connections", Kind.whole(1, 100_000), "The most connections at once.");
    static final Key<Long> HTTP_HEADERS =
            key("http.max-header-size", Kind.bytes(1024, 1 << 20), "The longest line and headers of a call.");
    static final Key<Long> HTTP_JSON = key("http.max-json-size", Kind.bytes(1024, 64 << 20), "The longest JSON body.");
    static final Key<Duration> HTTP_IDLE = key(
            "http.idle-timeout", Kind.span(SECOND, HOUR), "How long a connection may be silent before it is closed.");
    static final Key<Duration> HTTP_HEARTBEAT = key(
            "http.heartbeat", Kind.span(SECOND, HOUR), "How often a silent stream of events is given a sign of life.");
    static final Key<Integer> HTTP_STREAMS =
            key("http.streams-per-user", Kind.whole(1, 10_000), "The most streams of events of one user at once.");
    static final Key<Integer> HTTP_RATE =
            key("http.calls-per-minute", Kind.whole(0, 1_000_000), "How often one API key may call; 0 for no limit.");
    static final Key<Integer> HTTP_ANONYMOUS_RATE = key(
            "http.anonymous-calls-per-minute",
            Kind.whole(0, 1_000_000),
            "How often one address may call without a key, wrong keys included; 0 for no limit.");
    static final Key<List<String>> HTTP_ORIGINS = key(
            "http.cors-origins",
            Kind.listOf(Kind.text(255)),
            "Which web pages' scripts may call, as patterns such as `https://app\\.example\\.org`; none unless named.");
    static final Key<Duration> HTTP_LINKS = key(
            "http.link-lifetime",
            Kind.span(Duration.ofMinutes(1), Duration.ofDays(7)),
            "How long a signed address of a file works at least.");
    static final Key<Secret> HTTP_KEY_SECRET = key(
            "http.key-secret",
            Kind.secret(32),
            "What API keys are hashed with. Without it, `key.secret` in the data directory, made once. With another one no"
                    + " key is recognized any more.");

    static final Key<List<BackendId>> QUEUE_BACKENDS = key(
            "queues.NAME.backends",
            Kind.listOf(BACKEND_ID),
            "[]",
            "The backends that serve this queue; none named means every backend that doesn't name other queues.");
    static final Key<Order> QUEUE_ORDER = key(
            "queues.NAME.order",
            Kind.oneOf(Order.class),
            "fifo",
            "Who comes next within a lane and a priority: who came first, or who had least so far.");

    static final Key<BackendType> BACKEND_TYPE = key(
            "backends.NAME.type",
            Kind.named("java2d, comfyui or worker", "one of java2d, comfyui, worker", BackendType::new),
            "What it is: the embedded renderer, a ComfyUI server, or workers that come and fetch their work. Must be"
                    + " given.");
    static final Key<Integer> BACKEND_SLOTS =
            key("backends.NAME.slots", Kind.whole(1, 64), "1", "How many attempts it runs at once.");
    static final Key<List<QueueName>> BACKEND_QUEUES = key(
            "backends.NAME.queues",
            Kind.listOf(QUEUE_NAME),
            "[]",
            "The only queues that it serves; none named means any.");
    static final Key<List<String>> BACKEND_TAGS =
            key("backends.NAME.tags", Kind.listOf(Kind.text(64)), "[]", "What workflows may require of a backend.");
    static final Key<URI> BACKEND_URL = key(
            "backends.NAME.url", Kind.httpAddress(), "Where the ComfyUI server is. For `comfyui` only, and needed.");

    static final Key<Integer> BACKEND_PREFETCH = key(
            "backends.NAME.prefetch",
            Kind.whole(0, 4),
            "0",
            "How many more attempts wait there, so that it never idles between short ones. A VIP takes their place."
                    + " For `comfyui` only.");
    static final Key<Integer> BACKEND_CONNECTIONS = key(
            "backends.NAME.connections",
            Kind.whole(2, 100),
            "10",
            "The most HTTP connections to it at once; half of them carry files. For `comfyui` only.");
    static final Key<Secret> BACKEND_AUTHORIZATION = key(
            "backends.NAME.authorization",
            Kind.secret(),
            "What is sent as `Authorization` to a proxy in front of it, such as `Bearer …`. For `comfyui` only.");

    static final Key<Duration> BACKEND_LEASE = key(
            "backends.NAME.lease",
            Kind.span(SECOND, HOUR),
            "60s",
            "How long a worker may be silent before its attempt goes to another. For `worker` only.");

    static final Key<Integer> MODEL = key(
            "models.NAME",
            AT_ONCE,
            "The most jobs of this model that run at once, on all nodes together. The start value: `limits set` and"
                    + " the admin API change it at run time.");
    static final Key<Integer> MODEL_DEFAULT = key(
            "model-defaults.NAME",
            AT_ONCE,
            "The same for models that `models` doesn't name, by queue. A queue that isn't named here has 2.");

    static final Key<Amount> RAW_PRICE =
            key("raw.price", PRICE, "What a ComfyUI graph costs that is not in the catalogue.");
    static final Key<QueueName> RAW_QUEUE = key("raw.queue", QUEUE_NAME, "Where such graphs wait.");
    static final Key<ModelName> RAW_MODEL = key(
            "raw.model",
            Kind.named("model", "the name of a model (A-Z a-z 0-9 . _ -)", ModelName::new),
            "What they count against.");

    static final Key<Lane> TIER_LANE =
            key("tiers.NAME.lane", Kind.oneOf(Lane.class), "regular", "The lane that such users' jobs wait in.");
    static final Key<Boolean> TIER_FREE =
            key("tiers.NAME.free-of-charge", Kind.flag(), "false", "Whether their jobs cost nothing.");
    static final Key<Boolean> TIER_UNLIMITED =
            key("tiers.NAME.unlimited", Kind.flag(), "false", "Whether their free runs are not counted.");
    static final Key<Integer> TIER_DISCOUNT =
            key("tiers.NAME.discount-percent", Kind.whole(0, 100), "0", "What is taken off their prices.");
    static final Key<Boolean> TIER_WATERMARK =
            key("tiers.NAME.watermark", Kind.flag(), "true", "Whether their outputs are marked.");
    static final Key<Integer> TIER_QUEUED = key(
            "tiers.NAME.jobs-at-most",
            Kind.whole(1, 1_000_000),
            "The most jobs that such a user may have waiting or running. Without it, `limits.queued-per-user`.");

    static final Key<Amount> TRIAL_CREDITS = key(
            "trial.credits",
            PRICE,
            "What everybody may try things out with, anew in each period; what is left at its end is gone. 0 for nothing.");
    static final Key<Duration> TRIAL_EVERY = key(
            "trial.every",
            Kind.span(Duration.ofMinutes(1), YEAR),
            "How long a period is. A user's first begins with the first job; the others follow it exactly.");

    static final Key<BigDecimal> DRAW_CHANCE = key(
            "lucky-draw.NAME.chance",
            Kind.decimal("0.01", "100"),
            "How likely this prize is, in percent. All chances together are 100. No prizes, no draw.");
    static final Key<Integer> DRAW_PERCENT_OFF = key(
            "lucky-draw.NAME.percent-off", Kind.whole(0, 100), "What it takes off the price of each job of that day.");
    static final Key<ZoneId> TIME_ZONE = key(
            "time-zone", Kind.named("time zone", "a time zone such as Europe/Berlin", Keys::zone), "Whose days count.");

    static final Key<Integer> QUEUED_PER_USER = key(
            "limits.queued-per-user",
            Kind.whole(1, 1_000_000),
            "The most jobs that one user may have waiting or running.");
    static final Key<Integer> QUEUED_IN_ALL =
            key("limits.queued-in-all", Kind.whole(1, 10_000_000), "The most jobs that may wait in all queues.");
    static final Key<Integer> SUBMISSIONS_PER_MINUTE =
            key("limits.submissions-per-minute", Kind.whole(1, 1_000_000), "How often one user may submit.");
    static final Key<Duration> WAITING_AT_MOST =
            key("limits.waiting-at-most", Kind.span(SECOND, YEAR), "After this a waiting job expires, unpaid.");
    static final Key<Duration> PROMOTE_AFTER = key(
            "limits.promote-after", Kind.span(SECOND, YEAR), "After this a waiting paid job goes before all others.");
    static final Key<BigDecimal> RELAXED_SHARE = key(
            "limits.relaxed-share", Kind.decimal("0", "1"), "The largest part of the slots that unpaid jobs may have.");

    static final Key<Integer> RELAXED_PER_USER = key(
            "limits.relaxed-per-user",
            Kind.whole(0, 1_000_000),
            "The most jobs that one user may have waiting or running for nothing in the relaxed lane.");

    static final Key<Duration> QUOTE_LIFETIME =
            key("quotes.lifetime", Kind.span(SECOND, Duration.ofDays(30)), "How long a quoted price binds.");
    static final Key<Integer> QUOTES_PER_USER =
            key("quotes.open-per-user", Kind.whole(1, 1000), "The most quotes that one user may have open.");

    static final Key<Duration> LEASE_TTL = key(
            "dispatch.lease-ttl",
            Kind.span(Duration.ofSeconds(5), HOUR),
            "How long a node may be silent before another takes its attempts over.");
    static final Key<Duration> LOOKUP_GRACE = key(
            "dispatch.lookup-grace",
            Kind.span(Duration.ofMillis(100), Duration.ofMinutes(10)),
            "How long to wait before a run that its backend doesn't know is looked for a second time.");
    static final Key<Duration> SWEEP_EVERY = key(
            "dispatch.sweep-every",
            Kind.span(SECOND, HOUR),
            "How often to look for what nobody told; a safety net, not the usual way.");
    static final Key<Duration> STOP_GRACE = key(
            "dispatch.stop-grace",
            Kind.span(Duration.ZERO, HOUR),
            "How long running attempts get to end when the program stops. What is left is picked up after the start.");
    static final Key<Integer> RETRY_ATTEMPTS = key(
            "dispatch.retry.attempts",
            Kind.whole(1, 20),
            "How many attempts a job has, unless its workflow says otherwise.");
    static final Key<Duration> RETRY_BASE = key(
            "dispatch.retry.base",
            Kind.span(Duration.ZERO, HOUR),
            "The longest wait after the first failed attempt; doubles with each further one.");
    static final Key<Duration> RETRY_CAP = key(
            "dispatch.retry.cap", Kind.span(Duration.ZERO, Duration.ofDays(1)), "The longest wait between attempts.");

    static final Key<Duration> DELIVERY_TIMEOUT =
            key("delivery.timeout", Kind.span(SECOND, Duration.ofMinutes(5)), "How long one try may take.");
    static final Key<Duration> DELIVERY_RETRY_FOR = key(
            "delivery.retry-for",
            Kind.span(Duration.ZERO, Duration.ofDays(30)),
            "After this a message is parked as a dead letter, to be sent again by hand.");
    static final Key<Duration> DELIVERY_RETRY_BASE = key(
            "delivery.retry-base",
            Kind.span(Duration.ofMillis(100), HOUR),
            "The longest wait after the first failed try; doubles with each further one.");
    static final Key<Duration> DELIVERY_RETRY_CAP = key(
            "delivery.retry-cap",
            Kind.span(Duration.ofMillis(100), Duration.ofDays(1)),
            "The longest wait between tries.");
    static final Key<Integer> DELIVERY_PER_TARGET =
            key("delivery.per-target", Kind.whole(1, 64), "How many messages go to one target at once.");

    static final Key<Duration> WEBHOOK_TIMEOUT = key(
            "webhooks.timeout",
            Kind.span(SECOND, Duration.ofMinutes(5)),
            "How long one call may take, from looking up the name to the end of the answer. `delivery.timeout` ends it"
                    + " too.");
    static final Key<Boolean> WEBHOOK_PRIVATE = key(
            "webhooks.allow-private-targets",
            Kind.flag(),
            "Whether any private, loopback and link-local address may be called. Where clouds keep credentials is not"
                    + " meant by that.");
    static final Key<Duration> WEBHOOK_PAUSE_AFTER = key(
            "webhooks.pause-after",
            Kind.span(Duration.ofHours(1), YEAR),
            "A standing endpoint of which nothing but failures came for so long is told nothing more, until somebody"
                    + " resumes it.");
    static final Key<List<AllowedHost>> WEBHOOK_HOSTS = key(
            "webhooks.allowed-hosts",
            Kind.listOf(Kind.named(
                    "host", "the name of a host or a block of addresses such as 10.1.0.0/16", AllowedHost::parse)),
            "What may be called whatever it is: names, addresses and blocks of addresses.");

    static final Key<Path> MEDIA_DIR = key("media.dir", Kind.path(), "Where inputs and outputs are kept.");
    static final Key<Duration> MEDIA_RETENTION =
            key("media.retention", Kind.span(Duration.ofMinutes(1), YEAR), "How long they are kept.");
    static final Key<Long> MEDIA_MAX_INPUT =
            key("media.max-input-bytes", Kind.bytes(1, 10L << 30), "The largest input file.");
    static final Key<Long> MEDIA_MAX_PER_USER = key(
            "media.max-bytes-per-user",
            Kind.bytes(0, 1L << 50),
            "How much a user may have stored before further uploads are refused; outputs count, but no job fails of it."
                    + " 0 for no limit.");
    static final Key<Path> WORKFLOWS_DIR = key(
            "workflows.dir",
            Kind.path(),
            "Your own workflows, `NAME.conf` each. One that is named like a shipped one takes its place.");
    static final Key<LogFormat> LOG_FORMAT =
            key("log.format", Kind.oneOf(LogFormat.class), "Lines for people, or one JSON object a line.");
    static final Key<LogLevel> LOG_LEVEL = key("log.level", Kind.oneOf(LogLevel.class), "The least that is logged.");
    static final Key<Boolean> METRICS_OPEN = key(
            "metrics.open",
            Kind.flag(),
            "Whether `GET /metrics` needs no key. Where only this machine reaches the server, it needs none anyway.");
    static final Key<Boolean> METRICS_ENABLED = key(
            "metrics.enabled",
            Kind.flag(),
            "Whether the server counts and measures what happens, for `GET /metrics`; see `docs/observability.md`.");
    static final Key<URI> TRACING_ENDPOINT = key(
            "tracing.endpoint",
            Kind.httpAddress(),
            "Where traces of jobs are sent by OTLP, such as `http://127.0.0.1:4318/v1/traces`. Without it there are none;"
                    + " see `docs/observability.md`.");
    static final Key<Secret> TRACING_AUTHORIZATION =
            key("tracing.authorization", Kind.secret(), "What the collector wants in the header `Authorization`.");
    static final Key<BigDecimal> TRACING_SAMPLE =
            key("tracing.sample", Kind.decimal("0", "1"), "Which part of the jobs is traced.");
    static final Key<Duration> EVENTS_RETENTION = key(
            "events.retention",
            Kind.span(Duration.ofMinutes(1), Duration.ofDays(3650)),
            "How long events are kept, and messages that are over: delivered, or dead letters.");
    static final Key<StateStore> STATE_STORE = key(
            "state.store",
            Kind.oneOf(StateStore.class),
            "Where small values with a time to live are kept, such as sessions: in `memory` they end with the process."
                    + " The notice and the submission switch are always in the database. `redis` is not there yet.");
    static final Key<Secret> TELEGRAM_TOKEN =
            key("telegram.token", Kind.secret(), "The bot's token. Without it there is no bot.");

    static final Key<String> PACK_TITLE =
            key("packs.NAME.title", Kind.text(Pack.MAX_TITLE), "What people see of a pack of credits that is sold.");
    static final Key<Money> PACK_PRICE = key(
            "packs.NAME.price",
            Kind.named("money", "an amount more than 0 and a currency such as 4.99 EUR or 250 XTR", Keys::price),
            "What it costs. `XTR` are Telegram Stars.");
    static final Key<Amount> PACK_CREDITS = key(
            "packs.NAME.credits",
            Kind.named("credits", "credits from 0.01 to 1000000 with at most two decimals", Keys::sold),
            "How many credits one gets for it.");
    static final Key<Duration> INVOICE_EXPIRES = key(
            "payments.invoice-expires",
            Kind.span(Duration.ofMinutes(1), YEAR),
            "How long an invoice is offered. Money that comes for it later still counts.");
    static final Key<Boolean> DRAW_PROOF = key(
            "lucky-draw-proof",
            Kind.flag(),
            "Whether rolls are made of a secret of the day whose hash is known at once and which is shown when the day is"
                    + " over, so that everybody can check them; see `credits draw-proof`.");

    static final List<Key<?>> ALL = List.of(
            NODE,
            DATA_DIR,
            DATABASE_URL,
            DATABASE_USER,
            DATABASE_PASSWORD,
            HTTP_HOST,
            HTTP_PORT,
            HTTP_CONNECTIONS,
            HTTP_HEADERS,
            HTTP_JSON,
            HTTP_IDLE,
            HTTP_HEARTBEAT,
            HTTP_STREAMS,
            HTTP_RATE,
            HTTP_ANONYMOUS_RATE,
            HTTP_ORIGINS,
            HTTP_LINKS,
            HTTP_KEY_SECRET,
            QUEUE_BACKENDS,
            QUEUE_ORDER,
            BACKEND_TYPE,
            BACKEND_SLOTS,
            BACKEND_QUEUES,
            BACKEND_TAGS,
            BACKEND_URL,
            BACKEND_PREFETCH,
            BACKEND_CONNECTIONS,
            BACKEND_AUTHORIZATION,
            BACKEND_LEASE,
            MODEL,
            MODEL_DEFAULT,
            RAW_PRICE,
            RAW_QUEUE,
            RAW_MODEL,
            TIER_LANE,
            TIER_FREE,
            TIER_UNLIMITED,
            TIER_DISCOUNT,
            TIER_WATERMARK,
            TIER_QUEUED,
            TRIAL_CREDITS,
            TRIAL_EVERY,
            DRAW_CHANCE,
            DRAW_PERCENT_OFF,
            TIME_ZONE,
            QUEUED_PER_USER,
            QUEUED_IN_ALL,
            SUBMISSIONS_PER_MINUTE,
            WAITING_AT_MOST,
            PROMOTE_AFTER,
            RELAXED_SHARE,
            RELAXED_PER_USER,
            QUOTE_LIFETIME,
            QUOTES_PER_USER,
            LEASE_TTL,
            LOOKUP_GRACE,
            SWEEP_EVERY,
            STOP_GRACE,
            RETRY_ATTEMPTS,
            RETRY_BASE,
            RETRY_CAP,
            DELIVERY_TIMEOUT,
            DELIVERY_RETRY_FOR,
            DELIVERY_RETRY_BASE,
            DELIVERY_RETRY_CAP,
            DELIVERY_PER_TARGET,
            WEBHOOK_TIMEOUT,
            WEBHOOK_PRIVATE,
            WEBHOOK_HOSTS,
            WEBHOOK_PAUSE_AFTER,
            MEDIA_DIR,
            MEDIA_RETENTION,
            MEDIA_MAX_INPUT,
            MEDIA_MAX_PER_USER,
            WORKFLOWS_DIR,
            LOG_FORMAT,
            LOG_LEVEL,
            METRICS_ENABLED,
            METRICS_OPEN,
            TRACING_ENDPOINT,
            TRACING_AUTHORIZATION,
            TRACING_SAMPLE,
            EVENTS_RETENTION,
            STATE_STORE,
            TELEGRAM_TOKEN,
            PACK_TITLE,
            PACK_PRICE,
            PACK_CREDITS,
            INVOICE_EXPIRES,
            DRAW_PROOF);

    /** By section, what the names in it must be like. */
    static final Map<String, Consumer<String>> NAMES = Map.of(
            "queues", QueueName::new,
            "backends", BackendId::new,
            "models", ModelName::new,
            "model-defaults", QueueName::new,
            "tiers", Keys::tier,
            "lucky-draw", LuckyDraw.Prize::checkName,
            "packs", Invoice::checkPack);

    private static final Pattern TIER = Pattern.compile("[a-z][a-z0-9_-]{0,39}");

    private Keys() {}

    private static void tier(String name) {
        if (!TIER.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "not a valid tier name: '" + name + "' (a lower-case word of at most 40 of a-z 0-9 _ -)");
        }
    }

    private static Money price(String text) {
        Money price = Money.parse(text);
        if (!price.isPositive()) {
            throw new IllegalArgumentException();
        }
        return price;
    }

    private static Amount sold(String text) {
        Amount amount = Amount.parse(text);
        if (!amount.isPositive() || amount.compareTo(Amount.credits(1_000_000)) > 0) {
            throw new IllegalArgumentException();
        }
        return amount;
    }

    private static ZoneId zone(String name) {
        try {
            return ZoneId.of(name);
        } catch (DateTimeException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private static String jdbc(String url) {
        if (!url.startsWith("jdbc:sqlite:") && !url.startsWith("jdbc:postgresql:")) {
            throw new IllegalArgumentException();
        }
        return url;
    }
}
