package io.tollgate.app.cli;

/**
 * Shows how several pieces of work get on, on standard error. Safe for use by many threads. Closing it ends what is
 * still shown.
 */
public interface Progress extends AutoCloseable {
    /** Starts to show one more piece of work. */
    Track track(String label);

    @Override
    void close();

    /** One piece of work. Safe for use by many threads. */
    interface Track {
        /**
         * It got this far.
         *
         * @param done from 0 to 1; what is outside is taken as the nearer end
         * @param message what it is at, may be empty
         */
        void at(double done, String message);

        /** Something that is to be known on the way, such as that nothing moves for a while. */
        void note(String message);

        /** It is over. Later calls do nothing. */
        void ended(String message);
    }

    /** The view that fits: live bars for a person, lines elsewhere, nothing with {@code --json}. */
    static Progress on(Terminal terminal, boolean json) {
        if (json) {
            return new NoProgress();
        }
        return terminal.interactive() ? new BarProgress(terminal.err()) : new LineProgress(terminal.err());
    }
}
