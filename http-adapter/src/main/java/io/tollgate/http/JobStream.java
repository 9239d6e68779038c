package io.tollgate.http;

import io.tollgate.http.EventSource.Event;
import io.tollgate.http.EventSource.Follower;
import io.tollgate.queue.JobHandle;
import io.tollgate.queue.Tollgate;
import io.tollgate.queue.dispatch.JobView;
import io.tollgate.queue.event.JobEvent;
import io.tollgate.queue.event.Preview;
import io.tollgate.queue.event.Progress;
import io.tollgate.queue.job.JobId;
import io.tollgate.queue.job.JobRecord;
import io.tollgate.queue.job.JobState;
import io.tollgate.queue.job.Output;
import io.tollgate.queue.job.Transition;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One job as a stream of events. An event's id says how much of the job's history is told: {@code 3} is its transition
 * number 3, {@code 3.2} the second output after it. So any server can go on behind any event, whoever told it:
 * transitions and outputs are told from the store, progress and previews are the newest there are.
 */
final class JobStream implements EventSource {
    private static final Pattern ID = Pattern.compile("(\\d{1,6})(?:\\.(\\d{1,6}))?");

    private final JobId job;
    private final boolean whole;
    private final Tollgate tollgate;
    private final JobFeed feed;
    private final Links links;
    private final Executor io;
    private final Ticker ticker;

    /** @param whole whether who has no event yet is told the job's whole life, rather than how it is now */
    JobStream(JobId job, boolean whole, Tollgate tollgate, JobFeed feed, Links links, Executor io, Ticker ticker) {
        this.job = job;
        this.whole = whole;
        this.tollgate = tollgate;
        this.feed = feed;
        this.links = links;
        this.io = io;
        this.ticker = ticker;
    }

    /** A status event. */
    private record Status(
            JobState.Kind status,
            Optional<Integer> queuePosition,
            Instant at,
            String reason,
            boolean partial,
            Optional<JobDocument.Problem> error) {}

    /** Where it stands in line. */
    private record Position(
            int queuePosition, Optional<Instant> estimatedStartAt, Optional<Instant> estimatedCompletedAt) {}

    private record Picture(Optional<String> nodeId, String contentType, String dataBase64) {}

    private record Line(String level, String message) {}

    @Override
    public Runnable follow(Optional<String> after, Follower follower) {
        return new Following(after, follower).begin();
    }

    /** One who follows. Events come on any thread; what is read from the store is told by one thread at a time. */
    private final class Following {
        private final Follower follower;
        private final ReentrantLock lock = new ReentrantLock();
        private int transitions; // how many are told
        private int outputs; // how many are told since
        private boolean snapshot; // only the newest state matters
        private boolean reading;
        private boolean again;
        private volatile String lastId = "";
        private volatile @Nullable JobRecord last;
        private volatile int toldPosition;
        private volatile @Nullable Runnable stopPositions;
        private volatile boolean over;

        Following(Optional<String> after, Follower follower) {
            this.follower = follower;
            Matcher id = ID.matcher(after.orElse(""));
            boolean resumed = id.matches();
            this.snapshot = !resumed && !whole;
            if (resumed) {
                transitions = Integer.parseInt(id.group(1)) + 1;
                outputs = id.group(2) == null ? 0 : Integer.parseInt(id.group(2));
                lastId = id.group();
            }
        }

        Runnable begin() {
            Runnable unlisten = feed.listen(job, this::on);
            try {
                stopPositions = ticker.add(this::position);
                catchUp();
            } catch (RuntimeException problem) {
                unlisten.run();
                stopPositions();
                throw problem;
            }
            return () -> {
                over = true;
                unlisten.run();
                stopPositions();
            };
        }

        private void stopPositions() {
            Runnable stop = stopPositions;
            if (stop != null) {
                stop.run();
            }
        }

        private void on(JobEvent event) {
            if (event instanceof JobEvent.Progressed progressed) {
                progress(progressed.progress());
            } else if (event instanceof JobEvent.Previewed previewed) {
                preview(previewed.preview());
            } else {
                catchUp();
            }
        }

        private void progress(Progress progress) {
            follower.show(Event.of("progress", lastId, JobDocument.Step.of(progress)));
        }

        private void preview(Preview preview) {
            follower.show(Event.of(
                    "preview",
                    lastId,
                    new Picture(
                            preview.nodeId(),
                            preview.contentType(),
                            Base64.getEncoder().encodeToString(preview.bytes()))));
        }

        private void position() {
            JobRecord record = last;
            if (record == null || record.job().kind() != JobState.Kind.QUEUED) {
                return;
            }
            JobView view = tollgate.view(record);
            view.position().filter(now -> now != toldPosition).ifPresent(now -> {
                toldPosition = now;
                follower.show(Event.of(
                        "position",
                        lastId,
                        new Position(
                                now,
                                view.eta().map(eta -> eta.start()),
                                view.eta().map(eta -> eta.end()))));
            });
        }

        private void catchUp() {
            lock.lock();
            try {
                if (reading) {
                    again = true;
                    return;
                }
                reading = true;
            } finally {
                lock.unlock();
            }
            try {
                io.execute(this::readAll);
            } catch (RejectedExecutionException closing) {
                follower.interrupt();
            }
        }

        private void readAll() {
            boolean more = true;
            while (more) {
                boolean ended;
                try {
                    ended = read();
                } catch (RuntimeException problem) { // the store is away
                    stopPositions();
                    follower.interrupt();
                    return;
                }
                if (ended) {
                    stopPositions();
                    follower.end();
                    return;
                }
                lock.lock();
                try {
                    more = again && !over;
                    again = false;
                    reading = more;
                } finally {
                    lock.unlock();
                }
            }
        }

        /** Tells what is new in the store. Returns whether the job is over and all is told. */
        private boolean read() {
            Optional<JobView> found = tollgate.job(job);
            if (found.isEmpty()) {
                return true;
            }
            JobView view = found.get();
            JobRecord record = view.record();
            last = record;
            List<Transition> history = record.history();
            boolean ended = record.job().kind().isTerminal();
            int newest = history.size() - 1;
            if (snapshot) {
                snapshot = false;
                // outputs of a job that is over stand before its end
                transitions = Math.max(0, ended ? newest : history.size());
                if (!ended && newest >= 0) {
                    tellStatus(view, history.get(newest));
                }
            }
            while (transitions < history.size()) {
                Transition next = history.get(transitions);
                if (next.to().isTerminal()) {
                    tellOutputs(record.outputs());
                }
                tellStatus(view, next);
                transitions++;
                outputs = 0;
            }
            view.progress().ifPresent(this::progress);
            return ended;
        }

        private void tellOutputs(List<Output> made) {
            for (int i = outputs; i < made.size(); i++) {
                outputs++;
                lastId = Math.max(0, transitions - 1) + "." + outputs;
                Output output = made.get(i);
                follower.tell(Event.of("output", lastId, JobDocument.Made.of(output, links.kept(output.id()))));
            }
        }

        private void tellStatus(JobView view, Transition transition) {
            lastId = String.valueOf(transition.number());
            JobRecord record = view.record();
            boolean newest = transition.number() == record.history().size() - 1;
            if (transition.to() == JobState.Kind.QUEUED && transition.number() > 0) {
                follower.tell(Event.of("log", lastId, new Line("info", transition.cause())));
            }
            view.position().ifPresent(now -> toldPosition = now);
            follower.tell(Event.of(
                    "status",
                    lastId,
                    new Status(
                            transition.to(),
                            newest ? view.position() : Optional.empty(),
                            transition.at(),
                            transition.cause(),
                            record.job().state() instanceof JobState.Succeeded done && done.partial(),
                            transition.to().isTerminal()
                                    ? JobHandle.failure(record).map(JobDocument.Problem::of)
                                    : Optional.empty())));
        }
    }
}
