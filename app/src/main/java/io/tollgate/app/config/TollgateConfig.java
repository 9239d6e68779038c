package io.tollgate.app.config;

import io.tollgate.credits.ledger.Amount;
import io.tollgate.credits.payment.Pack;
import io.tollgate.queue.gate.QuoteTerms;
import io.tollgate.queue.job.BackendId;
import io.tollgate.queue.job.Lane;
import io.tollgate.queue.job.ModelName;
import io.tollgate.queue.job.NodeId;
import io.tollgate.queue.job.QueueName;
import io.tollgate.queue.job.RetryPolicy;
import io.tollgate.webhook.AllowedHost;
import java.math.BigDecimal;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Everything that an operator decides, checked. Made by {@link ConfigLoader}; each part names its keys.
 *
 * @param node this process among those on one database; {@code node}
 * @param dataDir where everything is kept that has no place of its own; {@code data-dir}
 * @param models the shipped limits and the operator's, before anything was changed at run time; {@code models}
 * @param modelDefaults by queue, the limit of a model that nobody named; {@code model-defaults}
 * @param prizes of the lucky draw, the rarest first; none for no draw; {@code lucky-draw}
 * @param timeZone whose days count; {@code time-zone}
 * @param workflowsDir where the operator's workflows are, there or not; {@code workflows.dir}
 * @param metrics whether a server measures; {@code metrics.enabled}
 * @param openMetrics whether what it measures is shown without a key; {@code metrics.open}
 * @param tracing where traces go; {@code tracing}
 * @param eventRetention how long job events are kept; {@code events.retention}
 * @param telegramToken the bot's token, if there is a bot; {@code telegram.token}
 * @param packs what is sold, the cheapest first; {@code packs}
 * @param invoiceExpires how long an invoice is offered; {@code payments.invoice-expires}
 * @param drawProof whether rolls of the lucky draw can be checked; {@code lucky-draw-proof}
 * @param stateStore where small values with a time to live are kept; {@code state.store}
 */
public record TollgateConfig(
        NodeId node,
        Path dataDir,
        Database database,
        Http http,
        Map<QueueName, Queue> queues,
        Map<BackendId, Backend> backends,
        Map<ModelName, Integer> models,
        Map<QueueName, Integer> modelDefaults,
        Raw raw,
        Map<String, Tier> tiers,
        Trial trial,
        List<Prize> prizes,
        ZoneId timeZone,
        Limits limits,
        Dispatch dispatch,
        Delivery delivery,
        Webhooks webhooks,
        Media media,
        Path workflowsDir,
        Log log,
        boolean metrics,
        boolean openMetrics,
        Tracing tracing,
        Duration eventRetention,
        StateStore stateStore,
        Optional<Secret> telegramToken,
        List<Pack> packs,
        Duration invoiceExpires,
        boolean drawProof) {
    private static final int LIMIT_WITHOUT_ANY_WORD = 2;
    private static final Pattern WORD = Pattern.compile("[a-z][a-z0-9]{0,31}");

    public TollgateConfig {
        queues = Map.copyOf(queues);
        backends = Map.copyOf(backends);
        models = Map.copyOf(models);
        modelDefaults = Map.copyOf(modelDefaults);
        tiers = Map.copyOf(tiers);
        prizes = List.copyOf(prizes);
        packs = List.copyOf(packs);
    }

    /** The most jobs of {@code model} that run at once in {@code queue}, until somebody changes it at run time. */
    public int modelLimit(ModelName model, QueueName queue) {
        Integer named = models.get(model);
        return named != null ? named : modelDefaults.getOrDefault(queue, LIMIT_WITHOUT_ANY_WORD);
    }

    /** The backends that serve {@code queue}: those it names, or all; less those that serve only others. */
    public List<BackendId> backendsOf(QueueName queue) {
        Queue line = queues.get(queue);
        if (line == null) {
            return List.of();
        }
        return backends.entrySet().stream()
                .filter(entry -> line.backends().isEmpty() || line.backends().contains(entry.getKey()))
                .filter(entry -> entry.getValue().queues().isEmpty()
                        || entry.getValue().queues().contains(queue))
                .map(Map.Entry::getKey)
                .sorted()
                .toList();
    }

    /**
     * The database; {@code database}.
     *
     * @param url a JDBC address of SQLite or PostgreSQL
     */
    public record Database(String url, Optional<String> user, Optional<Secret> password) {
        /** Where the parameters of the address may hide a password. */
        @Override
        public String toString() {
            return "Database[" + SecretText.hide(url) + "]";
        }
    }

    /**
     * The HTTP server; {@code http}.
     *
     * @param port where it listens; 0 takes any free one
     * @param maxHeaderBytes the longest line and headers of a call
     * @param callsPerMinute of one API key; 0 for no limit
     * @param anonymousCallsPerMinute of one address without a key; 0 for no limit
     * @param corsOrigins patterns of the web pages whose scripts may call
     * @param linkLifetime how long a signed address of a file works
     * @param keySecret what API keys are hashed with, if it isn't the data directory's own
     */
    public record Http(
            String host,
            int port,
            int maxConnections,
            int maxHeaderBytes,
            int maxJsonBytes,
            Duration idleTimeout,
            Duration heartbeat,
            int streamsPerUser,
            int callsPerMinute,
            int anonymousCallsPerMinute,
            Set<String> corsOrigins,
            Duration linkLifetime,
            Optional<Secret> keySecret) {
        public Http {
            corsOrigins = Set.copyOf(corsOrigins);
        }
    }

    /**
     * One queue; {@code queues.NAME}.
     *
     * @param backends the backends that serve it; empty for all that don't name other queues
     */
    public record Queue(List<BackendId> backends, Order order) {
        public Queue {
            backends = List.copyOf(backends);
        }
    }

    /** Who comes next within a lane and a priority. */
    public enum Order {
        /** Who came first. */
        FIFO,
        /** Who had least so far. */
        FAIR
    }

    /**
     * One backend; {@code backends.NAME}.
     *
     * @param slots how many attempts it runs at once
     * @param queues the only queues that it serves; empty for any
     * @param tags what workflows may require of it
     * @param url where it is; present for {@link BackendType#COMFYUI}, never for {@link BackendType#JAVA2D} and
     *     {@link BackendType#WORKER}
     * @param prefetch how many more attempts wait there
     * @param connections the most HTTP connections to it at once
     * @param authorization what is sent as {@code Authorization}
     * @param lease how long a worker may be silent
     */
    public record Backend(
            BackendType type,
            int slots,
            List<QueueName> queues,
            List<String> tags,
            Optional<URI> url,
            int prefetch,
            int connections,
            Optional<Secret> authorization,
            Duration lease) {
        public Backend {
            queues = List.copyOf(queues);
            tags = List.copyOf(tags);
        }
    }

    /**
     * What a backend is.
     *
     * @param word how it is written, a lower-case word
     */
    public record BackendType(String word) {
        /** The embedded renderer. */
        public static final BackendType JAVA2D = new BackendType("java2d");

        /** A ComfyUI server. */
        public static final BackendType COMFYUI = new BackendType("comfyui");

        /** Workers that come and fetch their work. */
        public static final BackendType WORKER = new BackendType("worker");

        public BackendType {
            if (!WORD.matcher(word).matches()) {
                throw new IllegalArgumentException("not a kind of backend: '" + word + "' (a lower-case word)");
            }
        }

        @Override
        public String toString() {
            return word;
        }
    }

    /** Graphs that are not in the catalogue; {@code raw}. */
    public record Raw(Amount price, QueueName queue, ModelName model) {}

    /**
     * What a tier is worth; {@code tiers.NAME}.
     *
     * @param freeOfCharge whether jobs cost nothing
     * @param unlimited whether free runs are not counted
     * @param discountPercent what is taken off a price, 0 to 100
     * @param jobsAtMost the most jobs such a user may have waiting or running; empty for {@code limits.queued-per-user}
     */
    public record Tier(
            Lane lane,
            boolean freeOfCharge,
            boolean unlimited,
            int discountPercent,
            boolean watermark,
            Optional<Integer> jobsAtMost) {}

    /**
     * What everybody may try things out with; {@code trial}.
     *
     * @param credits what there is for a period; 0 for no trial
     * @param every how long a period is
     */
    public record Trial(Amount credits, Duration every) {}

    /**
     * A prize of the lucky draw; {@code lucky-draw.NAME}.
     *
     * @param chance in percent, with at most two decimals
     * @param percentOff what it takes off a price, 0 to 100
     */
    public record Prize(String name, BigDecimal chance, int percentOff) {}

    /**
     * What the gate lets in; {@code limits}.
     *
     * @param waitingAtMost after which a waiting job expires
     * @param promoteAfter after which a waiting paid job goes first
     * @param relaxedShare the largest part of the slots that unpaid jobs may have, 0 to 1
     * @param relaxedPerUser the most jobs of one user that may be under way for nothing in the relaxed lane
     * @param quotes how long and how many prices are promised; {@code quotes}
     */
    public record Limits(
            int queuedPerUser,
            int queuedInAll,
            int submissionsPerMinute,
            Duration waitingAtMost,
            Duration promoteAfter,
            BigDecimal relaxedShare,
            int relaxedPerUser,
            QuoteTerms quotes) {}

    /**
     * How jobs are driven; {@code dispatch}.
     *
     * @param leaseTtl how long a node may be silent before its attempts go to another
     * @param lookupGrace how long a run that its backend doesn't know is waited for before it is looked for again
     * @param sweepEvery how often it is looked for what nobody told
     * @param stopGrace how long running attempts get when the program stops
     * @param retry what holds for workflows that don't say otherwise
     */
    public record Dispatch(
            Duration leaseTtl, Duration lookupGrace, Duration sweepEvery, Duration stopGrace, RetryPolicy retry) {}

    /**
     * How messages go out; {@code delivery}.
     *
     * @param timeout how long one try may take
     * @param retryFor after which a message is parked as a dead letter
     * @param retryBase the longest wait after the first failed try; doubles with each further one
     * @param retryCap the longest wait at all
     * @param perTarget how many messages go to one target at once
     */
    public record Delivery(Duration timeout, Duration retryFor, Duration retryBase, Duration retryCap, int perTarget) {}

    /**
     * Where traces go.
     *
     * @param endpoint none for no traces
     * @param sample which part of the jobs, 0 to 1
     */
    public record Tracing(Optional<URI> endpoint, Optional<Secret> authorization, double sample) {}

    /**
     * How webhooks are called; {@code webhooks}.
     *
     * @param timeout how long one call may take
     * @param allowPrivateTargets whether private, loopback and link-local addresses may be called
     * @param allowedHosts what may be called whatever it is
     * @param pauseAfter how long nothing but failures may come of a standing endpoint
     */
    public record Webhooks(
            Duration timeout, boolean allowPrivateTargets, List<AllowedHost> allowedHosts, Duration pauseAfter) {
        public Webhooks {
            allowedHosts = List.copyOf(allowedHosts);
        }
    }

    /** Stored files; {@code media}. */
    public record Media(Path dir, Duration retention, long maxInputBytes, long maxBytesPerUser) {}

    /** What is logged, and how; {@code log}. */
    public record Log(LogFormat format, LogLevel level) {}

    /** The shape of a log line. */
    public enum LogFormat {
        /** For people. */
        TEXT,
        /** One JSON object a line. */
        JSON
    }

    /** The least that is logged. */
    public enum LogLevel {
        ERROR,
        WARN,
        INFO,
        DEBUG,
        TRACE
    }

    /** Where small values with a time to live are kept. */
    public enum StateStore {
        MEMORY,
        SQL,
        REDIS
    }
}
