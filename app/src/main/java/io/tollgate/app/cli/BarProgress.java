package io.tollgate.app.cli;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarConsumer;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/**
 * Live bars, one under the other. Each redraw goes up to the first line and writes all of them again, so that any
 * number of bars can move at once.
 */
final class BarProgress implements Progress {
    private static final int STEPS = 100;
    private static final int LABEL_COLUMNS = 16;
    private static final int COLUMNS = 79;
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
                        .setStyle(ProgressBarStyle.UNICODE_BLOCK)
                        .setConsumer(this)
                        .hideEta()
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
