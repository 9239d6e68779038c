package io.tollgate.http;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.AppenderBase;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.slf4j.LoggerFactory;

/** Reads all that the server logs while it is open, ours down to the last detail, and looks for secrets. */
final class LogGuard extends AppenderBase<ILoggingEvent> implements AutoCloseable {
    private final Set<String> secrets = ConcurrentHashMap.newKeySet();
    private final ConcurrentLinkedQueue<String> lines = new ConcurrentLinkedQueue<>();
    private final List<Logger> loggers = new ArrayList<>();
    private final List<Level> before = new ArrayList<>();
    private final Appender<ILoggingEvent> suite = Objects.requireNonNull(
            ((Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME)).getAppender("suite"));

    LogGuard() {
        setContext((ch.qos.logback.classic.LoggerContext) LoggerFactory.getILoggerFactory());
        start();
        listen("io.tollgate", Level.DEBUG);
        listen("org.eclipse.jetty", Level.INFO); // below that it logs whole calls, which the program never lets it
    }

    private void listen(String name, Level level) {
        Logger logger = (Logger) LoggerFactory.getLogger(name);
        before.add(logger.getLevel());
        loggers.add(logger);
        logger.setLevel(level);
        logger.setAdditive(false);
        logger.addAppender(this);
        logger.addAppender(suite); // what all modules logged is read again at the end
    }

    /** From now on this must not be logged, nor have been. */
    void protect(String secret) {
        secrets.add(secret);
    }

    @Override
    protected void append(ILoggingEvent event) {
        String thrown = event.getThrowableProxy() == null ? "" : ThrowableProxyUtil.asString(event.getThrowableProxy());
        lines.add(event.getFormattedMessage() + " " + event.getKeyValuePairs() + " " + event.getMDCPropertyMap()
                + thrown);
    }

    /** Whether something was logged that says that. */
    boolean has(String words) {
        return lines.stream().anyMatch(line -> line.contains(words));
    }

    @Override
    public void close() {
        for (int i = 0; i < loggers.size(); i++) {
            loggers.get(i).detachAppender(this);
            loggers.get(i).detachAppender(suite);
            loggers.get(i).setLevel(before.get(i));
            loggers.get(i).setAdditive(true);
        }
        for (String line : lines) {
            for (String secret : secrets) {
                if (line.contains(secret)) {
                    throw new AssertionError("a secret was logged: " + line.replace(secret, "***"));
                }
            }
        }
    }
}
