package io.tollgate.queue.delivery;

import io.tollgate.credits.account.UserId;
import io.tollgate.queue.job.DeliveryEvent;
import io.tollgate.queue.job.DeliveryTarget;
import io.tollgate.queue.job.EndpointId;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * A standing address of a user's: it is told of all their jobs from its making on. Instants are kept to the
 * millisecond.
 *
 * @param user whose jobs it is told of
 * @param url where messages go, at most {@value DeliveryTarget#MAX_ADDRESS} characters
 * @param events what it is told of, at least one
 * @param secrets what messages to it are signed with
 * @param state whether it is told anything
 * @param reason why it is paused, if it is
 * @param failingSince since when nothing could be delivered to it, if so
 */
public record Endpoint(
        EndpointId id,
        UserId user,
        String url,
        Set<DeliveryEvent> events,
        SigningSecrets secrets,
        Instant createdAt,
        State state,
        Optional<String> reason,
        Optional<Instant> failingSince) {
    private static final String PREFIX = "endpoint:";

    /** The most a user may have. */
    public static final int MAX_PER_USER = 10;

    /** The longest reason. */
    public static final int MAX_REASON = 300;

    /** Whether an endpoint is told anything. */
    public enum State {
        /** It is. */
        ACTIVE(0),
        /** It is not, until somebody resumes it. */
        PAUSED(1);

        private final int number;

        State(int number) {
            this.number = number;
        }

        /** The number under which stores keep it; never reused. */
        public int number() {
            return number;
        }

        /**
         * The state with this number.
         *
         * @throws IllegalArgumentException if there is none
         */
        public static State ofNumber(int number) {
            for (State state : values()) {
                if (state.number == number) {
                    return state;
                }
            }
            throw new IllegalArgumentException("no endpoint's state has the number " + number);
        }

        /** The word in APIs, logs and docs. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public Endpoint {
        if (url.isBlank() || url.length() > DeliveryTarget.MAX_ADDRESS) {
            throw new IllegalArgumentException(
                    "an endpoint's address has 1 to " + DeliveryTarget.MAX_ADDRESS + " characters");
        }
        if (events.isEmpty()) {
            throw new IllegalArgumentException("an endpoint is told of something");
        }
        if (reason.isPresent() && reason.get().length() > MAX_REASON) {
            throw new IllegalArgumentException("a reason has at most " + MAX_REASON + " characters");
        }
        events = Collections.unmodifiableSet(EnumSet.copyOf(events));
        createdAt = createdAt.truncatedTo(ChronoUnit.MILLIS);
        failingSince = failingSince.map(since -> since.truncatedTo(ChronoUnit.MILLIS));
    }

    /** What stands for it in a job: its address and its secrets are looked up when a message is made. */
    public DeliveryTarget target() {
        return new DeliveryTarget(Endpoints.CHANNEL, PREFIX + id, events);
    }

    /** The endpoint that an {@link #target} stands for; empty if it stands for none. */
    public static Optional<EndpointId> idOf(String address) {
        try {
            return address.startsWith(PREFIX)
                    ? Optional.of(EndpointId.parse(address.substring(PREFIX.length())))
                    : Optional.empty();
        } catch (IllegalArgumentException other) {
            return Optional.empty();
        }
    }

    public Endpoint with(SigningSecrets others) {
        return new Endpoint(id, user, url, events, others, createdAt, state, reason, failingSince);
    }

    public Endpoint paused(String why) {
        String kept = why.length() > MAX_REASON ? why.substring(0, MAX_REASON) : why;
        return new Endpoint(id, user, url, events, secrets, createdAt, State.PAUSED, Optional.of(kept), failingSince);
    }

    /** Told of jobs again, its failures forgotten. */
    public Endpoint resumed() {
        return new Endpoint(
                id, user, url, events, secrets, createdAt, State.ACTIVE, Optional.empty(), Optional.empty());
    }

    Endpoint failing(Optional<Instant> since) {
        return new Endpoint(id, user, url, events, secrets, createdAt, state, reason, since);
    }
}
