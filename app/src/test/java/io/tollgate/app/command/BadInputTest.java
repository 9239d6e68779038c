package io.tollgate.app.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.app.command.Cli.Run;
import io.tollgate.app.config.ConfigLoader;
import io.tollgate.app.config.TollgateConfig;
import io.tollgate.app.container.Access;
import io.tollgate.app.container.ServiceContainer;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.CRC32;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is wrong is refused with exit code 1 and one clear line, and changes nothing. */
final class BadInputTest {
    @TempDir
    private Path dir;

    private Cli cli = new Cli(Path.of(""));

    @BeforeEach
    void makeFiles() throws IOException {
        cli = new Cli(dir.resolve("data"));
        Cli.photo(dir.resolve("photo.jpg"));
        Files.writeString(dir.resolve("text.jpg"), "this is no photo at all, whatever its name says\n");
        Files.createFile(dir.resolve("empty.jpg"));
        Files.write(dir.resolve("bomb.png"), bomb(12_000, 12_000));
        Files.writeString(dir.resolve("cut.png"), "\u0089PNG\r\n\u001a\n????", StandardCharsets.ISO_8859_1);
    }

    /** A PNG whose header promises many pixels and whose data has none. */
    private static byte[] bomb(int width, int height) throws IOException {
        ByteArrayOutputStream header = new ByteArrayOutputStream();
        DataOutputStream fields = new DataOutputStream(header);
        fields.writeBytes("IHDR");
        fields.writeInt(width);
        fields.writeInt(height);
        fields.write(new byte[] {8, 2, 0, 0, 0});
        CRC32 crc = new CRC32();
        crc.update(header.toByteArray());
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        DataOutputStream png = new DataOutputStream(file);
        png.write(new byte[] {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'});
        png.writeInt(13);
        png.write(header.toByteArray());
        png.writeInt((int) crc.getValue());
        png.writeInt(0);
        png.writeBytes("IEND");
        png.writeInt(0xAE426082);
        return file.toByteArray();
    }

    private static void assertRefused(Run run, String says) {
        assertThat(run.code()).as(run.err()).isEqualTo(1);
        assertThat(run.err().lines())
                .singleElement()
                .asString()
                .startsWith("tollgate: ")
                .contains(says)
                .doesNotContain("Exception");
        assertThat(run.out()).isEmpty();
    }

    private String line(String pattern) {
        return pattern.replace("DIR", dir.toString());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "submit image-enhanse -i image=@DIR/photo.jpg         | there is no workflow 'image-enhanse'; did you mean 'image-enhance'?",
                "submit ../etc -i image=@DIR/photo.jpg                | there is no workflow",
                "submit image-enhance                                 | inputs.image is required",
                "submit image-enhance -i image=@DIR/photo.jpg -i scale=9 | between 1 and 4",
                "submit image-enhance -i image=@DIR/photo.jpg -i scale=two | inputs.scale must be a whole number",
                "submit image-enhance -i image=@DIR/photo.jpg -i sharpness=1 | it has image, scale",
                "submit image-enhance -i image=@DIR/photo.jpg -i scale=@DIR/photo.jpg | takes no file",
                "submit image-enhance -i image=@DIR/none.jpg          | there is no such file",
                "submit image-enhance -i image=@DIR                   | is not a file",
                "submit image-enhance -i image=@DIR/text.jpg          | is no picture",
                "submit image-enhance -i image=@DIR/empty.jpg         | is empty",
                "submit image-enhance -i image=@DIR/bomb.png          | 144 megapixels; at most 50",
                "submit image-enhance -i image=@DIR/cut.png           | is not a sound picture",
                "submit nothing --watch                               | there is no workflow 'nothing'",
                "submit image-enhance -i image=@DIR/bomb.png --watch  | 144 megapixels; at most 50",
                "submit image-enhance -i image=photo.jpg              | inputs.image",
                "submit video-pan -i image=@DIR/photo.jpg             | tollgate credits grant local 100",
                "submit video-pan -i image=@DIR/photo.jpg --out DIR/o | --out needs --watch",
                "jobs show 0190a0f0-0000-7000-8000-000000000000       | there is no job",
                "jobs cancel 0190a0f0-0000-7000-8000-000000000000     | there is no job",
                "jobs retry 0190a0f0-0000-7000-8000-000000000000      | there is no job",
                "jobs watch 0190a0f0-0000-7000-8000-000000000000      | there is no job",
                "jobs show 17                                         | is not a job's id",
                "credits grant local 0                                | more than 0",
                "credits grant local 1.234                            | at most two decimal places",
                "credits grant local ten                              | not an amount",
            })
    void request_isRefusedAndNothingChanged(String pattern, String says) {
        cli.ok("credits grant local 5");
        List<Object> before = cli.state();

        assertRefused(cli.run(line(pattern)), says);

        assertThat(cli.state()).isEqualTo(before);
    }

    @Test
    void submit_sameKeyOtherBody_isRefused() {
        cli.ok("credits grant local 100");
        cli.ok(line("submit video-pan -i image=@DIR/photo.jpg --idempotency-key k"));
        List<Object> before = cli.state();

        assertRefused(
                cli.run(line("submit video-pan -i image=@DIR/photo.jpg -i seconds=2 --idempotency-key k")),
                "idempotency key 'k'");

        assertThat(cli.state()).isEqualTo(before);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "htp.port = 1                    | htp",
                "http.port = many                | http.port",
                "limits.relaxed-share = 2        | limits.relaxed-share",
                "backends.b { type = comfyui }   | backends.b.url",
                "database.url = \"jdbc:sqlite:other.db\" | database.url"
            })
    void config_wrongKeyTypeOrRange_isRefused(String text, String says) throws IOException {
        Path file = Files.writeString(dir.resolve("t.conf"), text + "\n");

        Run run = Cli.runAs(List.of("jobs", "list", "--config", file.toString()));

        assertThat(run.code()).isEqualTo(1);
        assertThat(run.err()).startsWith("tollgate: ").contains(says).doesNotContain("Exception");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"jobs list", "audit", "credits grant local 5", "submit image-frame -i image=@DIR/photo.jpg"})
    void database_notOurs_isRefusedAndUntouched(String command) throws IOException {
        Path file = Files.createDirectories(cli.data()).resolve("tollgate.db");
        Files.writeString(file, "dear diary, today I wrote no database at all\n");

        assertRefused(cli.run(line(command)), "is not a Tollgate database");

        assertThat(file).hasContent("dear diary, today I wrote no database at all\n");
        assertThat(cli.data().resolve("media")).doesNotExist();
    }

    @Test
    void database_newer_isRefused() throws SQLException {
        cli.ok("credits grant local 20");
        try (Connection connection =
                        DriverManager.getConnection("jdbc:sqlite:" + cli.data().resolve("tollgate.db"));
                Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA user_version = 99");
        }

        assertRefused(cli.run("jobs list"), "use a newer program");
        assertRefused(cli.run("credits grant local 5"), "use a newer program");
    }

    @Test
    void database_readOnly_isReadButNotWritten() {
        cli.ok("credits grant local 20");
        assertThat(cli.data().resolve("tollgate.db").toFile().setReadOnly()).isTrue();

        assertRefused(cli.run("credits grant local 5"), "read-only");
        assertThat(cli.json("credits show local").path("available").asInt()).isEqualTo(40);
    }

    @Test
    void directory_anotherProcessWrites_readersWorkAndWritersAreRefused() throws IOException {
        cli.ok("credits grant local 20");
        TollgateConfig config = ConfigLoader.load(
                        Optional.empty(),
                        Map.of(),
                        Map.of(
                                "data-dir",
                                cli.data().toString(),
                                "database.url",
                                "jdbc:sqlite:" + cli.data().resolve("tollgate.db")))
                .config();
        try (ServiceContainer server = ServiceContainer.open(config, Access.WORK, "tollgate serve")) {
            assertThat(server.tollgate().driving()).isZero();
            Path rendering = cli.data().resolve("backends/java2d/mark");
            Files.writeString(rendering, "the server is at work here");
            List<Object> before = cli.state();

            assertRefused(cli.run("credits grant local 5"), "is in use by");
            assertRefused(cli.run(line("submit image-frame -i image=@DIR/photo.jpg")), "is in use by");
            assertRefused(cli.run("queues pause video"), "is in use by");
            assertThat(rendering)
                    .as("nobody else may clear the server's folder")
                    .exists();

            assertThat(cli.state()).isEqualTo(before);
            cli.ok("jobs list");
            cli.ok("queues list");
            cli.ok("limits list");
            cli.ok("backends list");
            cli.ok("doctor");
            cli.ok("audit");
            cli.ok("migrate");
            cli.ok("backup %s", dir.resolve("copy.db"));
        }
        cli.ok("credits grant local 5");
    }
}
