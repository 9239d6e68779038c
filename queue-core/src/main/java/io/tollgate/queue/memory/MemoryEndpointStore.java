package io.tollgate.queue.memory;

import io.tollgate.credits.account.UserId;
import io.tollgate.queue.delivery.Endpoint;
import io.tollgate.queue.delivery.EndpointStore;
import io.tollgate.queue.delivery.SigningSecrets;
import io.tollgate.queue.job.EndpointId;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Endpoints that are forgotten with the process. Safe for use by many threads. */
public final class MemoryEndpointStore implements EndpointStore {
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<EndpointId, Endpoint> endpoints = new LinkedHashMap<>(); // in the order of their adding
    private final Map<UserId, SigningSecrets> users = new HashMap<>();

    private <T> T locked(Supplier<T> body) {
        lock.lock();
        try {
            return body.get();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public boolean add(Endpoint endpoint, int atMost) {
        return locked(() -> {
            if (endpoints.containsKey(endpoint.id())) {
                throw new IllegalArgumentException("there is such an endpoint already: " + endpoint.id());
            }
            if (list(endpoint.user()).size() >= atMost) {
                return false;
            }
            endpoints.put(endpoint.id(), endpoint);
            return true;
        });
    }

    @Override
    public Optional<Endpoint> find(EndpointId id) {
        return locked(() -> Optional.ofNullable(endpoints.get(id)));
    }

    @Override
    public List<Endpoint> list(UserId user) {
        return locked(() -> endpoints.values().stream()
                .filter(endpoint -> endpoint.user().equals(user))
                .toList());
    }

    @Override
    public void forEach(Consumer<Endpoint> consumer) {
        locked(() -> List.copyOf(endpoints.values())).forEach(consumer);
    }

    private boolean change(EndpointId id, UnaryOperator<Endpoint> how) {
        return locked(() -> {
            @Nullable Endpoint changed = endpoints.computeIfPresent(id, (same, endpoint) -> how.apply(endpoint));
            return changed != null;
        });
    }

    @Override
    public boolean setSecrets(EndpointId id, SigningSecrets secrets) {
        return change(id, endpoint -> endpoint.with(secrets));
    }

    @Override
    public boolean setState(Endpoint wanted) {
        return change(wanted.id(), endpoint -> wanted.with(endpoint.secrets()));
    }

    @Override
    public boolean delete(EndpointId id) {
        return locked(() -> {
            @Nullable Endpoint gone = endpoints.remove(id);
            return gone != null;
        });
    }

    @Override
    public Optional<SigningSecrets> secrets(UserId user) {
        return locked(() -> Optional.ofNullable(users.get(user)));
    }

    @Override
    public SigningSecrets addSecrets(UserId user, SigningSecrets first) {
        return locked(() -> users.computeIfAbsent(user, nobody -> first));
    }

    @Override
    public void setSecrets(UserId user, SigningSecrets secrets) {
        locked(() -> users.replace(user, secrets) != null);
    }

    @Override
    public int forget(UserId user) {
        return locked(() -> {
            int before = endpoints.size();
            endpoints.values().removeIf(endpoint -> endpoint.user().equals(user));
            users.remove(user);
            return before - endpoints.size();
        });
    }
}
