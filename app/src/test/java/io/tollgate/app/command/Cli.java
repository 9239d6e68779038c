package io.tollgate.app.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tollgate.app.cli.Terminal;
import io.tollgate.app.cli.TollgateCommandLine;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;

/** The program as a user meets it, on one data directory: arguments in, exit code and two streams out. */
final class Cli {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path data;

    private final Map<String, String> environment;

    Cli(Path data) {
        this(data, Map.of());
    }

    private Cli(Path data, Map<String, String> environment) {
        this.data = data;
        this.environment = environment;
    }

    /** Where nobody has a trial, so that what is bought and given can be counted. */
    static Cli withoutTrial(Path data) {
        return new Cli(data, Map.of("TOLLGATE_TRIAL_CREDITS", "0"));
    }

    /** What a run left behind. */
    record Run(int code, String out, String err) {
        JsonNode json() {
            try {
                return JSON.readTree(out);
            } catch (IOException e) {
                throw new UncheckedIOException("not JSON: " + out, e);
            }
        }
    }

    Path data() {
        return data;
    }

    /** Runs {@code line}, cut at blanks, with an argument for each {@code %s}, on the directory. */
    Run run(String line, Object... arguments) {
        List<String> words = words(line, arguments);
        words.add("--data");
        words.add(data.toString());
        return runAs(words, environment);
    }

    /** {@code line}, cut at blanks, with an argument for each {@code %s}. */
    static List<String> words(String line, Object... arguments) {
        List<String> words = new ArrayList<>();
        Iterator<Object> values = List.of(arguments).iterator();
        for (String word : line.split(" ", -1)) {
            words.add(word.contains("%s") ? word.replace("%s", String.valueOf(values.next())) : word);
        }
        return words;
    }

    static Run runAs(List<String> words) {
        return runAs(words, Map.of());
    }

    static Run runAs(List<String> words, Map<String, String> environment) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Terminal terminal = new Terminal(
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                false);
        int code = new TollgateCommandLine(terminal, environment, Commands.all()).run(words.toArray(String[]::new));
        return new Run(code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    /** Runs what must succeed. */
    Run ok(String line, Object... arguments) {
        Run run = run(line, arguments);
        assertThat(run.code()).as("%s\n%s", line, run.err()).isZero();
        return run;
    }

    /** The JSON of what must succeed. */
    JsonNode json(String line, Object... arguments) {
        return ok(line + " --json", arguments).json();
    }

    /** Everything that a refusal must leave as it was: credits, rows, files. */
    List<Object> state() {
        JsonNode credits = json("credits show local");
        JsonNode audit = json("audit");
        assertThat(audit.path("ok").asBoolean()).isTrue();
        return List.of(
                credits.path("available"),
                credits.path("held"),
                audit.path("counts"),
                json("storage").path("kinds"));
    }

    /** A photo of a few pixels. */
    static Path photo(Path file) throws IOException {
        BufferedImage picture = new BufferedImage(64, 48, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = picture.createGraphics();
        graphics.setColor(Color.ORANGE);
        graphics.fillOval(10, 10, 30, 30);
        graphics.dispose();
        assertThat(ImageIO.write(picture, "jpg", file.toFile())).isTrue();
        return file;
    }
}
