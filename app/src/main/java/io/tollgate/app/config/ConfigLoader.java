package io.tollgate.app.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigResolveOptions;
import com.typesafe.config.ConfigResolver;
import com.typesafe.config.ConfigSyntax;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import io.tollgate.app.config.TollgateConfig.Backend;
import io.tollgate.app.config.TollgateConfig.BackendType;
import io.tollgate.app.config.TollgateConfig.Database;
import io.tollgate.app.config.TollgateConfig.Delivery;
import io.tollgate.app.config.TollgateConfig.Dispatch;
import io.tollgate.app.config.TollgateConfig.Http;
import io.tollgate.app.config.TollgateConfig.Limits;
import io.tollgate.app.config.TollgateConfig.Log;
import io.tollgate.app.config.TollgateConfig.Media;
import io.tollgate.app.config.TollgateConfig.Prize;
import io.tollgate.app.config.TollgateConfig.Queue;
import io.tollgate.app.config.TollgateConfig.Raw;
import io.tollgate.app.config.TollgateConfig.Tier;
import io.tollgate.app.config.TollgateConfig.Tracing;
import io.tollgate.app.config.TollgateConfig.Trial;
import io.tollgate.app.config.TollgateConfig.Webhooks;
import io.tollgate.credits.payment.Pack;
import io.tollgate.queue.gate.QuoteTerms;
import io.tollgate.queue.job.BackendId;
import io.tollgate.queue.job.ModelName;
import io.tollgate.queue.job.QueueName;
import io.tollgate.queue.job.RetryPolicy;
import io.tollgate.queue.workflow.Nearest;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Reads the configuration: what the command line says wins over the environment, that over the file, that over the
 * defaults. Confined to the thread that loads.
 */
public final class ConfigLoader {
    private static final String REFERENCE = "reference.conf";
    private static final String PRIZES = "lucky-draw";
    private static final String PACKS = "packs";
    private static final String BACKENDS = "backends";
    private static final String SHIPPED_BACKEND = "java2d";

    private final Map<String, String> environment;
    private final Set<BackendType> types;
    private final List<Problem> problems = new ArrayList<>();
    private final List<String> warnings = new ArrayList<>();

    private ConfigLoader(Map<String, String> environment, Set<String> moreTypes) {
        this.environment = environment;
        this.types = new LinkedHashSet<>(List.of(BackendType.JAVA2D, BackendType.COMFYUI, BackendType.WORKER));
        moreTypes.stream().sorted().map(BackendType::new).forEach(types::add);
    }

    /**
     * Loads everything and checks it.
     *
     * @param file the operator's file, if there is one; it must be there
     * @param environment the variables of the process
     * @param commandLine what the command line says, by key, such as {@code data-dir}
     * @throws ConfigException with all problems at once, if there is one
     */
    public static LoadedConfig load(
            Optional<Path> file, Map<String, String> environment, Map<String, String> commandLine) {
        return load(file, environment, commandLine, Set.of());
    }

    /**
     * The same, for a program that brings backends of its own.
     *
     * @param moreTypes what else {@code backends.NAME.type} may be; such a backend may have an address
     */
    public static LoadedConfig load(
            Optional<Path> file,
            Map<String, String> environment,
            Map<String, String> commandLine,
            Set<String> moreTypes) {
        return new ConfigLoader(environment, moreTypes).load(file, commandLine);
    }

    private LoadedConfig load(Optional<Path> file, Map<String, String> commandLine) {
        Config said = file.map(this::parse).orElse(ConfigFactory.empty());
        Config fromEnvironment = new Environment(
                        environment, resolve(said.withFallback(reference())), problems::add, warnings::add)
                .read();
        Config operator = commandLine(commandLine).withFallback(fromEnvironment).withFallback(said);
        Config defaults = defaultsBeside(resolve(operator.withFallback(reference())));
        // who names a prize, or none, means the whole draw
        Config whole =
                resolve(operator.withFallback(operator.hasPath(PRIZES) ? defaults.withoutPath(PRIZES) : defaults));

        Values values = Schema.read(whole.root(), problems::add);
        checkReferences(values, whole);
        if (!problems.isEmpty()) {
            throw new ConfigException(problems);
        }
        TollgateConfig config = config(values);
        config.queues().keySet().stream()
                .sorted()
                .filter(queue -> config.backendsOf(queue).isEmpty())
                .forEach(queue -> warnings.add("queues." + queue + ": no backend serves it; its jobs will wait"));
        return new LoadedConfig(config, values.settings(), warnings);
    }

    /** The defaults, without the shipped backend if the operator brought others and didn't name it. */
    private Config defaultsBeside(Config merged) {
        Config reference = reference();
        if (!(merged.root().get(BACKENDS) instanceof ConfigObject backends)) {
            return reference;
        }
        boolean others = backends.size() > 1;
        ConfigValue shipped = backends.get(SHIPPED_BACKEND);
        boolean named = !(shipped instanceof ConfigObject object)
                || object.values().stream()
                        .anyMatch(value -> !Places.of(value.origin()).startsWith("defaults"));
        return others && !named ? reference.withoutPath(BACKENDS) : reference;
    }

    private static Config commandLine(Map<String, String> commandLine) {
        Config config = ConfigFactory.empty();
        for (Map.Entry<String, String> option : commandLine.entrySet()) {
            config = config.withValue(
                    option.getKey(), ConfigValueFactory.fromAnyRef(option.getValue(), "the command line"));
        }
        return config;
    }

    static Config reference() {
        return ConfigFactory.parseResources(
                ConfigLoader.class, REFERENCE, ConfigParseOptions.defaults().setAllowMissing(false));
    }

    private Config parse(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new ConfigException(List.of(new Problem("", file + ": there is no such file")));
        }
        try {
            return ConfigFactory.parseFile(
                    file.toFile(),
                    ConfigParseOptions.defaults()
                            .setAllowMissing(false)
                            .setSyntax(ConfigSyntax.CONF)
                            .setIncluder(ConfinedIncluder.free(file)));
        } catch (com.typesafe.config.ConfigException e) {
            throw failed(e);
        } catch (StackOverflowError e) {
            throw new ConfigException(List.of(new Problem(file.toString(), "nested too deeply")));
        }
    }

    private Config resolve(Config config) {
        try {
            return config.resolve(ConfigResolveOptions.defaults()
                    .setUseSystemEnvironment(false)
                    .appendResolver(new Variables()));
        } catch (com.typesafe.config.ConfigException e) {
            throw failed(e);
        }
    }

    /** What stands before the syntax is understood can only be told one at a time. */
    private static ConfigException failed(com.typesafe.config.ConfigException e) {
        return new ConfigException(List.of(Places.of(e, "")));
    }

    private void checkReferences(Values values, Config whole) {
        for (String queue : values.names("queues")) {
            for (BackendId backend : values.find(Keys.QUEUE_BACKENDS, queue).orElse(List.of())) {
                if (!values.names(BACKENDS).contains(backend.value())) {
                    noSuch(whole, path("queues", queue, BACKENDS), backend.value(), values.names(BACKENDS));
                }
            }
        }
        for (String backend : values.names(BACKENDS)) {
            for (QueueName queue : values.find(Keys.BACKEND_QUEUES, backend).orElse(List.of())) {
                if (!values.names("queues").contains(queue.value())) {
                    noSuch(whole, path(BACKENDS, backend, "queues"), queue.value(), values.names("queues"));
                }
            }
            checkBackend(values, whole, backend);
        }
        values.find(Keys.RAW_QUEUE).ifPresent(queue -> {
            if (!values.names("queues").contains(queue.value())) {
                noSuch(whole, "raw.queue", queue.value(), values.names("queues"));
            }
        });
        for (String queue : values.names("model-defaults")) {
            if (!values.names("queues").contains(queue)) {
                noSuch(whole, path("model-defaults", queue), queue, values.names("queues"));
            }
        }
        checkPrizes(values, whole);
        for (String pack : values.names(PACKS)) {
            isMissing(whole, PACKS, pack, "title", Keys.PACK_TITLE);
            isMissing(whole, PACKS, pack, "price", Keys.PACK_PRICE);
            isMissing(whole, PACKS, pack, "credits", Keys.PACK_CREDITS);
        }
        ordered(values, whole, Keys.RETRY_BASE, Keys.RETRY_CAP);
        ordered(values, whole, Keys.DELIVERY_RETRY_BASE, Keys.DELIVERY_RETRY_CAP);
    }

    private void checkPrizes(Values values, Config whole) {
        boolean missing = false;
        BigDecimal sum = BigDecimal.ZERO;
        for (String prize : values.names(PRIZES)) {
            boolean noChance = isMissing(whole, PRIZES, prize, "chance", Keys.DRAW_CHANCE);
            boolean noPercent = isMissing(whole, PRIZES, prize, "percent-off", Keys.DRAW_PERCENT_OFF);
            missing = missing || noChance || noPercent;
            Optional<BigDecimal> chance = values.find(Keys.DRAW_CHANCE, prize);
            sum = sum.add(chance.orElse(BigDecimal.ZERO));
            if (chance.isPresent() && chance.get().stripTrailingZeros().scale() > 2) {
                String path = path(PRIZES, prize, "chance");
                problem(whole, path, path + " = " + chance.get() + ": must have at most two decimals");
            }
        }
        if (!missing && !values.names(PRIZES).isEmpty() && sum.compareTo(BigDecimal.valueOf(100)) != 0) {
            problem(whole, PRIZES, PRIZES + ": the chances of all prizes must add up to 100 percent, not " + sum);
        }
    }

    private boolean isMissing(Config whole, String section, String named, String name, Key<?> key) {
        String path = path(section, named, name);
        if (whole.hasPath(path)) {
            return false;
        }
        problem(
                whole,
                path(section, named),
                path + ": must be given: " + key.kind().allowed());
        return true;
    }

    private void checkBackend(Values values, Config whole, String backend) {
        Optional<BackendType> type = values.find(Keys.BACKEND_TYPE, backend);
        String section = path(BACKENDS, backend);
        boolean url = values.find(Keys.BACKEND_URL, backend).isPresent();
        if (!whole.hasPath(section + ".type")) {
            problem(
                    whole,
                    section,
                    section + ".type: must be given: "
                            + Keys.BACKEND_TYPE.kind().allowed());
        } else if (type.isPresent() && !types.contains(type.get())) {
            problem(
                    whole,
                    section + ".type",
                    section + ".type = \"" + type.get() + "\": must be one of "
                            + types.stream().map(BackendType::word).collect(Collectors.joining(", ")));
        } else if (type.equals(Optional.of(BackendType.COMFYUI)) && !whole.hasPath(section + ".url")) {
            problem(
                    whole,
                    section,
                    section + ".url: must be given for comfyui: "
                            + Keys.BACKEND_URL.kind().allowed());
        } else if (type.equals(Optional.of(BackendType.JAVA2D)) && url) {
            problem(whole, section + ".url", section + ".url: java2d runs in this process and has no address");
        } else if (type.equals(Optional.of(BackendType.WORKER)) && url) {
            problem(whole, section + ".url", section + ".url: workers come by themselves and have no address");
        }
    }

    private void ordered(Values values, Config whole, Key<Duration> smaller, Key<Duration> larger) {
        values.find(smaller)
                .ifPresent(low -> values.find(larger)
                        .filter(high -> high.compareTo(low) < 0)
                        .ifPresent(high -> problem(
                                whole,
                                larger.toString(),
                                larger + " = " + Kind.say(high) + ": must be at least " + smaller + " = "
                                        + Kind.say(low))));
    }

    private void noSuch(Config whole, String path, String name, Collection<String> names) {
        String hint = Nearest.of(name, names)
                .map(near -> "; did you mean " + near + "?")
                .orElse("; there are: " + String.join(", ", names));
        problem(whole, path, path + ": there is no '" + name + "'" + hint);
    }

    private void problem(Config whole, String path, String text) {
        problems.add(new Problem(Places.of(whole.getValue(path).origin()), text));
    }

    private static String path(String... parts) {
        return ConfigUtil.joinPath(parts);
    }

    private static Http http(Values values) {
        return new Http(
                values.get(Keys.HTTP_HOST),
                values.get(Keys.HTTP_PORT),
                values.get(Keys.HTTP_CONNECTIONS),
                Math.toIntExact(values.get(Keys.HTTP_HEADERS)),
                Math.toIntExact(values.get(Keys.HTTP_JSON)),
                values.get(Keys.HTTP_IDLE),
                values.get(Keys.HTTP_HEARTBEAT),
                values.get(Keys.HTTP_STREAMS),
                values.get(Keys.HTTP_RATE),
                values.get(Keys.HTTP_ANONYMOUS_RATE),
                Set.copyOf(values.get(Keys.HTTP_ORIGINS)),
                values.get(Keys.HTTP_LINKS),
                values.find(Keys.HTTP_KEY_SECRET));
    }

    private static TollgateConfig config(Values values) {
        return new TollgateConfig(
                values.get(Keys.NODE),
                values.get(Keys.DATA_DIR),
                new Database(
                        values.get(Keys.DATABASE_URL),
                        values.find(Keys.DATABASE_USER),
                        values.find(Keys.DATABASE_PASSWORD)),
                http(values),
                queues(values),
                backends(values),
                models(values),
                modelDefaults(values),
                new Raw(values.get(Keys.RAW_PRICE), values.get(Keys.RAW_QUEUE), values.get(Keys.RAW_MODEL)),
                tiers(values),
                new Trial(values.get(Keys.TRIAL_CREDITS), values.get(Keys.TRIAL_EVERY)),
                prizes(values),
                values.get(Keys.TIME_ZONE),
                limits(values),
                dispatch(values),
                delivery(values),
                new Webhooks(
                        values.get(Keys.WEBHOOK_TIMEOUT),
                        values.get(Keys.WEBHOOK_PRIVATE),
                        values.get(Keys.WEBHOOK_HOSTS),
                        values.get(Keys.WEBHOOK_PAUSE_AFTER)),
                new Media(
                        values.get(Keys.MEDIA_DIR),
                        values.get(Keys.MEDIA_RETENTION),
                        values.get(Keys.MEDIA_MAX_INPUT),
                        values.get(Keys.MEDIA_MAX_PER_USER)),
                values.get(Keys.WORKFLOWS_DIR),
                new Log(values.get(Keys.LOG_FORMAT), values.get(Keys.LOG_LEVEL)),
                values.get(Keys.METRICS_ENABLED),
                values.get(Keys.METRICS_OPEN),
                new Tracing(
                        values.find(Keys.TRACING_ENDPOINT),
                        values.find(Keys.TRACING_AUTHORIZATION),
                        values.get(Keys.TRACING_SAMPLE).doubleValue()),
                values.get(Keys.EVENTS_RETENTION),
                values.get(Keys.STATE_STORE),
                values.find(Keys.TELEGRAM_TOKEN),
                packs(values),
                values.get(Keys.INVOICE_EXPIRES),
                values.get(Keys.DRAW_PROOF));
    }

    private static Map<QueueName, Queue> queues(Values values) {
        Map<QueueName, Queue> queues = new HashMap<>();
        for (String name : values.names("queues")) {
            queues.put(
                    new QueueName(name),
                    new Queue(values.get(Keys.QUEUE_BACKENDS, name), values.get(Keys.QUEUE_ORDER, name)));
        }
        return queues;
    }

    private static Map<BackendId, Backend> backends(Values values) {
        Map<BackendId, Backend> backends = new HashMap<>();
        for (String name : values.names(BACKENDS)) {
            backends.put(
                    new BackendId(name),
                    new Backend(
                            values.get(Keys.BACKEND_TYPE, name),
                            values.get(Keys.BACKEND_SLOTS, name),
                            values.get(Keys.BACKEND_QUEUES, name),
                            values.get(Keys.BACKEND_TAGS, name),
                            values.find(Keys.BACKEND_URL, name),
                            values.get(Keys.BACKEND_PREFETCH, name),
                            values.get(Keys.BACKEND_CONNECTIONS, name),
                            values.find(Keys.BACKEND_AUTHORIZATION, name),
                            values.get(Keys.BACKEND_LEASE, name)));
        }
        return backends;
    }

    private static Map<ModelName, Integer> models(Values values) {
        Map<ModelName, Integer> models = new HashMap<>();
        values.names("models").forEach(name -> models.put(new ModelName(name), values.get(Keys.MODEL, name)));
        return models;
    }

    private static Map<QueueName, Integer> modelDefaults(Values values) {
        Map<QueueName, Integer> defaults = new HashMap<>();
        values.names("model-defaults")
                .forEach(name -> defaults.put(new QueueName(name), values.get(Keys.MODEL_DEFAULT, name)));
        return defaults;
    }

    private static Map<String, Tier> tiers(Values values) {
        Map<String, Tier> tiers = new HashMap<>();
        for (String name : values.names("tiers")) {
            tiers.put(
                    name,
                    new Tier(
                            values.get(Keys.TIER_LANE, name),
                            values.get(Keys.TIER_FREE, name),
                            values.get(Keys.TIER_UNLIMITED, name),
                            values.get(Keys.TIER_DISCOUNT, name),
                            values.get(Keys.TIER_WATERMARK, name),
                            values.find(Keys.TIER_QUEUED, name)));
        }
        return tiers;
    }

    /** The rarest first. */
    private static List<Prize> prizes(Values values) {
        return values.names(PRIZES).stream()
                .map(name ->
                        new Prize(name, values.get(Keys.DRAW_CHANCE, name), values.get(Keys.DRAW_PERCENT_OFF, name)))
                .sorted(Comparator.comparing(Prize::chance).thenComparing(Prize::name))
                .toList();
    }

    /** By currency, then the cheapest first. */
    private static List<Pack> packs(Values values) {
        return values.names(PACKS).stream()
                .map(name -> new Pack(
                        name,
                        values.get(Keys.PACK_TITLE, name),
                        values.get(Keys.PACK_PRICE, name),
                        values.get(Keys.PACK_CREDITS, name)))
                .sorted(Comparator.comparing((Pack pack) -> pack.price().currency())
                        .thenComparing(pack -> pack.price().minorUnits()))
                .toList();
    }

    private static Limits limits(Values values) {
        return new Limits(
                values.get(Keys.QUEUED_PER_USER),
                values.get(Keys.QUEUED_IN_ALL),
                values.get(Keys.SUBMISSIONS_PER_MINUTE),
                values.get(Keys.WAITING_AT_MOST),
                values.get(Keys.PROMOTE_AFTER),
                values.get(Keys.RELAXED_SHARE),
                values.get(Keys.RELAXED_PER_USER),
                new QuoteTerms(values.get(Keys.QUOTE_LIFETIME), values.get(Keys.QUOTES_PER_USER)));
    }

    private static Dispatch dispatch(Values values) {
        return new Dispatch(
                values.get(Keys.LEASE_TTL),
                values.get(Keys.LOOKUP_GRACE),
                values.get(Keys.SWEEP_EVERY),
                values.get(Keys.STOP_GRACE),
                new RetryPolicy(
                        values.get(Keys.RETRY_ATTEMPTS), values.get(Keys.RETRY_BASE), values.get(Keys.RETRY_CAP)));
    }

    private static Delivery delivery(Values values) {
        return new Delivery(
                values.get(Keys.DELIVERY_TIMEOUT),
                values.get(Keys.DELIVERY_RETRY_FOR),
                values.get(Keys.DELIVERY_RETRY_BASE),
                values.get(Keys.DELIVERY_RETRY_CAP),
                values.get(Keys.DELIVERY_PER_TARGET));
    }

    /** Lets the file say {@code ${?SOME_VARIABLE}}, from the environment that was given. */
    private final class Variables implements ConfigResolver {
        @Override
        public @Nullable ConfigValue lookup(String path) {
            String value = environment.getOrDefault(path, "");
            // an empty variable says nothing: compose files pass those on that nobody set
            return value.isEmpty() ? null : ConfigValueFactory.fromAnyRef(value, "environment " + path);
        }

        @Override
        public ConfigResolver withFallback(ConfigResolver fallback) {
            return this;
        }
    }
}
