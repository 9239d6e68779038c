package io.tollgate.queue.workflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What every {@link WorkflowSource} must do. Extend it and give it a source that can be read and one that can't. */
public abstract class WorkflowSourceContract {
    private static final long PATIENCE_SECONDS = 30;
    private static final int THREADS = 4;

    /** A source with at least one workflow, the same at each call. */
    protected abstract WorkflowSource source() throws Exception;

    /** A source with a workflow that makes no sense. */
    protected abstract WorkflowSource broken() throws Exception;

    @Test
    void load_whatIsThere_makesACatalogue() throws Exception {
        List<Workflow> workflows = source().load();

        assertThat(workflows).isNotEmpty();
        assertThatCode(() -> Catalogue.of(workflows)).doesNotThrowAnyException();
    }

    @Test
    void load_nothingChanged_isTheSameInTheSameOrder() throws Exception {
        assertThat(source().load()).isEqualTo(source().load());
    }

    @Test
    @SuppressWarnings("DoNotCall") // that is the point
    void load_itsAnswer_canNotBeChanged() throws Exception {
        List<Workflow> workflows = source().load();

        assertThatThrownBy(() -> workflows.remove(0)).isInstanceOf(UnsupportedOperationException.class);
    }

    @Test
    void load_oneThatMakesNoSense_saysWhichEachTime() throws Exception {
        WorkflowSource broken = broken();

        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(broken::load)
                    .isInstanceOf(InvalidWorkflowException.class)
                    .message()
                    .isNotBlank();
        }
    }

    @Test
    void load_byManyThreads_isTheSameForAll() throws Exception {
        WorkflowSource source = source();
        List<Workflow> expected = source.load();
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        try {
            CyclicBarrier together = new CyclicBarrier(THREADS);
            List<Future<List<Workflow>>> readers = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                readers.add(threads.submit(() -> {
                    together.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
                    return source.load();
                }));
            }
            for (Future<List<Workflow>> reader : readers) {
                assertThat(reader.get(PATIENCE_SECONDS, TimeUnit.SECONDS)).isEqualTo(expected);
            }
        } finally {
            threads.shutdownNow();
        }
    }
}
