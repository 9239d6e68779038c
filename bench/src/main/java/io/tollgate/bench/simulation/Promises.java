package io.tollgate.bench.simulation;

/** How promised starts were kept. */
final class Promises {
    private static final double LEAST_SECONDS = 10;
    private static final double PART = 0.25;

    private int made;
    private int kept;
    private int waited;
    private int keptOfWaited;
    private int early;

    /** @param promised seconds from the submission; negative if nothing could be said */
    void judge(double promised, double actual) {
        boolean isKept = promised >= 0 && Math.abs(actual - promised) <= Math.max(LEAST_SECONDS, PART * actual);
        made++;
        kept += isKept ? 1 : 0;
        if (actual > 0) {
            waited++;
            keptOfWaited += isKept ? 1 : 0;
        }
        early += !isKept && promised > actual ? 1 : 0;
    }

    int made() {
        return made;
    }

    int waited() {
        return waited;
    }

    /** Which part was within a quarter of the wait or 10 s. */
    double kept() {
        return made == 0 ? 1 : (double) kept / made;
    }

    /** The same of those that had to wait at all. */
    double keptOfWaited() {
        return waited == 0 ? 1 : (double) keptOfWaited / waited;
    }

    /** Which part started much earlier than promised. */
    double early() {
        return made == 0 ? 0 : (double) early / made;
    }
}
