package io.tollgate.app.cli;

/** Shows nothing. */
final class NoProgress implements Progress {
    private static final Track SILENT = new Track() {
        @Override
        public void at(double done, String message) {
            // a program reads along; it asks for the result
        }

        @Override
        public void note(String message) {
            // nobody looks
        }

        @Override
        public void ended(String message) {
            // the same
        }
    };

    @Override
    public Track track(String label) {
        return SILENT;
    }

    @Override
    public void close() {
        // nothing is held
    }
}
