package io.tollgate.app.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

final class LifecycleTest {
    private final List<String> told = new CopyOnWriteArrayList<>();
    private final Lifecycle lifecycle = new Lifecycle();

    private Service service(String name) {
        return Service.of(
                name, Duration.ofSeconds(10), () -> told.add("start " + name), () -> told.add("stop " + name));
    }

    @Test
    void stop_isInReverse_andOnceOnly() {
        lifecycle.add(service("database"));
        lifecycle.add(service("store"));
        lifecycle.add(service("tollgate"));

        lifecycle.start();
        lifecycle.stop();
        lifecycle.stop();

        assertThat(told)
                .containsExactly(
                        "start database",
                        "start store",
                        "start tollgate",
                        "stop tollgate",
                        "stop store",
                        "stop database");
    }

    @Test
    void start_thatFails_undoesItself() {
        lifecycle.add(service("database"));
        lifecycle.add(Service.of(
                "broken",
                Duration.ofSeconds(10),
                () -> {
                    throw new IllegalStateException("no luck");
                },
                () -> told.add("stop broken")));
        lifecycle.add(service("never"));

        assertThatThrownBy(lifecycle::start).hasMessage("no luck");

        assertThat(told).containsExactly("start database", "stop never", "stop broken", "stop database");
    }

    @Test
    void stop_thatThrowsOrHangs_holdsUpNoOther() {
        CountDownLatch never = new CountDownLatch(1);
        lifecycle.add(service("database"));
        lifecycle.add(Service.of("throws", Duration.ofSeconds(10), () -> {
            throw new IllegalStateException("no luck");
        }));
        lifecycle.add(Service.of("hangs", Duration.ofMillis(1), () -> {
            try {
                never.await();
            } catch (InterruptedException e) {
                told.add("hangs was interrupted");
            }
        }));

        lifecycle.stop();

        assertThat(told).contains("stop database");
    }
}
