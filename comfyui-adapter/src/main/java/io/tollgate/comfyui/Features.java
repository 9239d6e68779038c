package io.tollgate.comfyui;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a server can do, by its version. The releases are those of upstream's tags; a server that doesn't tell a version
 * that can be read is believed to do only what it shows.
 *
 * @param version as the server tells it, or {@code unknown}
 * @param ownIds whether it takes the prompt's id from us
 * @param interruptById whether an interrupt can be aimed at one prompt; before, it stops whatever runs, whoever's it is
 * @param jobs whether one prompt can be asked for wherever it is
 * @param jobsCancel whether one prompt can be stopped wherever it is
 */
record Features(String version, boolean ownIds, boolean interruptById, boolean jobs, boolean jobsCancel) {
    private static final Pattern NUMBERS = Pattern.compile("^v?(\\d{1,4})\\.(\\d{1,4})(?:\\.(\\d{1,6}))?(?!\\d)");
    private static final int LONGEST = 40;

    /**
     * What a server of that version can do.
     *
     * @param told what it says, empty if nothing
     * @param answersFeatures whether it has {@code /features}; matters only if the version can't be read
     * @param answersJobs whether it has {@code /api/jobs}; likewise
     */
    static Features of(String told, boolean answersFeatures, boolean answersJobs) {
        Matcher numbers = NUMBERS.matcher(told.strip());
        if (!numbers.find()) {
            // who has /api/jobs (0.6.0) has what came before it; whether it cancels shows when it is asked to
            return new Features("unknown", answersFeatures, answersJobs, answersJobs, answersJobs);
        }
        long version = rank(
                Integer.parseInt(numbers.group(1)),
                Integer.parseInt(numbers.group(2)),
                numbers.group(3) == null ? 0 : Integer.parseInt(numbers.group(3)));
        String shown = told.strip();
        return new Features(
                shown.length() > LONGEST ? shown.substring(0, LONGEST) : shown,
                version >= rank(0, 3, 45),
                version >= rank(0, 3, 57),
                version >= rank(0, 6, 0),
                version >= rank(0, 26, 0));
    }

    /** Whether a version can be read from what a server tells. */
    static boolean isReadable(String told) {
        return NUMBERS.matcher(told.strip()).find();
    }

    /** Whether a run that has begun can be stopped, and no other. */
    boolean stopsRunning() {
        return jobsCancel || interruptById;
    }

    /** The same without the route to cancel one prompt: it was asked, and there was none. */
    Features withoutJobsCancel() {
        return new Features(version, ownIds, interruptById, jobs, false);
    }

    /** The same with ids of the server's own: it was given ours, and answered another. */
    Features withoutOwnIds() {
        return new Features(version, false, interruptById, jobs, jobsCancel);
    }

    /** The same without the route to ask for one prompt. */
    Features withoutJobs() {
        return new Features(version, ownIds, interruptById, false, jobsCancel);
    }

    private static long rank(int major, int minor, int patch) {
        return (major * 10_000L + minor) * 1_000_000L + patch;
    }
}
