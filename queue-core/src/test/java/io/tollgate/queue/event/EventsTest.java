package io.tollgate.queue.event;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.queue.test.JobEvents;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

final class EventsTest {
    private final Queue<Runnable> handedIn = new ArrayDeque<>();
    private final Events events = new Events(handedIn::add);
    private final List<JobEvent> heard = new ArrayList<>();
    private final List<JobEvent> story = new JobEvents().story();
    private final JobEvent progress = story.stream()
            .filter(JobEvent.Progressed.class::isInstance)
            .findFirst()
            .orElseThrow();

    private void runAll() {
        for (Runnable next = handedIn.poll(); next != null; next = handedIn.poll()) {
            next.run();
        }
    }

    @Test
    void tell_listenerThatIsFarBehind_losesProgressAndNothingElse() {
        events.listen(heard::add);
        for (int i = 0; i <= Events.PROGRESS_DROPPED_ABOVE; i++) {
            events.tell(progress);
        }
        events.tell(progress);

        story.forEach(events::tell); // with its progress, which is dropped
        runAll();

        List<JobEvent> rest = heard.subList(Events.PROGRESS_DROPPED_ABOVE + 1, heard.size());
        assertThat(heard.subList(0, Events.PROGRESS_DROPPED_ABOVE + 1)).containsOnly(progress);
        assertThat(rest)
                .isEqualTo(story.stream()
                        .filter(event -> !(event instanceof JobEvent.Progressed || event instanceof JobEvent.Previewed))
                        .toList());
        assertThat(rest).filteredOn(JobEvent.Ended.class::isInstance).hasSize(5);
    }

    @Test
    void tell_listenerThatCaughtUp_hearsOfProgressAgain() {
        events.listen(heard::add);
        for (int i = 0; i < 2 * Events.PROGRESS_DROPPED_ABOVE; i++) {
            events.tell(progress);
        }
        runAll();
        heard.clear();

        events.tell(progress);
        runAll();

        assertThat(heard).containsExactly(progress);
    }

    @Test
    void tell_executorThatIsClosed_tellsOnTheCallersThread() {
        Events closing = new Events(task -> {
            throw new RejectedExecutionException("closed by the test");
        });
        closing.listen(heard::add);

        story.forEach(closing::tell);

        assertThat(heard).isEqualTo(story);
    }
}
