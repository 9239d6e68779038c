package io.tollgate.bench;

/**
 * How large {@link Scale} gets, and how much it measures.
 *
 * @param few jobs that wait when few do, at least 1
 * @param queued jobs that wait when many do, at least {@code few}
 * @param someFinished jobs that ended when some did, at least 1
 * @param finished jobs that ended when many did
 * @param users users when there are many
 * @param models models when there are many
 * @param turns rounds and length of each turn
 * @param looks how often each question is asked for its percentiles, at least 1
 */
record ScaleSettings(
        int few, int queued, int someFinished, int finished, int users, int models, Settings turns, int looks) {
    ScaleSettings {
        check(few >= 1 && queued >= few, "there are 1 to --queued jobs when few wait", few);
        check(someFinished >= 1, "at least 1 job has ended when some did", someFinished);
        check(finished >= someFinished, "more must have ended when many did", finished);
        check(users >= 1 && models >= 1, "there are users and models", users + ", " + models);
        check(looks >= 1, "each question is asked at least once", looks);
    }

    private static void check(boolean ok, String rule, Object value) {
        if (!ok) {
            throw new IllegalArgumentException(rule + ": " + value);
        }
    }
}
