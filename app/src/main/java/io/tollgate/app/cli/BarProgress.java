package io.tollgate.app.cli;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.locks.ReentrantLock;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarConsumer;
import me.tongfei.progressbar.ProgressState;
import org.jspecify.annotations.Nullable;

/**
 * Live bars, one under the other. Each redraw goes up to the first line and writes all of them again, so that any
 * number of bars can move at once.
 */
final class BarProgress implements Progress {
    private static final int STEPS = 100;
    private static final int LABEL_COLUMNS = 16;
    private static final int COLUMNS = 79;
    private static final int BAR_COLUMNS = 24;
    private static final String[] EIGHTHS = {"·", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
    private static final String REST_OF_LINE = "\u001b[K";

    private final PrintStream stream;
    private final ReentrantLock lock = new ReentrantLock();
    private final List<Bar> bars = new ArrayList<>();
    private int drawn;

    BarProgress(PrintStream stream) {
        this.stream = stream;
    }

    @Override
    public Track track(String label) {
        Bar bar = new Bar();
        lock.lock();
        try {
            bars.add(bar);
        } finally {
            lock.unlock();
        }
        bar.start(DisplayText.padded(DisplayText.printable(label), LABEL_COLUMNS));
        return bar;
    }

    @Override
    public void close() {
        // the library calls back under a lock of its own, so ours is not held here
        bars().forEach(bar -> bar.ended(""));
    }

    private List<Bar> bars() {
        lock.lock();
        try {
            return List.copyOf(bars);
        } finally {
            lock.unlock();
        }
    }

    /** How far it is, as a bar, and what it is at; no counts and times, which say nothing more. */
    private static String line(ProgressState state, int columns) {
        long done = state.getCurrent();
        int eighths = (int) (done * BAR_COLUMNS * EIGHTHS.length / STEPS);
        int full = eighths / EIGHTHS.length;
        String part = full < BAR_COLUMNS ? EIGHTHS[eighths % EIGHTHS.length] : "";
        String bar = "█".repeat(full) + part + "·".repeat(BAR_COLUMNS - full - (full < BAR_COLUMNS ? 1 : 0));
        String line = state.getTaskName() + String.format(Locale.ROOT, " %3d%%  ", done) + bar + " "
                + state.getExtraMessage();
        return DisplayText.width(line) <= columns ? line : line.substring(0, Math.min(line.length(), columns));
    }

    private void draw(Bar changed, String line) {
        lock.lock();
        try {
            if (line.equals(changed.line)) {
                return;
            }
            changed.line = line;
            StringBuilder frame = new StringBuilder();
            if (drawn > 0) {
                frame.append("\u001b[").append(drawn).append('A');
            }
            for (Bar bar : bars) {
                frame.append('\r').append(bar.line).append(REST_OF_LINE).append('\n');
            }
            drawn = bars.size();
            stream.print(frame);
            stream.flush();
        } finally {
            lock.unlock();
        }
    }

    private final class Bar implements Track, ProgressBarConsumer {
        private final ReentrantLock turn = new ReentrantLock();
        private String line = "";
        private @Nullable ProgressBar bar;

        void start(String label) {
            turn.lock();
            try {
                bar = new ProgressBarBuilder()
                        .setTaskName(label)
                        .setInitialMax(STEPS)
                        .setRenderer(BarProgress::line)
                        .setConsumer(this)
                        .build();
                bar.refresh();
            } finally {
                turn.unlock();
            }
        }

        @Override
        public void at(double done, String message) {
            turn.lock();
            try {
                if (bar != null) {
                    bar.stepTo(Math.round(Math.max(0, Math.min(1, done)) * STEPS));
                    bar.setExtraMessage(" " + DisplayText.printable(message));
                    bar.refresh();
                }
            } finally {
                turn.unlock();
            }
        }

        @Override
        public void note(String message) {
            turn.lock();
            try {
                if (bar != null) {
                    bar.setExtraMessage(" " + DisplayText.printable(message));
                    bar.refresh();
                }
            } finally {
                turn.unlock();
            }
        }

        @Override
        public void ended(String message) {
            turn.lock();
            try {
                if (bar != null) {
                    if (!message.isEmpty()) {
                        bar.setExtraMessage(" " + DisplayText.printable(message));
                        bar.refresh();
                    }
                    bar.close();
                    bar = null;
                }
            } finally {
                turn.unlock();
            }
        }

        @Override
        public int getMaxRenderedLength() {
            return COLUMNS;
        }

        @Override
        public void close() {
            // the line stays where it is
        }

        @Override
        public void accept(String rendered) {
            draw(this, rendered);
        }
    }
}
