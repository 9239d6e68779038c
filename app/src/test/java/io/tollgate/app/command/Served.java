package io.tollgate.app.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.inject.Module;
import io.tollgate.app.config.ConfigLoader;
import io.tollgate.app.config.TollgateConfig;
import io.tollgate.app.container.Access;
import io.tollgate.app.container.HttpModule;
import io.tollgate.app.container.ServiceContainer;
import io.tollgate.credits.account.UserId;
import io.tollgate.queue.access.Scope;
import java.net.URI;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A server in this process, and the program as somebody far from it meets it. */
final class Served implements AutoCloseable {
    private final ServiceContainer container;
    private final String key;

    private Served(ServiceContainer container) {
        this.container = container;
        this.key = key("local", EnumSet.allOf(Scope.class));
    }

    /** Serves a data directory at any free port. */
    static Served at(Path data) {
        TollgateConfig config = ConfigLoader.load(
                        Optional.empty(),
                        Map.of(),
                        Map.of(
                                "data-dir", data.toString(),
                                "database.url", "jdbc:sqlite:" + data.resolve("tollgate.db"),
                                "http.port", "0",
                                "dispatch.stop-grace", "1s",
                                "log.level", "error"))
                .config();
        Module http = new HttpModule();
        ServiceContainer container = ServiceContainer.open(config, Access.WORK, "a test", http);
        return new Served(container);
    }

    ServiceContainer container() {
        return container;
    }

    URI url() {
        return container.http().url();
    }

    /** The key of user {@code local}, which opens everything. */
    String key() {
        return key;
    }

    String key(String user, Set<Scope> scopes) {
        return container
                .keys()
                .create(new UserId(user), scopes, Optional.empty(), "")
                .secret();
    }

    /** Runs a line against the server, by the environment. */
    Cli.Run run(String line, Object... arguments) {
        return run(url(), key, line, arguments);
    }

    static Cli.Run run(URI url, String key, String line, Object... arguments) {
        Map<String, String> environment = new HashMap<>();
        environment.put("TOLLGATE_URL", url.toString());
        if (!key.isEmpty()) {
            environment.put("TOLLGATE_KEY", key);
        }
        List<String> words = Cli.words(line, arguments);
        return Cli.runAs(words, environment);
    }

    /** Runs what must succeed. */
    Cli.Run ok(String line, Object... arguments) {
        Cli.Run run = run(line, arguments);
        assertThat(run.code()).as("%s\n%s", line, run.err()).isZero();
        return run;
    }

    JsonNode json(String line, Object... arguments) {
        return ok(line + " --json", arguments).json();
    }

    @Override
    public void close() {
        container.close();
    }
}
