package io.tollgate.app.cli;

import io.tollgate.app.client.ServerAddress;
import io.tollgate.app.config.ConfigLoader;
import io.tollgate.app.config.LoadedConfig;
import io.tollgate.app.config.Secret;
import io.tollgate.app.config.TollgateConfig;
import io.tollgate.app.log.Logging;
import io.tollgate.credits.account.UserId;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * What the commands share: the options, the terminal, the configuration, the output. A command does its work in
 * {@link #execute}; it throws {@link CommandFailed} with one line when it is refused or fails.
 */
public abstract class TollgateCommand implements Callable<Integer> {
    private static final Path USUAL_FILE = Path.of("tollgate.conf");

    @Spec
    private @Nullable CommandSpec spec;

    /**
     * Does the work.
     *
     * @throws Exception whatever stops it; it ends in one line and exit code 1
     */
    protected abstract void execute() throws Exception;

    @Override
    public final Integer call() throws Exception {
        if (!asksServers() && top().options().url().isPresent()) {
            throw wrongUsage("'" + commandName() + "' works on this machine only; leave --url out");
        }
        execute();
        return TollgateCommandLine.OK;
    }

    /** Whether it can be asked of a server, too. */
    protected boolean asksServers() {
        return false;
    }

    /** Whether {@code --user} says whom it is about, so that it means something to a server. */
    protected boolean isAboutUser() {
        return false;
    }

    /**
     * The server that is to be asked; empty if a data directory is. What was typed wins over the environment.
     *
     * @throws ParameterException if both were named
     */
    protected final Optional<ServerAddress> server() {
        try {
            return ServerChoice.of(top().options(), environment(), isAboutUser());
        } catch (IllegalArgumentException e) {
            throw wrongUsage(String.valueOf(e.getMessage()));
        }
    }

    /** What ends in exit code 2. */
    protected final ParameterException wrongUsage(String problem) {
        if (spec == null) {
            throw new IllegalStateException("the command was not started by the command line");
        }
        return new ParameterException(spec.commandLine(), problem);
    }

    /** Where the program talks. */
    protected final Terminal terminal() {
        return top().terminal();
    }

    /** The variables of the process. */
    protected final Map<String, String> environment() {
        return top().environment();
    }

    /** Where the result goes. */
    protected final Output output() {
        return new Output(terminal(), top().options().json());
    }

    /** Shows how work gets on, in the way that fits. To be closed. */
    protected final Progress progress() {
        return Progress.on(terminal(), top().options().json());
    }

    /**
     * Who acts.
     *
     * @throws CommandFailed if that can't be a user
     */
    protected final UserId user() {
        try {
            UserId user = new UserId(top().options().user());
            if (user.isErased()) {
                throw new CommandFailed("--user: nobody can act as " + user);
            }
            return user;
        } catch (IllegalArgumentException e) {
            throw new CommandFailed("--user: " + e.getMessage(), e);
        }
    }

    /** The configuration as it holds for this command; logging is set up by it. */
    protected final LoadedConfig config() {
        return config(Map.of());
    }

    /**
     * The same, where a command has options that say more.
     *
     * @param more by key; wins over everything
     */
    protected final LoadedConfig config(Map<String, String> more) {
        SharedOptions options = top().options();
        Map<String, String> settings = new HashMap<>(options.settings());
        settings.putAll(more);
        return loggingBy(ConfigLoader.load(configFile(options), environment(), settings));
    }

    /**
     * The configuration for a command whose result is what counts: it logs errors only, unless the user asked for more
     * by option or environment.
     */
    protected final LoadedConfig quietConfig() {
        return config(quiet());
    }

    /**
     * The defaults and what is said here: a configuration of its own, whatever files and environment say. Logs errors
     * only, unless the user asked for more.
     */
    protected final LoadedConfig ownConfig(Map<String, String> settings) {
        Map<String, String> all = new HashMap<>(top().options().logSettings());
        all.putAll(quiet());
        all.putAll(settings);
        return loggingBy(ConfigLoader.load(Optional.empty(), Map.of(), all));
    }

    private Map<String, String> quiet() {
        boolean said = top().options().saysLogLevel() || environment().containsKey("TOLLGATE_LOG_LEVEL");
        return said ? Map.of() : Map.of("log.level", "error");
    }

    /** The command as it is typed, such as {@code tollgate jobs list}. */
    protected final String commandName() {
        if (spec == null) {
            throw new IllegalStateException("the command was not started by the command line");
        }
        return spec.qualifiedName();
    }

    /** Who {@link #user} is, if {@code --user} was said. */
    protected final Optional<UserId> namedUser() {
        return top().options().namedUser().map(name -> user());
    }

    /** The data directory that the user named. */
    protected final Optional<Path> namedData() {
        return top().options().data();
    }

    private LoadedConfig loggingBy(LoadedConfig loaded) {
        TollgateConfig config = loaded.config();
        List<Secret> secrets = Stream.of(
                        config.telegramToken(),
                        config.database().password(),
                        config.http().keySecret())
                .flatMap(Optional::stream)
                .toList();
        Logging.setUp(config.log(), terminal().err(), secrets);
        Logger log = LoggerFactory.getLogger(TollgateCommand.class);
        loaded.warnings()
                .forEach(warning -> log.atWarn()
                        .setMessage("configuration is doubtful")
                        .addKeyValue("problem", warning)
                        .log());
        return loaded;
    }

    private Optional<Path> configFile(SharedOptions options) {
        String named = environment().getOrDefault("TOLLGATE_CONFIG", "");
        return options.config()
                .or(() -> named.isEmpty() ? Optional.empty() : Optional.of(Path.of(named)))
                .or(() -> Files.exists(USUAL_FILE) ? Optional.of(USUAL_FILE) : Optional.empty());
    }

    private TopCommand top() {
        if (spec == null) {
            throw new IllegalStateException("the command was not started by the command line");
        }
        return (TopCommand) spec.root().userObject();
    }
}
