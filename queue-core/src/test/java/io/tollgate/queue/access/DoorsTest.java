package io.tollgate.queue.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.tollgate.credits.account.UserId;
import io.tollgate.credits.test.MutableClock;
import io.tollgate.queue.access.Doors.Notice;
import io.tollgate.queue.access.Doors.Submissions;
import io.tollgate.queue.job.Refusal;
import io.tollgate.queue.job.SubmissionMode;
import io.tollgate.queue.memory.MemoryStateStore;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

final class DoorsTest {
    private final MutableClock clock = new MutableClock();
    private final StateStore store = new MemoryStateStore(clock);
    private final Doors doors = new Doors(store, clock);

    @Test
    void doors_whereNobodySaidAnything_areOpen() {
        assertThat(doors.notice()).isEmpty();
        assertThat(doors.submissions()).isEqualTo(Submissions.OPEN);
        assertThat(doors.closed()).isEmpty();
        assertThat(doors.clearNotice()).isFalse();
    }

    @ParameterizedTest
    @EnumSource(SubmissionMode.class)
    void said_always_staysOverARestart(SubmissionMode mode) {
        clock.advance(Duration.ofHours(3));
        Notice notice = doors.show("Maintenance: tonight, 10–11 pm.", "cli:eva");
        Submissions submissions = doors.take(mode, "back at 11", "admin:adam");
        Submissions silent = new Submissions(mode, "", "admin:adam", clock.instant());

        Doors later = new Doors(store, clock);

        assertThat(notice).isEqualTo(new Notice("Maintenance: tonight, 10–11 pm.", "cli:eva", clock.instant()));
        assertThat(doors.notice()).contains(notice);
        assertThat(later.notice()).contains(notice);
        assertThat(doors.submissions()).isEqualTo(submissions);
        assertThat(later.submissions()).isEqualTo(submissions);
        assertThat(later.take(mode, "", "admin:adam")).isEqualTo(silent);
        assertThat(new Doors(store, clock).submissions()).isEqualTo(silent);
        assertThat(later.clearNotice()).isTrue();
        assertThat(new Doors(store, clock).notice()).isEmpty();
        assertThat(doors.notice()).contains(notice); // it hears of others when it is asked to
        doors.reload();
        assertThat(doors.notice()).isEmpty();
    }

    @Test
    void closed_always_saysWhy() {
        doors.take(SubmissionMode.DISABLED, "back at 11", "cli:eva");
        assertThat(doors.closed()).contains(new Refusal.Closed(SubmissionMode.DISABLED, "back at 11"));
        assertThat(doors.closed().orElseThrow().message()).isEqualTo("no jobs are taken at present: back at 11");
        assertThat(doors.closed().orElseThrow().code()).isEqualTo("unavailable");

        doors.take(SubmissionMode.MEMBERS_ONLY, "", "cli:eva");
        assertThat(doors.closed().orElseThrow().message())
                .isEqualTo("only members' jobs are taken at present; try again later");
        assertThat(doors.closed().orElseThrow().code()).isEqualTo("forbidden");

        doors.take(SubmissionMode.ENABLED, "", "cli:eva");
        assertThat(doors.closed()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "  ", "two\nlines", "nul\u0000", "\uD800"})
    void show_ofWhatIsNoText_isRefused(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> doors.show(text, "cli:eva"));
        assertThat(doors.notice()).isEmpty();
    }

    @Test
    void said_tooLong_isRefused() {
        String longest = "x".repeat(Doors.MAX_TEXT);
        assertThat(doors.show(longest, "cli:eva").text()).isEqualTo(longest);
        assertThatIllegalArgumentException().isThrownBy(() -> doors.show(longest + "x", "cli:eva"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> doors.take(SubmissionMode.DISABLED, longest + "x", "cli:eva"));
        assertThatIllegalArgumentException().isThrownBy(() -> doors.show("x", ""));
        assertThat(doors.closed()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "1\nme", "1\nme\nclosed\nwhy", "1\nme\ndisabled\nwhy\nmore"})
    void doors_whereSomethingElseStands_doNotOpen(String value) {
        store.put("doors.submissions", value, Optional.empty());

        assertThatIllegalStateException().isThrownBy(() -> new Doors(store, clock));
    }

    @ParameterizedTest
    @EnumSource(SubmissionMode.class)
    void mode_ofAWord_isFound(SubmissionMode mode) {
        assertThat(SubmissionMode.parse(mode.word())).contains(mode);
        assertThat(SubmissionMode.parse(mode.name())).isEmpty();
    }

    @Test
    void clear_isReadAgainByTheNextProcess_andForgetsWhoDidIt() {
        Doors.Cleared cleared = doors.clear(17, "admin:eva");

        Doors later = new Doors(store, clock);
        assertThat(later.cleared()).contains(cleared);
        assertThat(cleared.jobs().before()).isEqualTo(17);
        assertThat(cleared.jobs().at()).isEqualTo(clock.instant());
        store.forget(new UserId("eva"));
        later.reload();
        assertThat(later.cleared().orElseThrow().jobs()).isEqualTo(cleared.jobs());
        assertThat(later.cleared().orElseThrow().by()).doesNotContain("eva");
    }
}
