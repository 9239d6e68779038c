package io.tollgate.app.log;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.util.ContextInitializer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tollgate.app.config.Secret;
import io.tollgate.app.config.TollgateConfig.Log;
import io.tollgate.app.config.TollgateConfig.LogFormat;
import io.tollgate.app.config.TollgateConfig.LogLevel;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

final class LoggingTest {
    private final ByteArrayOutputStream stream = new ByteArrayOutputStream();

    @AfterEach
    void putBack() throws Exception {
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        context.reset();
        new ContextInitializer(context).autoConfig();
    }

    private void setUp(LogFormat format, LogLevel level, String... secrets) {
        Logging.setUp(
                new Log(format, level),
                stream,
                List.of(secrets).stream().map(Secret::new).toList());
    }

    private List<String> lines() {
        return stream.toString(StandardCharsets.UTF_8).lines().toList();
    }

    private static void logOne(String message) {
        try (MDC.MDCCloseable request = MDC.putCloseable(Logging.REQUEST, "r-1")) {
            assertThat(request).isNotNull();
            LoggerFactory.getLogger("io.tollgate.app.Probe")
                    .atInfo()
                    .setMessage(message)
                    .addKeyValue(Logging.JOB, "j-1")
                    .addKeyValue(Logging.USER, "ann")
                    .log();
        }
    }

    @Test
    void text_hasKeysAndContextInOneLine() {
        setUp(LogFormat.TEXT, LogLevel.INFO);

        logOne("job\nclaimed");

        assertThat(lines())
                .singleElement()
                .asString()
                .matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z INFO  .*")
                .contains("Probe", "job | claimed", "job=j-1", "user=ann", "request_id=r-1");
    }

    @Test
    void json_hasKeysAndContextAsFields() throws IOException {
        setUp(LogFormat.JSON, LogLevel.INFO);

        logOne("job claimed");

        assertThat(lines()).hasSize(1);
        JsonNode line = new ObjectMapper().readTree(lines().get(0));
        assertThat(line.path("message").asText()).isEqualTo("job claimed");
        assertThat(line.path("job").asText()).isEqualTo("j-1");
        assertThat(line.path("user").asText()).isEqualTo("ann");
        assertThat(line.path("request_id").asText()).isEqualTo("r-1");
        assertThat(line.path("level").asText()).isEqualTo("INFO");
    }

    @Test
    void level_oursAsConfigured_othersFromWarn() {
        setUp(LogFormat.TEXT, LogLevel.DEBUG);

        LoggerFactory.getLogger("io.tollgate.x").debug("ours");
        LoggerFactory.getLogger("io.tollgate.x").trace("too fine");
        LoggerFactory.getLogger("com.example").info("noise");
        LoggerFactory.getLogger("com.example").warn("trouble");

        assertThat(String.join("\n", lines())).contains("ours", "trouble").doesNotContain("too fine", "noise");
    }

    @Test
    void level_error_holdsForOthersToo() {
        setUp(LogFormat.TEXT, LogLevel.ERROR);

        LoggerFactory.getLogger("com.example").warn("trouble");

        assertThat(lines()).isEmpty();
    }

    @Test
    void secrets_knownOrLookingLikeOne_areHiddenEverywhere() {
        for (LogFormat format : LogFormat.values()) {
            setUp(format, LogLevel.INFO, "geheim\"1");
            LoggerFactory.getLogger("io.tollgate.x")
                    .atError()
                    .setMessage("said geheim\"1 and Bearer abcdef.123 and tg_live_AbC123")
                    .addKeyValue("url", "jdbc:postgresql://me:pass-1@db/x?password=pass-2")
                    .addKeyValue("bot", "https://t.example/bot123456789:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA/getMe")
                    .setCause(new IOException("geheim\"1"))
                    .log();
        }

        assertThat(String.join("\n", lines()))
                .contains("(hidden)", "said")
                .doesNotContain("geheim", "abcdef", "AbC123", "pass-1", "pass-2", "AAAAA");
    }
}
