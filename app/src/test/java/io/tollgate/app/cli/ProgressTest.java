package io.tollgate.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

final class ProgressTest {
    @Test
    void elsewhere_linesForEachQuarter() {
        Screen screen = new Screen(false);
        try (Progress progress = Progress.on(screen.terminal(), false)) {
            Progress.Track one = progress.track("one");
            Progress.Track two = progress.track("two");
            one.at(0, "");
            one.at(0.1, "more");
            two.at(0.3, "frame 7\n");
            one.at(0.26, "");
            one.at(0.2, "back");
            one.at(7, "");
            one.ended("10 credits");
            one.at(1, "late");
            two.ended("");
        }

        assertThat(screen.err().lines())
                .containsExactly(
                        "one: 0%",
                        "two: 30%, frame 7·", "one: 26%", "one: 100%", "one: ended, 10 credits", "two: ended");
        assertThat(screen.out()).isEmpty();
    }

    @Test
    void json_nothing() {
        Screen screen = new Screen(true);
        try (Progress progress = Progress.on(screen.terminal(), true)) {
            progress.track("one").at(0.5, "x");
        }

        assertThat(screen.err()).isEmpty();
    }

    @Test
    void terminal_barsOneUnderTheOther_lastFrameShowsAll() {
        Screen screen = new Screen(true);
        try (Progress progress = Progress.on(screen.terminal(), false)) {
            Progress.Track one = progress.track("image-enhance");
            Progress.Track two = progress.track("video-pan");
            one.at(0.5, "half");
            two.at(0.25, "");
            one.at(1, "");
            one.ended("10 credits");
            two.ended("given up");
            two.at(0.9, "late");
        }

        List<String> lines = List.of(screen.err().split("\n", -1));
        List<String> last = lines.subList(lines.size() - 3, lines.size() - 1);
        assertThat(last.get(0)).startsWith("\u001b[2A\rimage-enhance").contains("100%", "10 credits");
        assertThat(last.get(1))
                .startsWith("\rvideo-pan")
                .contains("25%", "given up")
                .doesNotContain("late");
        assertThat(screen.out()).isEmpty();
    }
}
