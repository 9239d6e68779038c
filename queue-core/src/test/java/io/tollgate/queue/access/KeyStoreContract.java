package io.tollgate.queue.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.tollgate.credits.account.UserId;
import io.tollgate.credits.test.MutableClock;
import io.tollgate.queue.test.CountingIds;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What every {@link KeyStore} must do. Extend it, give it an empty store, and add nothing else. */
public abstract class KeyStoreContract {
    private static final UserId EVA = new UserId("eva");
    private static final UserId ADAM = new UserId("adam");
    private static final Instant NOW = MutableClock.START.plusMillis(7);

    private final CountingIds ids = new CountingIds();

    /** A store without keys, another one each time. */
    protected abstract KeyStore emptyStore();

    /** The same store as another process would open it later; itself, where there is none. */
    protected KeyStore reopened(KeyStore store) {
        return store;
    }

    private ApiKey key(UserId user, Set<Scope> scopes) {
        return new ApiKey(
                new KeyId(ids.next()),
                user,
                "laptop of ähm 🙂",
                scopes,
                NOW,
                Optional.of(NOW.plus(Duration.ofDays(30))),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    private static String hash(int number) {
        return "%064x".formatted(number);
    }

    @Test
    void add_aKey_isFoundAsItWas() {
        KeyStore store = emptyStore();
        ApiKey all = key(EVA, EnumSet.allOf(Scope.class));
        ApiKey one = new ApiKey(
                new KeyId(ids.next()),
                ADAM,
                "",
                Set.of(Scope.JOBS_RAW),
                NOW,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());

        store.add(all, hash(1));
        store.add(one, hash(2));

        KeyStore later = reopened(store);
        assertThat(later.byHash(hash(1))).contains(all);
        assertThat(later.byHash(hash(2))).contains(one);
        assertThat(later.byHash(hash(3))).isEmpty();
        assertThat(later.find(all.id())).contains(all);
        assertThat(later.find(one.id())).contains(one);
        assertThat(later.find(new KeyId(ids.next()))).isEmpty();
    }

    @Test
    void add_aTakenHashOrId_changesNothing() {
        KeyStore store = emptyStore();
        ApiKey first = key(EVA, Set.of(Scope.JOBS));
        store.add(first, hash(1));
        ApiKey second = key(ADAM, Set.of(Scope.ADMIN));

        assertThatIllegalArgumentException().isThrownBy(() -> store.add(second, hash(1)));
        assertThatIllegalArgumentException().isThrownBy(() -> store.add(first, hash(2)));

        assertThat(store.byHash(hash(1))).contains(first);
        assertThat(store.byHash(hash(2))).isEmpty();
        assertThat(store.list(Optional.empty(), 10)).containsExactly(first);
    }

    @Test
    void list_always_hasTheNewestFirst() {
        KeyStore store = emptyStore();
        ApiKey first = key(EVA, Set.of(Scope.JOBS));
        ApiKey second = key(ADAM, Set.of(Scope.JOBS));
        ApiKey third = key(EVA, Set.of(Scope.JOBS));
        store.add(first, hash(9));
        store.add(second, hash(8));
        store.add(third, hash(7));

        assertThat(store.list(Optional.empty(), 10)).containsExactly(third, second, first);
        assertThat(store.list(Optional.empty(), 2)).containsExactly(third, second);
        assertThat(store.list(Optional.of(EVA), 10)).containsExactly(third, first);
        assertThat(store.list(Optional.of(EVA), 1)).containsExactly(third);
        assertThat(store.list(Optional.of(new UserId("ev")), 10)).isEmpty();
        assertThatIllegalArgumentException().isThrownBy(() -> store.list(Optional.empty(), 0));
    }

    @Test
    void revoke_aKey_isKeptWithTheFirstTime() {
        KeyStore store = emptyStore();
        ApiKey key = key(EVA, Set.of(Scope.JOBS));
        ApiKey other = key(EVA, Set.of(Scope.JOBS));
        store.add(key, hash(1));
        store.add(other, hash(2));

        assertThat(store.revoke(key.id(), NOW.plusSeconds(1), "cli:adam")).isTrue();
        assertThat(store.revoke(key.id(), NOW.plusSeconds(2), "cli:zoe")).isTrue();
        assertThat(store.revoke(new KeyId(ids.next()), NOW, "cli:adam")).isFalse();

        KeyStore later = reopened(store);
        assertThat(later.find(key.id())).contains(key.revoked(NOW.plusSeconds(1), "cli:adam"));
        assertThat(later.byHash(hash(1)).orElseThrow().isUsableAt(NOW.plusSeconds(3)))
                .isFalse();
        assertThat(later.find(other.id())).contains(other);
    }

    @Test
    void noteUsed_ofSome_keepsTheLatest() {
        KeyStore store = emptyStore();
        ApiKey often = key(EVA, Set.of(Scope.JOBS));
        ApiKey once = key(EVA, Set.of(Scope.JOBS));
        ApiKey never = key(EVA, Set.of(Scope.JOBS));
        store.add(often, hash(1));
        store.add(once, hash(2));
        store.add(never, hash(3));

        store.noteUsed(Map.of());
        store.noteUsed(Map.of(often.id(), NOW.plusSeconds(60), once.id(), NOW, new KeyId(ids.next()), NOW));
        store.noteUsed(Map.of(often.id(), NOW.plusSeconds(30)));

        assertThat(reopened(store).list(Optional.empty(), 10))
                .containsExactly(never, once.used(NOW), often.used(NOW.plusSeconds(60)));
    }

    @Test
    void forget_aUser_leavesNothingThatTells() {
        KeyStore store = emptyStore();
        ApiKey evas = key(EVA, Set.of(Scope.JOBS));
        ApiKey adams = new ApiKey(
                new KeyId(ids.next()),
                ADAM,
                "made by eva",
                Set.of(Scope.JOBS),
                NOW,
                Optional.empty(),
                Optional.of(NOW),
                Optional.of("cli:eva"),
                Optional.empty());
        store.add(evas, hash(1));
        store.add(adams, hash(2));

        assertThat(store.forget(EVA)).isEqualTo(1);
        assertThat(store.forget(EVA)).isZero();

        KeyStore later = reopened(store);
        assertThat(later.byHash(hash(1))).isEmpty();
        assertThat(later.find(evas.id())).isEmpty();
        assertThat(later.list(Optional.empty(), 10)).containsExactly(adams.without(EVA));
        assertThat(List.of(adams.without(EVA).toString())).noneMatch(text -> text.contains("eva"));
        later.add(evas, hash(1)); // the name is free again
        assertThat(later.byHash(hash(1))).contains(evas);
    }
}
