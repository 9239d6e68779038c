package io.tollgate.app.log;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.tollgate.queue.event.JobEvent;
import io.tollgate.queue.event.JobListener;
import io.tollgate.queue.event.JobListenerContract;
import io.tollgate.queue.test.JobEvents;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

final class JobLogTest extends JobListenerContract {
    private final Logger logger = (Logger) LoggerFactory.getLogger(JobLog.class);
    private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
    private final JobLog log = new JobLog(false);

    @BeforeEach
    void read() {
        logger.setLevel(Level.TRACE);
        logger.setAdditive(false);
        logger.addAppender(lines);
        lines.start();
    }

    @AfterEach
    void putBack() {
        logger.detachAppender(lines);
        logger.setAdditive(true);
        logger.setLevel(null);
    }

    @Override
    protected JobListener listener() {
        return log;
    }

    @Test
    void on_everyKindOfEvent_logsNothingThatUsersWrote() {
        List<JobEvent> story = new JobEvents().story();

        story.forEach(log::on);

        assertThat(lines.list)
                .extracting(line -> line.getFormattedMessage() + line.getKeyValuePairs())
                .anyMatch(line -> line.startsWith("job completed"))
                .noneMatch(line -> line.contains(JobEvents.PROMPT));
    }
}
