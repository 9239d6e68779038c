package io.tollgate.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

final class BacklogTest {
    private final Backlog backlog = new Backlog(3);

    private static byte[] frame(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static List<String> texts(Backlog.Taken taken) {
        return taken.frames().stream()
                .map(bytes -> new String(bytes, StandardCharsets.UTF_8))
                .toList();
    }

    @Test
    void tell_moreThanMayWait_isRefusedUntilSomeIsTaken() {
        assertThat(backlog.tell(frame("1"))).isTrue();
        assertThat(backlog.tell(frame("2"))).isTrue();
        assertThat(backlog.tell(frame("3"))).isTrue();
        assertThat(backlog.tell(frame("4"))).isFalse();

        assertThat(texts(backlog.take(2))).containsExactly("1", "2");
        assertThat(backlog.tell(frame("5"))).isTrue();
        assertThat(texts(backlog.take(9))).containsExactly("3", "5");
    }

    @Test
    void show_sameName_keepsTheNewestBehindWhatMustArrive() {
        backlog.show("progress", frame("10 %"));
        backlog.show("preview", frame("a"));
        backlog.show("progress", frame("20 %"));
        backlog.tell(frame("status"));

        assertThat(texts(backlog.take(9))).containsExactly("status", "a", "20 %");
        assertThat(texts(backlog.take(9))).isEmpty();
    }

    @Test
    void show_tooMuch_isLeftOutUntilSomeIsTaken() {
        byte[] half = new byte[Backlog.MAX_SHOWN_BYTES / 2];
        backlog.show("a", half);
        backlog.show("b", half);
        backlog.show("c", half);
        assertThat(backlog.take(9).frames()).hasSize(2);

        backlog.show("c", half);
        backlog.show("c", half);
        backlog.show("a", half);
        assertThat(backlog.take(9).frames()).hasSize(2);
    }

    @Test
    void end_withSomethingWaiting_comesAfterIt() {
        backlog.tell(frame("1"));
        backlog.tell(frame("2"));
        backlog.end();
        assertThat(backlog.tell(frame("late"))).isTrue();
        backlog.show("late", frame("late"));

        assertThat(backlog.take(1).last()).isFalse();
        assertThat(backlog.take(1)).satisfies(taken -> {
            assertThat(texts(taken)).containsExactly("2");
            assertThat(taken.last()).isTrue();
        });
    }

    @Test
    void drop_whateverWaits_isGone() {
        backlog.tell(frame("1"));
        backlog.show("a", frame("2"));
        backlog.drop();

        assertThat(backlog.take(9).frames()).isEmpty();
    }
}
