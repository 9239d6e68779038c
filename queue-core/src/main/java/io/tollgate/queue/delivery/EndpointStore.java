package io.tollgate.queue.delivery;

import io.tollgate.credits.account.UserId;
import io.tollgate.queue.job.EndpointId;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The home of standing endpoints, and of what messages are signed with: secrets are kept as they are, since one can't
 * sign with a hash. Each method is one transaction, durable when it returns. Safe for use by many threads; methods wait
 * for the database, so none may be called by a commit listener. Instants are kept to the millisecond.
 *
 * <p>All methods throw {@link io.tollgate.credits.ledger.StoreException} when the database can't do it.
 */
public interface EndpointStore {
    /**
     * Keeps a new endpoint.
     *
     * @param atMost the most that its user may have, this one counted
     * @return whether it was kept; if not, its user has as many already
     * @throws IllegalArgumentException if there is one of that id; nothing was changed
     */
    boolean add(Endpoint endpoint, int atMost);

    Optional<Endpoint> find(EndpointId id);

    /** A user's endpoints, oldest first. */
    List<Endpoint> list(UserId user);

    /** Shows all endpoints, oldest first. */
    void forEach(Consumer<Endpoint> consumer);

    /** Keeps other secrets; nothing happens if it is gone. Returns whether it is there. */
    boolean setSecrets(EndpointId id, SigningSecrets secrets);

    /** Keeps its state, the reason for it and since when it fails, as they are in {@code endpoint}. */
    boolean setState(Endpoint endpoint);

    /** Deletes it; returns whether it was there. */
    boolean delete(EndpointId id);

    /** What messages to the addresses are signed with that a user names with a job; empty if there was none yet. */
    Optional<SigningSecrets> secrets(UserId user);

    /** Keeps a user's first secrets; returns those that are kept, which are others if there were some. */
    SigningSecrets addSecrets(UserId user, SigningSecrets first);

    /** Keeps other secrets of a user's, who had some. */
    void setSecrets(UserId user, SigningSecrets secrets);

    /** Deletes a user's endpoints and secrets; returns how many endpoints there were. */
    int forget(UserId user);
}
