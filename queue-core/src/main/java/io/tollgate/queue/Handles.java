package io.tollgate.queue;

import io.tollgate.queue.dispatch.Lines;
import io.tollgate.queue.event.Events;
import io.tollgate.queue.event.JobEvent;
import io.tollgate.queue.event.Timers;
import io.tollgate.queue.job.JobId;
import io.tollgate.queue.job.JobStore;
import io.tollgate.queue.job.QueuedJob;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;

/** The jobs that somebody in this process follows. Thread-safe. */
final class Handles {
    private static final Duration POSITIONS_EVERY = Duration.ofSeconds(1);

    private final Map<JobId, List<JobHandle>> followed = new ConcurrentHashMap<>();
    private final JobStore store;
    private final Lines lines;
    private final Executor io;
    private final Events events;

    Handles(JobStore store, Lines lines, Executor io, Events events) {
        this.store = store;
        this.lines = lines;
        this.io = io;
        this.events = events;
        events.listen(this::follow);
    }

    void start(Timers timers) {
        Timers.Timer unused = timers.every(POSITIONS_EVERY, "telling positions", this::tellPositions);
    }

    /** A handle on a job, up to date. */
    JobHandle handle(QueuedJob job) {
        JobHandle handle = new JobHandle(job.id());
        followed.merge(job.id(), List.of(handle), Handles::both);
        // only now is what is stored certain to be followed by every event that comes after it
        store.find(job.id()).ifPresent(handle::update);
        lines.position(job.spec().queue(), job.id()).ifPresent(handle::position);
        if (handle.result().isDone()) {
            followed.remove(job.id());
        }
        return handle;
    }

    private static List<JobHandle> both(List<JobHandle> some, List<JobHandle> more) {
        List<JobHandle> all = new java.util.ArrayList<>(some);
        all.addAll(more);
        return List.copyOf(all);
    }

    private void follow(JobEvent event) {
        JobId id = Events.jobOf(event).orElse(null);
        List<JobHandle> handles = id == null ? null : followed.get(id);
        if (id == null || handles == null) {
            return;
        }
        if (event instanceof JobEvent.Ended) {
            followed.remove(id);
            io.execute(() -> end(id, handles));
        } else {
            handles.forEach(handle -> guarded(id, () -> handle.on(event)));
        }
    }

    private void end(JobId id, List<JobHandle> handles) {
        try {
            store.find(id).ifPresent(record -> handles.forEach(handle -> guarded(id, () -> handle.update(record))));
        } catch (RuntimeException problem) {
            handles.forEach(handle -> handle.lost(problem));
        }
    }

    private void guarded(JobId id, Runnable callback) {
        try {
            callback.run();
        } catch (RuntimeException problem) {
            events.tell(new JobEvent.Fault(Optional.of(id), "calling back", problem));
        }
    }

    private void tellPositions() {
        followed.forEach((id, handles) -> {
            for (JobHandle handle : handles) {
                if (handle.wantsPosition()) {
                    lines.all().stream()
                            .flatMap(line -> line.position(id).stream().boxed())
                            .findFirst()
                            .ifPresent(position -> guarded(id, () -> handle.position(position)));
                }
            }
        });
    }
}
