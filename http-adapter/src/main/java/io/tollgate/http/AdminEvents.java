package io.tollgate.http;

import io.tollgate.credits.account.UserId;
import io.tollgate.http.EventSource.Event;
import io.tollgate.queue.access.Scope;
import io.tollgate.queue.event.JobEvent;
import io.tollgate.queue.job.Attempt;
import io.tollgate.queue.job.BackendId;
import io.tollgate.queue.job.Delivery;
import io.tollgate.queue.job.DeliveryId;
import io.tollgate.queue.job.JobId;
import io.tollgate.queue.job.JobState;
import io.tollgate.queue.job.ModelName;
import io.tollgate.queue.job.QueueName;
import io.tollgate.queue.job.QueueSwitch;
import io.tollgate.queue.job.QueuedJob;
import io.tollgate.queue.job.WorkflowName;
import java.time.Instant;
import java.time.InstantSource;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** What happens to all jobs, backends and queues of this server, live, for operators. Safe for use by many threads. */
final class AdminEvents {
    /** A burst of so many events is borne. */
    private static final int MOST_WAITING = 4_096;

    private final JobFeed feed;
    private final InstantSource clock;

    AdminEvents(Services services, JobFeed feed) {
        this.feed = feed;
        this.clock = services.clock();
    }

    /** What can be told. */
    enum Kind {
        STATUS,
        BACKEND,
        QUEUE,
        DELIVERY;

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private record Status(
            JobId jobId,
            UserId userId,
            WorkflowName workflow,
            QueueName queue,
            ModelName model,
            JobState.Kind status,
            Optional<Integer> attempt,
            Optional<BackendId> backend,
            Instant at) {}

    private record BackendState(BackendId backend, String state, String reason, Instant at) {}

    private record QueueMode(QueueName queue, QueueSwitch.Mode mode, Instant at) {}

    private record DeadLetter(
            DeliveryId deliveryId, JobId jobId, String state, int tries, Optional<String> lastError, Instant at) {}

    /**
     * Which events are wanted; what is empty does not matter.
     *
     * @param user only of jobs of that user
     * @param queue only of jobs in that queue, and of the queue itself
     */
    record Wanted(Optional<UserId> user, Optional<QueueName> queue, Set<Kind> kinds) {
        private boolean wants(Kind kind) {
            return kinds.isEmpty() || kinds.contains(kind);
        }

        private boolean wants(QueuedJob job) {
            return wants(Kind.STATUS)
                    && user.map(job.user()::equals).orElse(true)
                    && wants(job.spec().queue());
        }

        private boolean wants(QueueName name) {
            return queue.map(name::equals).orElse(true);
        }

        /** What is about no job of a user and no queue is not wanted by who asks for one. */
        private boolean wantsOthers(Kind kind) {
            return wants(kind) && user.isEmpty() && queue.isEmpty();
        }
    }

    List<Route> routes() {
        return List.of(Route.of("GET", Paths.ADMIN + "/events", Route.Access.of(Scope.ADMIN), this::events));
    }

    private Answer events(Call call) {
        Wanted wanted = new Wanted(
                call.query("user", "a user's name", UserId::new),
                call.query("queue", "a queue's name", QueueName::new),
                call.query("type", "words such as status,backend", AdminEvents::kinds)
                        .orElse(Set.of()));
        return new Answer.Events(call.key(), new Source(wanted));
    }

    private static Set<Kind> kinds(String text) {
        Set<Kind> kinds = EnumSet.noneOf(Kind.class);
        for (String word : text.split(",", 10)) {
            kinds.add(Kind.valueOf(word.strip().toUpperCase(Locale.ROOT)));
        }
        return kinds;
    }

    /** One operator's events. None of them has an id: they are told once, to those who listen. */
    private final class Source implements EventSource {
        private final Wanted wanted;

        Source(Wanted wanted) {
            this.wanted = wanted;
        }

        @Override
        public Runnable follow(Optional<String> after, Follower follower) {
            return feed.listen(event -> event(event).ifPresent(follower::tell));
        }

        @Override
        public int mostWaiting() {
            return MOST_WAITING;
        }

        private Optional<Event> event(JobEvent event) {
            Optional<QueuedJob> job = JobFeed.jobIn(event);
            if (job.isPresent()) {
                return job.filter(wanted::wants).map(known -> told(Kind.STATUS, status(known, event)));
            } else if (event instanceof JobEvent.BackendChanged changed && wanted.wantsOthers(Kind.BACKEND)) {
                return Optional.of(told(
                        Kind.BACKEND,
                        new BackendState(changed.backend(), changed.state(), changed.reason(), clock.instant())));
            } else if (event instanceof JobEvent.QueueSwitched switched
                    && wanted.wants(Kind.QUEUE)
                    && wanted.user().isEmpty()
                    && wanted.wants(switched.queue().queue())) {
                return Optional.of(told(
                        Kind.QUEUE,
                        new QueueMode(switched.queue().queue(), switched.queue().mode(), clock.instant())));
            } else if (event instanceof JobEvent.DeliveryChanged changed
                    && changed.delivery().state() == Delivery.State.DEAD
                    && wanted.wantsOthers(Kind.DELIVERY)) {
                Delivery delivery = changed.delivery();
                return Optional.of(told(
                        Kind.DELIVERY,
                        new DeadLetter(
                                delivery.id(),
                                delivery.job(),
                                delivery.state().word(),
                                delivery.tries(),
                                delivery.lastError(),
                                clock.instant())));
            }
            return Optional.empty();
        }

        private Event told(Kind kind, Object document) {
            return Event.of(kind.word(), "", document);
        }

        private Status status(QueuedJob job, JobEvent event) {
            Optional<Attempt> attempt = attempt(event);
            return new Status(
                    job.id(),
                    job.user(),
                    job.spec().workflow(),
                    job.spec().queue(),
                    job.spec().model(),
                    job.kind(),
                    attempt.map(Attempt::number),
                    attempt.map(Attempt::backend),
                    clock.instant());
        }

        private Optional<Attempt> attempt(JobEvent event) {
            if (event instanceof JobEvent.Claimed claimed) {
                return Optional.of(claimed.attempt());
            } else if (event instanceof JobEvent.Retrying retrying) {
                return retrying.attempt();
            } else if (event instanceof JobEvent.Ended ended) {
                return ended.attempt();
            }
            return Optional.empty();
        }
    }
}
