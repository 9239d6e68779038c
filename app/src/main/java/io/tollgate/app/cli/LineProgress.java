package io.tollgate.app.cli;

import java.io.PrintStream;
import java.util.concurrent.locks.ReentrantLock;

/** One line for each quarter of the way: for logs and pipes, where nothing can be redrawn. */
final class LineProgress implements Progress {
    private static final int STEPS = 4;

    private final PrintStream stream;
    private final ReentrantLock lock = new ReentrantLock();

    LineProgress(PrintStream stream) {
        this.stream = stream;
    }

    @Override
    public Track track(String label) {
        return new Line(DisplayText.printable(label));
    }

    @Override
    public void close() {
        stream.flush();
    }

    private final class Line implements Track {
        private final String label;
        private int shown = -1;
        private boolean over;

        Line(String label) {
            this.label = label;
        }

        @Override
        public void at(double done, String message) {
            double inside = Math.max(0, Math.min(1, done));
            lock.lock();
            try {
                int step = (int) (inside * STEPS);
                if (!over && step > shown) {
                    shown = step;
                    print((int) (inside * 100) + "%", message);
                }
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void note(String message) {
            lock.lock();
            try {
                if (!over) {
                    stream.println(label + ": " + DisplayText.printable(message));
                    stream.flush();
                }
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void ended(String message) {
            lock.lock();
            try {
                if (!over) {
                    over = true;
                    print("ended", message);
                }
            } finally {
                lock.unlock();
            }
        }

        private void print(String what, String message) {
            stream.println(label + ": " + (message.isEmpty() ? what : what + ", " + DisplayText.printable(message)));
            stream.flush();
        }
    }
}
