package io.tollgate.queue;

import io.tollgate.queue.dispatch.Lines;
import io.tollgate.queue.event.Events;
import io.tollgate.queue.event.JobEvent;
import io.tollgate.queue.event.Timers;
import io.tollgate.queue.job.JobId;
import io.tollgate.queue.job.JobStore;
import io.tollgate.queue.job.QueuedJob;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/** The jobs that somebody in this process follows. Thread-safe. */
final class Handles {
    private static final Duration POSITIONS_EVERY = Duration.ofSeconds(1);
    private static final Duration READ_AGAIN = Duration.ofSeconds(1);

    private final Map<JobId, List<JobHandle>> followed = new ConcurrentHashMap<>();
    private final Set<JobHandle> unread = ConcurrentHashMap.newKeySet();
    private final JobStore store;
    private final Lines lines;
    private final Timers timers;
    private final Executor io;
    private final Events events;
    private volatile Timers.Timer positions = Timers.Timer.NONE;

    Handles(JobStore store, Lines lines, Timers timers, Executor io, Events events) {
        this.store = store;
        this.lines = lines;
        this.timers = timers;
        this.io = io;
        this.events = events;
        events.listen(this::follow);
    }

    void start() {
        positions = timers.every(POSITIONS_EVERY, "telling positions", this::tellPositions);
    }

    void stop() {
        positions.cancel();
        unread.forEach(handle -> handle.lost(new IllegalStateException("closed before the job's end could be read")));
    }

    /** A handle on a job, up to date. */
    JobHandle handle(QueuedJob job) {
        JobId id = job.id();
        JobHandle handle = new JobHandle(
                id,
                job.spec().queue(),
                problem -> events.tell(new JobEvent.Fault(Optional.of(id), "calling back", problem)));
        followed.merge(id, List.of(handle), Handles::both);
        // only now is what is stored certain to be followed by every event that comes after it
        read(handle);
        lines.position(job.spec().queue(), id).ifPresent(handle::position);
        if (handle.isOver()) {
            // only this one: others may still wait for the event that tells them
            followed.computeIfPresent(id, (same, handles) -> without(handles, handle));
        }
        return handle;
    }

    private static List<JobHandle> both(List<JobHandle> some, List<JobHandle> more) {
        List<JobHandle> all = new ArrayList<>(some);
        all.addAll(more);
        return List.copyOf(all);
    }

    @SuppressWarnings("NullAway") // a map's remapping may answer null: the entry goes
    private static List<JobHandle> without(List<JobHandle> handles, JobHandle gone) {
        List<JobHandle> rest = handles.stream().filter(handle -> handle != gone).toList();
        return rest.isEmpty() ? null : rest;
    }

    void follow(JobEvent event) {
        JobId id = Events.jobOf(event).orElse(null);
        List<JobHandle> handles = id == null ? null : followed.get(id);
        if (id == null || handles == null) {
            return;
        }
        if (event instanceof JobEvent.Ended) {
            List<JobHandle> last = followed.remove(id);
            if (last != null) {
                last.forEach(this::readOnIo);
            }
        } else {
            handles.forEach(handle -> handle.on(event));
        }
    }

    private void readOnIo(JobHandle handle) {
        try {
            io.execute(() -> read(handle));
        } catch (RejectedExecutionException closing) {
            read(handle);
        }
    }

    /** Takes in what is stored. What can't be read now is read later: a job's end is not missed for an outage. */
    private void read(JobHandle handle) {
        try {
            store.find(handle.id()).ifPresent(handle::update);
            unread.remove(handle);
        } catch (RuntimeException problem) {
            events.tell(new JobEvent.Fault(Optional.of(handle.id()), "reading a job", problem));
            unread.add(handle);
            Timers.Timer unused = timers.after(READ_AGAIN, "reading a job", () -> readOnIo(handle));
        }
    }

    private void tellPositions() {
        followed.forEach((id, handles) -> {
            for (JobHandle handle : handles) {
                if (handle.wantsPosition()) {
                    lines.position(handle.queue(), id).ifPresent(handle::position);
                }
            }
        });
    }
}
