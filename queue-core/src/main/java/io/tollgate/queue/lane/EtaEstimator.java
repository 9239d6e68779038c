package io.tollgate.queue.lane;

import io.tollgate.queue.job.ModelName;
import io.tollgate.queue.lane.Outlook.Ahead;
import io.tollgate.queue.lane.Outlook.Running;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.DoublePredicate;
import java.util.function.Predicate;

/**
 * Foretells when a waiting job starts, from the work that is ahead of it. Pure; costs microseconds, growing with the
 * slots and models, not with the jobs.
 *
 * <p>Jobs that come later and overtake, in a better lane or by promotion, are not foreseen: ask again, the answer is as
 * good as the moment.
 */
public final class EtaEstimator {
    /*
     * How many starts a group of places (the slots, or a model's limit) allows until a time t is counted by renewal
     * theory. A free place allows one at once. A busy one allows one when its run is over: that is how likely it is
     * over by t, going by the measured runs that took longer than this one has. Each then allows a further one per mean
     * run time m, less what is in progress: t / m + (c^2 - 1) / 2 on average, with c the runs' coefficient of variation
     * (W. Feller, "An Introduction to Probability Theory and Its Applications", vol. 2, XI.3).
     *
     * The job starts at the least t by which the slots allow one start more than those ahead take, and its model's limit
     * one more than those of its model ahead take. Jobs of another model take no more than their own model's limit
     * allows by t: when that is reached, this job passes them. Since an expected count passes k + 1/2 about when the
     * (k + 1)-th is expected, "one more" is a half here.
     *
     * The range: the variances of what is left of the running ones and of the runs ahead, divided by the places they
     * are spread over, and the uncertainty of m itself, which grows with the wait; 1.28 deviations to either side hold 80 %
     * of a normal distribution.
     */
    private static final double ONE_MORE = 0.5;
    private static final double EIGHTY_PERCENT = 1.2816;
    private static final double PRECISION = 0.005;
    private static final double LONGEST_WAIT = Duration.ofDays(3650).toSeconds();

    private EtaEstimator() {}

    /** When the job starts and ends; empty when nothing can serve it as things are. */
    public static Optional<Eta> estimate(Outlook outlook, RunTimes times, Instant now) {
        if (outlook.slots() == 0 || outlook.modelLimit() == 0) {
            return Optional.empty();
        }
        RunTime own = times.of(outlook.workflow(), outlook.model(), outlook.queue());
        Mean runs = Mean.of(outlook, times, own);
        Places slots = Places.of(outlook, times, runs, outlook.slots(), Running::onSlot);
        List<Places> models = new ArrayList<>();
        for (Ahead ahead : outlook.ahead()) {
            models.add(limitOf(ahead.model(), ahead.modelLimit(), outlook, times));
        }
        Places limit = limitOf(outlook.model(), outlook.modelLimit(), outlook, times);
        double ofOwnModel = jobsOf(outlook.model(), outlook);

        DoublePredicate limitAllows = t -> limit.startsBy(t) >= ofOwnModel + ONE_MORE;
        DoublePredicate slotsAllow = t -> {
            double taken = 0;
            for (int i = 0; i < models.size(); i++) {
                Ahead ahead = outlook.ahead().get(i);
                boolean mustGoFirst = ahead.model().equals(outlook.model());
                double started = mustGoFirst
                        ? ahead.jobs()
                        : Math.min(ahead.jobs(), models.get(i).startsBy(t));
                taken += ahead.share() * started;
            }
            return slots.startsBy(t) >= taken + ONE_MORE;
        };
        double bySlots = firstTime(slotsAllow, runs.mean());
        double byLimit = firstTime(limitAllows, runs.mean());
        double wait = Math.max(bySlots, byLimit);
        if (wait >= LONGEST_WAIT) {
            return Optional.empty();
        }
        double deviation = byLimit > bySlots ? limit.deviation(wait, ofOwnModel) : slots.deviation(wait, runs.jobs());
        return Optional.of(eta(outlook, own, now, wait, EIGHTY_PERCENT * deviation));
    }

    private static Eta eta(Outlook outlook, RunTime own, Instant now, double wait, double margin) {
        Instant soonest = outlook.readyAt().isAfter(now) ? outlook.readyAt() : now;
        Instant start = later(soonest, now.plus(seconds(wait)));
        Instant earliest = later(soonest, now.plus(seconds(Math.max(0, wait - margin))));
        Instant latest = later(soonest, now.plus(seconds(wait + margin)));
        return new Eta(start, start.plus(own.mean()), earliest, latest);
    }

    private static Places limitOf(ModelName model, int limit, Outlook outlook, RunTimes times) {
        RunTime runTime = times.ofModel(model, outlook.queue());
        Mean runs = new Mean(runTime.meanSeconds(), runTime.deviationSeconds(), runTime.samples(), 0);
        return Places.of(outlook, times, runs, limit, running -> running.model().equals(model));
    }

    private static double jobsOf(ModelName model, Outlook outlook) {
        double jobs = 0;
        for (Ahead ahead : outlook.ahead()) {
            jobs += ahead.model().equals(model) ? ahead.jobs() : 0;
        }
        return jobs;
    }

    /** The least time at which {@code allowed}, which stays so; in seconds. */
    private static double firstTime(DoublePredicate allowed, double step) {
        if (allowed.test(0)) {
            return 0;
        }
        double low = 0;
        double high = step;
        while (!allowed.test(high)) {
            if (high >= LONGEST_WAIT) {
                return LONGEST_WAIT;
            }
            low = high;
            high *= 2;
        }
        while (high - low > PRECISION * Math.max(high, 1)) {
            double middle = (low + high) / 2;
            if (allowed.test(middle)) {
                high = middle;
            } else {
                low = middle;
            }
        }
        return high;
    }

    private static Instant later(Instant a, Instant b) {
        return a.isAfter(b) ? a : b;
    }

    private static Duration seconds(double seconds) {
        return Duration.ofMillis(Math.round(seconds * 1_000));
    }

    /**
     * What the runs on the slots take, over the mix of models that is ahead.
     *
     * @param mean in seconds
     * @param deviation in seconds, of one run
     * @param samples the measurements it rests on
     * @param jobs how many are ahead, of those with other slots to go to only their share
     */
    private record Mean(double mean, double deviation, double samples, double jobs) {
        static Mean of(Outlook outlook, RunTimes times, RunTime own) {
            double jobs = 0;
            double sum = 0;
            double squares = 0;
            double samples = 0;
            for (Ahead ahead : outlook.ahead()) {
                RunTime run = times.ofModel(ahead.model(), outlook.queue());
                double mean = run.meanSeconds();
                double here = ahead.jobs() * ahead.share();
                jobs += here;
                sum += here * mean;
                squares += here * (mean * mean + run.deviationSeconds() * run.deviationSeconds());
                samples += here * run.samples();
            }
            if (jobs == 0) {
                return new Mean(own.meanSeconds(), own.deviationSeconds(), own.samples(), 0);
            }
            double mean = sum / jobs;
            return new Mean(mean, Math.sqrt(Math.max(0, squares / jobs - mean * mean)), samples / jobs, jobs);
        }
    }

    /**
     * Places to run at: the slots, or what a model's limit leaves.
     *
     * @param all how many there are; fewer than the busy ones after a limit was lowered
     * @param busy what is left of the runs at the busy ones
     */
    private record Places(double all, List<RunTime.Rest> busy, Mean runs) {
        static Places of(Outlook outlook, RunTimes times, Mean runs, int places, Predicate<Running> held) {
            List<RunTime.Rest> busy = new ArrayList<>();
            for (Running running : outlook.running()) {
                if (held.test(running)) {
                    RunTime runTime = times.of(running.workflow(), running.model(), outlook.queue());
                    busy.add(runTime.after(Math.max(0, running.elapsed().toMillis() / 1_000.0)));
                }
            }
            return new Places(places, busy, runs);
        }

        double startsBy(double t) {
            double free = all - busy.size(); // below 0, it is how many runs must end before one may start
            double starts = free + Math.max(0, free) * furtherBy(t);
            for (RunTime.Rest rest : busy) {
                starts += rest.overIn(t) + furtherBy(t - rest.mean());
            }
            return starts;
        }

        double deviation(double wait, double jobsAhead) {
            if (wait == 0) {
                return 0; // a place is free: nothing is left to be mistaken of
            }
            double variance = jobsAhead * runs.deviation * runs.deviation;
            for (RunTime.Rest rest : busy) {
                variance += rest.deviation() * rest.deviation();
            }
            double mistaken = wait * runs.deviation / (runs.mean * Math.sqrt(runs.samples));
            return Math.sqrt(variance / (all * all) + mistaken * mistaken);
        }

        private double furtherBy(double t) {
            double variation = runs.deviation / runs.mean;
            return Math.max(0, t / runs.mean + (variation * variation - 1) / 2);
        }
    }
}
