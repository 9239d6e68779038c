package io.tollgate.queue.media;

import io.tollgate.credits.account.UserId;
import io.tollgate.queue.job.AssetId;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What users own, in memory, for those who were asked about lately. Loaded at the first question about a user, so that
 * a start reads nothing and outputs of users who never ask cost nothing. Safe for use by many threads.
 */
final class OwnerIndex {
    /*
     * Whoever changes what is stored changes the disk first and this second. A user's lock is held while that user is
     * loaded, so a change is seen by the load, or comes after it and is made here, or both, which is the same.
     */
    private static final int MAX_USERS = 1_000;

    /** Reads what a user owns. */
    interface Loader {
        List<Asset> load(UserId owner) throws IOException;
    }

    private static final class Owned {
        final ReentrantLock lock = new ReentrantLock();

        @Nullable NavigableMap<AssetId, Asset> assets;
    }

    private final Loader loader;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<UserId, Owned> users = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<UserId, Owned> eldest) {
            return size() > MAX_USERS;
        }
    };

    OwnerIndex(Loader loader) {
        this.loader = loader;
    }

    /** An answer about what a user owns, by id. The question is asked under a lock and must not keep the map. */
    <R> R of(UserId owner, Function<NavigableMap<AssetId, Asset>, R> question) throws IOException {
        Owned owned = owned(owner);
        owned.lock.lock();
        try {
            NavigableMap<AssetId, Asset> assets = owned.assets;
            if (assets == null) {
                assets = new TreeMap<>();
                for (Asset asset : loader.load(owner)) {
                    assets.put(asset.id(), asset);
                }
                owned.assets = assets;
            }
            return question.apply(assets);
        } finally {
            owned.lock.unlock();
        }
    }

    /** Adds what was stored, or changed. */
    void put(Asset asset) {
        change(asset.owner(), assets -> assets.put(asset.id(), asset));
    }

    /** Removes what was deleted. */
    void remove(Asset asset) {
        change(asset.owner(), assets -> assets.remove(asset.id()));
    }

    private void change(UserId owner, Consumer<NavigableMap<AssetId, Asset>> change) {
        Owned owned;
        lock.lock();
        try {
            owned = users.get(owner);
        } finally {
            lock.unlock();
        }
        if (owned != null) {
            owned.lock.lock();
            try {
                if (owned.assets != null) {
                    change.accept(owned.assets);
                }
            } finally {
                owned.lock.unlock();
            }
        }
    }

    private Owned owned(UserId owner) {
        lock.lock();
        try {
            return users.computeIfAbsent(owner, user -> new Owned());
        } finally {
            lock.unlock();
        }
    }
}
