package io.tollgate.queue.access;

import io.tollgate.credits.account.UserId;
import io.tollgate.credits.ledger.StorableText;
import io.tollgate.queue.job.EraseRules;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;

/**
 * Small values by name, some of which are gone at a time: sessions, codes, switches. Each method is one transaction. An
 * expired value is as good as none from that instant on, by the store's clock, whether it was removed or not. Safe for
 * use by many threads; methods may wait for a database, so none may be called by a commit listener. Instants are kept
 * to the millisecond.
 *
 * <p>All methods throw {@link IllegalArgumentException} for names and values that are not as {@link #check} says, and
 * {@link io.tollgate.credits.ledger.StoreException} when the store can't do it.
 */
public interface StateStore {
    /** The longest name, in characters. */
    int MAX_KEY = 200;

    /** The largest value, in bytes of UTF-8. */
    int MAX_BYTES = 8 * 1024;

    /** The value of that name. */
    Optional<String> get(String key);

    /**
     * Puts a value in the place of the one that may be there.
     *
     * @param expiresAt from when on it is gone; empty if it stays
     */
    void put(String key, String value, Optional<Instant> expiresAt);

    /** Puts a value where there is none; of several callers at once, one succeeds. Returns whether it did. */
    boolean putIfAbsent(String key, String value, Optional<Instant> expiresAt);

    /** Removes a value. Returns whether there was one. */
    boolean remove(String key);

    /** Removes what expired by {@code now}, to make room. Returns how many. */
    int removeExpired(Instant now);

    /**
     * Removes the values that tell of a user who is to be forgotten, by their names or in them. In what the
     * {@link Doors} keep only the operator's name is struck out. Returns how many were removed or changed.
     */
    int forget(UserId user);

    /** Refuses a name that is empty, longer than {@link #MAX_KEY} characters, or can't be stored. */
    static void check(String key) {
        if (key.isEmpty() || key.length() > MAX_KEY || !StorableText.isStorable(key)) {
            throw new IllegalArgumentException(
                    "a state's key has 1 to " + MAX_KEY + " characters and " + StorableText.RULE);
        }
    }

    /** Refuses also a value that is larger than {@link #MAX_BYTES}, or can't be stored. */
    static void check(String key, String value) {
        check(key);
        if (value.length() > MAX_BYTES || value.getBytes(StandardCharsets.UTF_8).length > MAX_BYTES) {
            throw new IllegalArgumentException("the state '" + key + "' has at most " + MAX_BYTES + " bytes");
        }
        if (!StorableText.isStorable(value)) {
            throw new IllegalArgumentException("the state '" + key + "' " + StorableText.RULE);
        }
    }

    /**
     * What is left of a value when a user is forgotten.
     *
     * @return the value as it was if it doesn't tell of the user; empty if it is to be removed
     */
    static Optional<String> without(String key, String value, UserId gone) {
        if (Doors.isTheirs(key)) {
            return Optional.of(Doors.without(value, gone));
        }
        return EraseRules.says(key, gone) || EraseRules.says(value, gone) ? Optional.empty() : Optional.of(value);
    }
}
