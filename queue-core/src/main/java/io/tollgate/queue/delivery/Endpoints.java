package io.tollgate.queue.delivery;

import io.tollgate.credits.account.UserId;
import io.tollgate.queue.event.Events;
import io.tollgate.queue.event.JobEvent;
import io.tollgate.queue.job.DeliveryEvent;
import io.tollgate.queue.job.DeliveryTarget;
import io.tollgate.queue.job.EndpointId;
import io.tollgate.queue.job.IdSource;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.ReentrantLock;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Who is told of all jobs of a user, and what their messages are signed with. All endpoints are kept in memory, so that
 * a submission asks no store; those of a process that shares the database are known after the next {@link #load}.
 *
 * <p>Safe for use by many threads. What changes something waits for the store; what is asked at submissions and
 * deliveries does not.
 */
public final class Endpoints {
    /** The channel that endpoints are reached by. */
    public static final String CHANNEL = "webhook";

    /** How long nothing but failures may come of an endpoint before it is paused, if nobody says otherwise. */
    public static final Duration PAUSED_AFTER = Duration.ofDays(5);

    private static final int SECRETS_REMEMBERED = 10_000;

    private final EndpointStore store;
    private final IdSource ids;
    private final InstantSource clock;
    private final RandomGenerator random;
    private final Executor io;
    private final Events events;
    private final Duration pauseAfter;

    /** One change at a time: what is in memory is what is stored, and not older. */
    private final ReentrantLock lock = new ReentrantLock();

    private final Map<EndpointId, Endpoint> known = new ConcurrentHashMap<>();
    private final Map<UserId, List<DeliveryTarget>> targets = new ConcurrentHashMap<>();
    private final Map<UserId, SigningSecrets> users = new ConcurrentHashMap<>();

    /**
     * @param random as hard to guess as the secrets shall be
     * @param io runs what waits for the store
     * @param pauseAfter how long nothing but failures may come of an endpoint before it is paused
     */
    public Endpoints(
            EndpointStore store,
            IdSource ids,
            InstantSource clock,
            RandomGenerator random,
            Executor io,
            Events events,
            Duration pauseAfter) {
        if (pauseAfter.isNegative() || pauseAfter.isZero()) {
            throw new IllegalArgumentException("pauseAfter must be positive: " + pauseAfter);
        }
        this.store = store;
        this.ids = ids;
        this.clock = clock;
        this.random = random;
        this.io = io;
        this.events = events;
        this.pauseAfter = pauseAfter;
    }

    /** Reads what is stored. */
    public void load() {
        lock.lock();
        try {
            known.clear();
            targets.clear();
            users.clear();
            List<Endpoint> all = new ArrayList<>();
            store.forEach(all::add);
            all.forEach(endpoint -> known.put(endpoint.id(), endpoint));
            all.stream().map(Endpoint::user).distinct().forEach(this::retarget);
        } finally {
            lock.unlock();
        }
    }

    /** Called under the lock. */
    private void retarget(UserId user) {
        List<DeliveryTarget> active = known.values().stream()
                .filter(endpoint -> endpoint.user().equals(user) && endpoint.state() == Endpoint.State.ACTIVE)
                .sorted(java.util.Comparator.comparing(Endpoint::id))
                .map(Endpoint::target)
                .toList();
        if (active.isEmpty()) {
            targets.remove(user);
        } else {
            targets.put(user, active);
        }
    }

    /** Who is told of a user's jobs, besides those whom a job names. From memory. */
    public List<DeliveryTarget> targets(UserId user) {
        return targets.getOrDefault(user, List.of());
    }

    /**
     * Adds an endpoint with a secret of its own.
     *
     * @param url checked by its channel before
     * @return the endpoint; empty if its user has {@value Endpoint#MAX_PER_USER} already
     * @throws IllegalArgumentException if nothing is to be told of
     */
    public Optional<Endpoint> add(UserId user, String url, Set<DeliveryEvent> wanted) {
        Endpoint endpoint = new Endpoint(
                new EndpointId(ids.next()),
                user,
                url,
                wanted,
                SigningSecrets.of(SigningSecret.draw(random)),
                clock.instant(),
                Endpoint.State.ACTIVE,
                Optional.empty(),
                Optional.empty());
        lock.lock();
        try {
            if (!store.add(endpoint, Endpoint.MAX_PER_USER)) {
                return Optional.empty();
            }
            keep(endpoint);
        } finally {
            lock.unlock();
        }
        return Optional.of(endpoint);
    }

    /** Called under the lock. */
    private void keep(Endpoint endpoint) {
        known.put(endpoint.id(), endpoint);
        retarget(endpoint.user());
    }

    /** A user's endpoints, oldest first. */
    public List<Endpoint> list(UserId user) {
        return store.list(user);
    }

    /** One of a user's endpoints; empty if it is another's. */
    public Optional<Endpoint> find(UserId user, EndpointId id) {
        return Optional.ofNullable(known.get(id))
                .filter(endpoint -> endpoint.user().equals(user));
    }

    /** Deletes an endpoint: what is still owed to it is given up. Returns whether the user had it. */
    public boolean delete(UserId user, EndpointId id) {
        lock.lock();
        try {
            if (find(user, id).isEmpty()) {
                return false;
            }
            store.delete(id);
            known.remove(id);
            retarget(user);
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Gives an endpoint a new secret, beside which the old one signs for a day. */
    public Optional<Endpoint> rotate(UserId user, EndpointId id) {
        lock.lock();
        try {
            Endpoint endpoint = find(user, id).orElse(null);
            if (endpoint == null) {
                return Optional.empty();
            }
            Endpoint rotated = endpoint.with(endpoint.secrets().rotated(SigningSecret.draw(random), clock.instant()));
            return store.setSecrets(id, rotated.secrets()) ? kept(rotated) : dropped(rotated);
        } finally {
            lock.unlock();
        }
    }

    /** Tells an endpoint nothing more for now. What is owed to it is tried for as long as anything is. */
    public Optional<Endpoint> pause(UserId user, EndpointId id, String reason) {
        return change(find(user, id).map(endpoint -> endpoint.paused(reason)));
    }

    /** Tells an endpoint of jobs again. */
    public Optional<Endpoint> resume(UserId user, EndpointId id) {
        return change(find(user, id).map(Endpoint::resumed));
    }

    private Optional<Endpoint> change(Optional<Endpoint> wanted) {
        lock.lock();
        try {
            Endpoint now = wanted.map(endpoint -> known.get(endpoint.id())).orElse(null);
            if (wanted.isEmpty() || now == null) {
                return Optional.empty();
            }
            Endpoint changed = wanted.get().with(now.secrets());
            return store.setState(changed) ? kept(changed) : dropped(changed);
        } finally {
            lock.unlock();
        }
    }

    private Optional<Endpoint> kept(Endpoint endpoint) {
        keep(endpoint);
        return Optional.of(endpoint);
    }

    /** Another process deleted it. */
    private Optional<Endpoint> dropped(Endpoint endpoint) {
        known.remove(endpoint.id());
        retarget(endpoint.user());
        return Optional.empty();
    }

    /** What messages to the addresses are signed with that a user names with a job; made when it is first asked for. */
    public SigningSecrets secrets(UserId user) {
        SigningSecrets there = users.get(user);
        return there != null ? there : readSecrets(user);
    }

    private SigningSecrets readSecrets(UserId user) {
        lock.lock();
        try {
            SigningSecrets stored = store.secrets(user)
                    .orElseGet(() -> store.addSecrets(user, SigningSecrets.of(SigningSecret.draw(random))));
            remember(user, stored);
            return stored;
        } finally {
            lock.unlock();
        }
    }

    /** Called under the lock. */
    private void remember(UserId user, SigningSecrets secrets) {
        if (users.size() >= SECRETS_REMEMBERED) {
            users.clear();
        }
        users.put(user, secrets);
    }

    /** Gives a user a new secret for the addresses named with jobs, beside which the old one signs for a day. */
    public SigningSecrets rotate(UserId user) {
        lock.lock();
        try {
            SigningSecrets rotated = readSecrets(user).rotated(SigningSecret.draw(random), clock.instant());
            store.setSecrets(user, rotated);
            remember(user, rotated);
            return rotated;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Where a message goes that a user's job owes to an address. Completes at once if it is known without the store.
     */
    public CompletionStage<Recipient> recipient(UserId user, String address) {
        Instant now = clock.instant();
        Optional<EndpointId> id = Endpoint.idOf(address);
        if (id.isPresent()) {
            return CompletableFuture.completedStage(recipient(find(user, id.get()), now));
        }
        @Nullable SigningSecrets there = users.get(user);
        return there != null
                ? CompletableFuture.completedStage(new Recipient.At(address, there.at(now)))
                : CompletableFuture.supplyAsync(
                        () -> new Recipient.At(address, secrets(user).at(now)), io);
    }

    private static Recipient recipient(Optional<Endpoint> found, Instant now) {
        if (found.isEmpty()) {
            return new Recipient.Nowhere("its endpoint was deleted", true);
        }
        Endpoint endpoint = found.get();
        return endpoint.state() == Endpoint.State.PAUSED
                ? new Recipient.Nowhere(
                        "its endpoint is paused"
                                + endpoint.reason().map(why -> ": " + why).orElse(""),
                        false)
                : new Recipient.At(endpoint.url(), endpoint.secrets().at(now));
    }

    /** Notes that an address has what it was sent; of one that is no endpoint nothing is noted. */
    public void succeeded(UserId user, String address) {
        endpoint(user, address)
                .filter(endpoint -> endpoint.failingSince().isPresent())
                .ifPresent(endpoint -> later(() -> change(find(user, endpoint.id())
                        .filter(now -> now.state() == Endpoint.State.ACTIVE)
                        .map(now -> now.failing(Optional.empty())))));
    }

    /**
     * Notes that an address could not be reached. An endpoint of which nothing else came for too long, or that wants no
     * more, is paused.
     *
     * @param gone whether it said that it wants no more
     */
    public void failed(UserId user, String address, String error, boolean gone) {
        Optional<Endpoint> found =
                endpoint(user, address).filter(endpoint -> endpoint.state() == Endpoint.State.ACTIVE);
        if (found.isEmpty()) {
            return;
        }
        Instant now = clock.instant();
        Endpoint endpoint = found.get();
        Instant since = endpoint.failingSince().orElse(now);
        boolean tooLong = !since.plus(pauseAfter).isAfter(now);
        if (gone) {
            later(() -> pauseForFailing(user, endpoint.id(), error));
        } else if (tooLong) {
            String why = "nothing could be delivered since " + since + "; the last time: " + error;
            later(() -> pauseForFailing(user, endpoint.id(), why));
        } else if (endpoint.failingSince().isEmpty()) {
            later(() -> change(find(user, endpoint.id())
                    .filter(same -> same.failingSince().isEmpty())
                    .map(same -> same.failing(Optional.of(now)))));
        }
    }

    private void pauseForFailing(UserId user, EndpointId id, String why) {
        boolean active = find(user, id)
                .filter(endpoint -> endpoint.state() == Endpoint.State.ACTIVE)
                .isPresent();
        if (active) { // else another failure came first
            pause(user, id, why)
                    .ifPresent(paused -> events.tell(new JobEvent.EndpointPaused(
                            user, id, paused.reason().orElse(""))));
        }
    }

    private Optional<Endpoint> endpoint(UserId user, String address) {
        return Endpoint.idOf(address).flatMap(id -> find(user, id));
    }

    private void later(Runnable body) {
        CompletableFuture.runAsync(body, io).exceptionally(problem -> {
            events.tell(new JobEvent.Fault(Optional.empty(), "noting how an endpoint is", problem));
            return null;
        });
    }

    /** Forgets a user: their endpoints and secrets are gone. */
    public void forget(UserId user) {
        lock.lock();
        try {
            store.forget(user);
            known.values().removeIf(endpoint -> endpoint.user().equals(user));
            targets.remove(user);
            users.remove(user);
        } finally {
            lock.unlock();
        }
    }
}
