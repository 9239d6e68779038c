package io.tollgate.http;

import io.tollgate.credits.account.UserId;
import io.tollgate.queue.Tollgate;
import io.tollgate.queue.dispatch.JobView;
import io.tollgate.queue.event.JobEvent;
import io.tollgate.queue.job.JobFilter;
import io.tollgate.queue.job.JobId;
import io.tollgate.queue.job.JobState;
import io.tollgate.queue.job.QueuedJob;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** The jobs that one connection follows, each as one who follows that job alone. Safe for use by many threads. */
final class Subscriptions {
    /** The most jobs that a connection follows at once. */
    static final int MOST = 200;

    /** How many jobs are remembered that were told to their end, or not wanted. */
    private static final int MOST_DONE = 1_000;

    private static final Set<JobState.Kind> ALIVE =
            EnumSet.of(JobState.Kind.QUEUED, JobState.Kind.RUNNING, JobState.Kind.CANCELING);

    private final UserId user;
    private final Tollgate tollgate;
    private final JobFeed feed;
    private final JobStreams streams;
    private final Sink sink;

    private final ReentrantLock lock = new ReentrantLock();
    private final Map<JobId, Followed> followed = new HashMap<>(); // under lock
    private final Map<JobId, Boolean> done = new LinkedHashMap<>(); // under lock; not followed again unasked
    private @Nullable Runnable stopAll; // under lock: not null while all jobs are followed
    private boolean closed; // under lock

    /** Where messages go. Safe for use by many threads; never blocks. */
    interface Sink {
        /** A message that must arrive, in this order. */
        void tell(SocketMessage message);

        /** A message in whose place a later one of the same name may come. */
        void show(String name, SocketMessage message);
    }

    Subscriptions(UserId user, Tollgate tollgate, JobFeed feed, JobStreams streams, Sink sink) {
        this.user = user;
        this.tollgate = tollgate;
        this.feed = feed;
        this.streams = streams;
        this.sink = sink;
    }

    /**
     * Follows a job, behind an event or from how it is now. One that is followed already is followed anew.
     *
     * @throws ProblemException if the user has no such job, or too many are followed
     */
    void subscribe(JobId job, Optional<String> after, Optional<String> ref) {
        if (tollgate.job(user, job).isEmpty()) {
            throw new ProblemException(Problem.notFound("there is no job " + job));
        }
        if (!follow(new Followed(job, false), streams.of(job), after, ref)) {
            throw new ProblemException(tooMany());
        }
    }

    /** Follows all jobs of the user that are not over, and all that come. */
    void subscribeAll(Optional<String> ref) {
        sink.tell(SocketMessage.subscribedAll(ref));
        lock.lock();
        try {
            if (closed) {
                return;
            }
            if (stopAll == null) {
                stopAll = feed.listen(user, this::heard);
            }
        } finally {
            lock.unlock();
        }
        // those that came since are heard of; who asks again after a failed read gets those that it missed
        for (JobView view : tollgate.jobs(JobFilter.of(user).with(ALIVE), Optional.empty(), MOST + 1)) {
            JobId job = view.record().job().id();
            followUnasked(job, streams.of(job));
        }
    }

    private void heard(JobEvent event) {
        QueuedJob job = JobFeed.jobIn(event).orElseThrow();
        followUnasked(job.id(), event instanceof JobEvent.Queued ? streams.wholeOf(job.id()) : streams.of(job.id()));
    }

    private void followUnasked(JobId job, EventSource source) {
        if (!follow(new Followed(job, true), source, Optional.empty(), Optional.empty())) {
            sink.show("too many", SocketMessage.error(tooMany(), Optional.of(job), Optional.empty()));
        }
    }

    private static Problem tooMany() {
        return Problem.of(
                429, "too_many_subscriptions", "no more than " + MOST + " jobs can be followed by one connection");
    }

    /** Returns whether there was room. */
    private boolean follow(Followed one, EventSource source, Optional<String> after, Optional<String> ref) {
        Followed before;
        lock.lock();
        try {
            before = followed.get(one.job);
            boolean unwanted = one.unasked && (stopAll == null || before != null || done.containsKey(one.job));
            if (closed || unwanted) {
                return true;
            }
            if (before == null && followed.size() >= MOST) {
                return false;
            }
            followed.put(one.job, one);
            done.remove(one.job);
        } finally {
            lock.unlock();
        }
        if (before != null) {
            before.stop();
        }
        sink.tell(SocketMessage.subscribed(one.job, ref));
        one.begin(source, after);
        return true;
    }

    /**
     * Follows a job no more.
     *
     * @throws ProblemException if it is not followed
     */
    void unsubscribe(JobId job, Optional<String> ref) {
        if (stop(job, true) == null) {
            throw new ProblemException(Problem.notFound("the job " + job + " is not followed"));
        }
        sink.tell(SocketMessage.unsubscribed(job, "asked", ref));
    }

    /** Follows only those jobs on that were asked for one by one. */
    void unsubscribeAll(Optional<String> ref) {
        List<Followed> unasked;
        Runnable stop;
        lock.lock();
        try {
            stop = stopAll;
            stopAll = null;
            unasked = followed.values().stream().filter(one -> one.unasked).toList();
        } finally {
            lock.unlock();
        }
        if (stop != null) {
            stop.run();
        }
        unasked.forEach(one -> stop(one.job, false));
        sink.tell(SocketMessage.unsubscribedAll(ref));
    }

    private @Nullable Followed stop(JobId job, boolean forGood) {
        Followed one;
        lock.lock();
        try {
            one = followed.remove(job);
            if (one != null && forGood) {
                noteDone(job);
            }
        } finally {
            lock.unlock();
        }
        if (one != null) {
            one.stop();
        }
        return one;
    }

    private void noteDone(JobId job) {
        done.put(job, true);
        if (done.size() > MOST_DONE) {
            done.remove(done.keySet().iterator().next());
        }
    }

    /** How many are followed. */
    int size() {
        lock.lock();
        try {
            return followed.size();
        } finally {
            lock.unlock();
        }
    }

    /** Follows nothing any more. */
    void close() {
        List<Followed> all;
        Runnable stop;
        lock.lock();
        try {
            closed = true;
            all = new ArrayList<>(followed.values());
            followed.clear();
            stop = stopAll;
            stopAll = null;
        } finally {
            lock.unlock();
        }
        if (stop != null) {
            stop.run();
        }
        all.forEach(Followed::stop);
    }

    /** One job that is followed. */
    private final class Followed implements EventSource.Follower {
        private final JobId job;
        private final boolean unasked; // since all are followed
        private volatile boolean over;
        private @Nullable Runnable unfollow; // under lock

        Followed(JobId job, boolean unasked) {
            this.job = job;
            this.unasked = unasked;
        }

        void begin(EventSource source, Optional<String> after) {
            Runnable stop;
            try {
                stop = source.follow(after, this);
            } catch (RuntimeException problem) {
                interrupt();
                return;
            }
            boolean late;
            lock.lock();
            try {
                unfollow = stop;
                late = over;
            } finally {
                lock.unlock();
            }
            if (late) {
                stop.run();
            }
        }

        @Override
        public void tell(EventSource.Event event) {
            if (!over) {
                sink.tell(SocketMessage.event(job, event));
            }
        }

        @Override
        public void show(EventSource.Event event) {
            if (!over) {
                sink.show(job + " " + event.name(), SocketMessage.event(job, event));
            }
        }

        @Override
        public void end() {
            ended("over", true);
        }

        @Override
        public void interrupt() {
            ended("unavailable", false);
        }

        private void ended(String reason, boolean forGood) {
            lock.lock();
            try {
                if (!followed.remove(job, this)) {
                    return; // it was stopped meanwhile
                }
                if (forGood) {
                    noteDone(job);
                }
            } finally {
                lock.unlock();
            }
            stop();
            sink.tell(SocketMessage.unsubscribed(job, reason, Optional.empty()));
        }

        void stop() {
            Runnable stop;
            lock.lock();
            try {
                over = true;
                stop = unfollow;
                unfollow = null;
            } finally {
                lock.unlock();
            }
            if (stop != null) {
                stop.run();
            }
        }
    }
}
