package io.tollgate.bench.simulation;

import io.tollgate.queue.job.JobPolicy.Order;
import java.time.Duration;

/**
 * One simulated run.
 *
 * @param seed of the world, the arrivals and the run times
 * @param jobs how many arrive
 * @param users how many send them; one of them is the noisy one
 * @param models how many kinds of jobs there are
 * @param backends how many run them, one at a time each
 * @param load what arrives, as a part of what can be done for good
 * @param order among jobs of one lane
 * @param noisyShare which part of the jobs one user sends
 * @param noisy whether that user is there; if not, all others do exactly the same
 * @param jobsPerUser how many jobs of one user may live; what comes on top is refused
 * @param vipShare which part of the users goes first
 * @param bound after how long a paid job goes before all others
 * @param askEvery of how many jobs one is told at its submission when it will start
 */
record Settings(
        long seed,
        int jobs,
        int users,
        int models,
        int backends,
        double load,
        Order order,
        double noisyShare,
        boolean noisy,
        int jobsPerUser,
        double vipShare,
        Duration bound,
        int askEvery) {
    Settings {
        if (jobs < 1 || users < 2 || models < 1 || backends < 1 || askEvery < 1 || jobsPerUser < 1) {
            throw new IllegalArgumentException("need at least one job, model and backend and two users");
        }
        if (!(load > 0) || !(noisyShare >= 0 && noisyShare < 1) || !(vipShare >= 0 && vipShare < 1)) {
            throw new IllegalArgumentException("need load over 0 and shares from 0 to 1");
        }
    }

    Settings withoutNoise() {
        return new Settings(
                seed,
                jobs,
                users,
                models,
                backends,
                load,
                order,
                noisyShare,
                false,
                jobsPerUser,
                vipShare,
                bound,
                askEvery);
    }

    Settings with(double anyLoad, Order anyOrder, int perUser) {
        return new Settings(
                seed,
                jobs,
                users,
                models,
                backends,
                anyLoad,
                anyOrder,
                noisyShare,
                noisy,
                perUser,
                vipShare,
                bound,
                askEvery);
    }
}
