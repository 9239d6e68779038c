package io.tollgate.bench.simulation;

/**
 * What one run showed, of the jobs and the time between the first and the last tenth of the arrivals.
 *
 * @param vip waits in the VIP lane
 * @param regular waits in the regular lane
 * @param quiet waits of regular users but the noisy one
 * @param noisy waits of the noisy one
 * @param utilization which part of all slot time was worked
 * @param ofIdeal what was worked, over what any scheduler could have: see {@link Capacity}
 * @param couldHaveRun how many slots were free after a claim, on average, that a waiting job could have had
 * @param promoted how many jobs waited so long that they went before all others
 * @param longestWait of any paid job, in seconds
 * @param longestPassed how long the longest-waiting paid job had waited that a later one passed in spite of it being
 *     able to run there and then, in seconds
 * @param passedBeyondBound how often one was passed so that had waited longer than the bound
 * @param promises of all
 * @param quietPromises of regular users but the noisy one
 * @param noisyPromises of the noisy one
 * @param refused how many submissions the limit of jobs a user may have turned down
 * @param most the most jobs that lived at once
 * @param virtualHours how long it took there
 * @param seconds how long it took here
 */
record Result(
        Settings settings,
        Waits vip,
        Waits regular,
        Waits quiet,
        Waits noisy,
        double utilization,
        double ofIdeal,
        double couldHaveRun,
        int promoted,
        double longestWait,
        double longestPassed,
        int passedBeyondBound,
        Promises promises,
        Promises quietPromises,
        Promises noisyPromises,
        int refused,
        int most,
        double virtualHours,
        double seconds) {}
