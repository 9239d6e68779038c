package io.tollgate.app.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tollgate.app.config.ConfigLoader;
import io.tollgate.app.config.TollgateConfig;
import io.tollgate.app.container.Access;
import io.tollgate.app.container.ServiceContainer;
import io.tollgate.queue.access.ApiKey;
import io.tollgate.queue.access.Scope;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Keys to the HTTP API, as an operator makes them. */
final class KeysCommandTest {
    private static final String CONFIGURED = "0123456789abcdef0123456789abcdef";

    @TempDir
    Path dir;

    private Cli cli;

    @BeforeEach
    void setUp() {
        cli = new Cli(dir.resolve("data"));
    }

    private Optional<ApiKey> authenticate(String key, Map<String, String> more) {
        Map<String, String> settings = new HashMap<>(more);
        settings.put("data-dir", cli.data().toString());
        settings.put("database.url", "jdbc:sqlite:" + cli.data().resolve("tollgate.db"));
        settings.put("log.level", "error");
        TollgateConfig config =
                ConfigLoader.load(Optional.empty(), Map.of(), settings).config();
        try (ServiceContainer container = ServiceContainer.open(config, Access.WRITE, "a test")) {
            return container.keys().authenticate(key);
        }
    }

    @Test
    void create_aKey_opensInAnotherProcess() {
        JsonNode created = cli.json("keys create --user eva --scopes jobs,jobs:raw --name laptop --expires 30d");

        String secret = created.path("key").asText();
        ApiKey key = authenticate(secret, Map.of()).orElseThrow();
        assertThat(key.id()).hasToString(created.path("id").asText());
        assertThat(key.user()).hasToString("eva");
        assertThat(key.scopes()).containsExactly(Scope.JOBS, Scope.JOBS_RAW);
        assertThat(key.name()).isEqualTo("laptop");
        assertThat(key.expiresAt()).isPresent();
        assertThat(authenticate(secret.substring(0, secret.length() - 1) + "_", Map.of()))
                .isEmpty();
        assertThat(authenticate(secret, Map.of("http.key-secret", CONFIGURED))).isEmpty();
    }

    @Test
    void create_forPeople_saysTheKeyFirstAndHowToRevokeIt() {
        Cli.Run run = cli.ok("keys create --user eva --scopes admin");

        assertThat(run.out().lines().findFirst().orElseThrow()).matches("tg_live_[0-9A-Za-z]{43}");
        assertThat(run.out()).contains("shown this once", "tollgate keys revoke ");
    }

    @Test
    void create_aKey_leavesItsSecretInNoFile() throws IOException {
        String key =
                cli.json("keys create --user eva --scopes jobs").path("key").asText();
        String secret = key.substring("tg_live_".length());

        try (Stream<Path> files = Files.walk(cli.data())) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                assertThat(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1))
                        .as(file.toString())
                        .doesNotContain(secret);
            }
        }
        assertThat(cli.ok("keys list").out()).doesNotContain(secret);
    }

    @Test
    void keySecret_madeOnce_isItsOwnersAlone() throws IOException {
        String key =
                cli.json("keys create --user eva --scopes jobs").path("key").asText();
        Path file = cli.data().resolve("key.secret");
        String made = Files.readString(file);

        cli.ok("keys create --user eva --scopes jobs");

        assertThat(made).matches("[0-9a-f]{64}\n");
        assertThat(file).hasContent(made);
        if (Files.getFileStore(file).supportsFileAttributeView("posix")) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                    .isEqualTo("rw-------");
        }
        assertThat(authenticate(key, Map.of())).isPresent();
        Files.writeString(file, made.substring(1));
        Cli.Run refused = cli.run("keys create --user eva --scopes jobs");
        assertThat(refused.code()).isEqualTo(1);
        assertThat(refused.err())
                .contains("key.secret", "must have 64 hex digits")
                .doesNotContain(made.substring(1, 60));
    }

    @Test
    void list_always_saysHowKeysStand() {
        JsonNode first = cli.json("keys create --user eva --scopes jobs");
        JsonNode second = cli.json("keys create --user adam --scopes admin --name desk");

        cli.ok("keys revoke %s --user zoe", first.path("id").asText());

        JsonNode keys = cli.json("keys list").path("keys");
        assertThat(keys).hasSize(2);
        assertThat(keys.get(0).path("id")).isEqualTo(second.path("id"));
        assertThat(keys.get(0).path("status").asText()).isEqualTo("active");
        assertThat(keys.get(0).path("scopes").get(0).asText()).isEqualTo("admin");
        assertThat(keys.get(1).path("status").asText()).isEqualTo("revoked");
        assertThat(keys.get(1).path("revoked_by").asText()).isEqualTo("cli:zoe");
        assertThat(cli.json("keys list --user eva").path("keys")).hasSize(1);
        assertThat(cli.ok("keys list").out()).contains("desk", "revoked");
        assertThat(authenticate(first.path("key").asText(), Map.of())).isEmpty();
        assertThat(authenticate(second.path("key").asText(), Map.of())).isPresent();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "keys create --user eva --scopes jobs,all | there is no scope 'all'; there are jobs, jobs:raw",
                "keys create --user eva --scopes jobs --expires 0d | --expires must be",
                "keys create --user eva --scopes jobs --expires 30 | --expires must be",
                "keys create --user erased:1 --scopes jobs | nobody can act as erased:1",
                "keys revoke tg_live_abc | that is not a key's id",
                "keys revoke 01900000-0000-7000-8000-000000000000 | there is no key 01900000",
                "submissions closed | 'closed' is no mode; there are enabled, members_only, disabled",
                "submissions --text why | --text goes with a mode",
                "notice hello --clear | either a text or --clear"
            })
    void anyCommand_withWhatIsWrong_saysSo(String line, String said) {
        Cli.Run run = cli.run(line);

        assertThat(run.code()).isEqualTo(1);
        assertThat(run.err()).contains(said).doesNotContain("\tat ");
        assertThat(run.err().lines()).hasSize(1);
    }

    @Test
    void erase_ofAUser_deletesTheirKeys() {
        cli.ok("credits grant eva 5");
        String key =
                cli.json("keys create --user eva --scopes jobs").path("key").asText();

        cli.ok("users erase eva --reason request");

        assertThat(cli.json("keys list").path("keys")).isEmpty();
        assertThat(authenticate(key, Map.of())).isEmpty();
    }

    @Test
    void notice_set_isShownUntilItIsCleared() {
        assertThat(cli.json("notice").path("text").isNull()).isTrue();

        JsonNode set = cli.json("notice %s --user zoe", "Maintenance tonight");

        assertThat(set.path("text").asText()).isEqualTo("Maintenance tonight");
        assertThat(set.path("by").asText()).isEqualTo("cli:zoe");
        assertThat(cli.json("notice")).isEqualTo(set);
        assertThat(cli.ok("notice").out()).startsWith("Maintenance tonight  (cli:zoe, ");
        assertThat(cli.ok("notice --clear").out()).isEqualToIgnoringNewLines("nothing is shown");
        assertThat(cli.json("notice").path("text").isNull()).isTrue();
    }

    @Test
    void submissions_disabled_refusesJobsBeforeAnyCreditMoves() throws IOException {
        cli.ok("credits grant local 50");
        assertThat(cli.json("submissions").path("mode").asText()).isEqualTo("enabled");
        assertThat(cli.json("submissions").path("at").isNull()).isTrue();

        JsonNode said = cli.json("submissions disabled --text %s", "back at 11");

        Path photo = Cli.photo(dir.resolve("photo.jpg"));
        Cli.Run refused = cli.run("submit image-enhance -i image=@%s", photo);
        assertThat(said.path("mode").asText()).isEqualTo("disabled");
        assertThat(refused.code()).isEqualTo(1);
        assertThat(refused.err()).contains("no jobs are taken at present: back at 11");
        assertThat(cli.json("credits show local").path("held").asInt()).isZero();
        cli.ok("submissions members_only");
        assertThat(cli.run("submit image-enhance -i image=@%s", photo).err()).contains("only members' jobs");
        cli.ok("users tier local gold");
        cli.ok("submit image-enhance -i image=@%s", photo);
        assertThat(cli.ok("submissions enabled").out()).startsWith("enabled  (cli:local, ");
    }
}
