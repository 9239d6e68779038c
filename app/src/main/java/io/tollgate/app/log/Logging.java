package io.tollgate.app.log;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.OutputStreamAppender;
import ch.qos.logback.core.encoder.Encoder;
import io.tollgate.app.config.Secret;
import io.tollgate.app.config.TollgateConfig.Log;
import io.tollgate.app.config.TollgateConfig.LogFormat;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import net.logstash.logback.encoder.LogstashEncoder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sets logging up. Lines carry what the call named ({@code addKeyValue}) and what the thread is at (MDC): as
 * {@code name=value} in text, as fields in JSON. Ours are logged from the configured level, others' from {@code warn}.
 */
public final class Logging {
    /** The names under which a line says what it is about; for key/values and MDC alike. */
    public static final String JOB = "job";

    /** Whose job or credits. */
    public static final String USER = "user";

    /** The id of the request that was being answered. */
    public static final String REQUEST = "request_id";

    private static final String OURS = "io.tollgate";
    private static final String TEXT =
            "%d{yyyy-MM-dd'T'HH:mm:ss.SSSXXX, UTC} %-5level %-20logger{20} %replace(%msg){'[\\r\\n]+', ' | '}"
                    + " %replace(%kvp{NONE} %mdc){'[\\r\\n]+', ' | '}%n%ex";

    private Logging() {}

    /**
     * Logs to {@code stream} from now on, and only there. Called again, it replaces what held before.
     *
     * @param secrets what must never be in a line, besides whatever looks like a secret
     */
    public static void setUp(Log config, OutputStream stream, List<Secret> secrets) {
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        context.reset();
        MaskingEncoder encoder = new MaskingEncoder(encoder(config.format(), context), secrets);
        encoder.setContext(context);
        encoder.start();
        OutputStreamAppender<ILoggingEvent> appender = new OutputStreamAppender<>();
        appender.setContext(context);
        appender.setName("stderr");
        appender.setEncoder(encoder);
        appender.setOutputStream(new Unclosed(stream));
        appender.start();
        ch.qos.logback.classic.Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);
        Level level = Level.toLevel(config.level().name());
        root.addAppender(appender);
        root.setLevel(level.isGreaterOrEqual(Level.WARN) ? level : Level.WARN);
        context.getLogger(OURS).setLevel(level);
    }

    private static Encoder<ILoggingEvent> encoder(LogFormat format, LoggerContext context) {
        return switch (format) {
            case TEXT -> {
                PatternLayoutEncoder text = new PatternLayoutEncoder();
                text.setContext(context);
                text.setPattern(TEXT);
                yield text;
            }
            case JSON -> {
                LogstashEncoder json = new LogstashEncoder();
                json.setContext(context);
                json.setTimeZone("UTC");
                yield json;
            }
        };
    }

    /** Standard error outlives any logging set-up. */
    private static final class Unclosed extends FilterOutputStream {
        Unclosed(OutputStream stream) {
            super(stream);
        }

        @Override
        public void write(byte[] bytes, int from, int count) throws IOException {
            out.write(bytes, from, count);
        }

        @Override
        public void close() throws IOException {
            flush();
        }
    }
}
