package io.tollgate.queue.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tollgate.credits.account.UserId;
import io.tollgate.credits.ledger.StoreUnavailableException;
import io.tollgate.credits.test.MutableClock;
import io.tollgate.queue.access.Keys.Created;
import io.tollgate.queue.memory.MemoryKeyStore;
import io.tollgate.queue.test.CountingIds;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class KeysTest {
    private static final UserId EVA = new UserId("eva");
    private static final UserId ADAM = new UserId("adam");
    private static final Set<Scope> JOBS = Set.of(Scope.JOBS);
    private static final String WRONG = KeySecret.PREFIX + "A".repeat(43);

    private final MutableClock clock = new MutableClock();
    private final CountingStore store = new CountingStore();
    private final Keys keys = keys(store, 1);

    /** Counts what it is asked, and fails on demand. */
    private static final class CountingStore implements KeyStore {
        private final KeyStore store = new MemoryKeyStore();
        private final List<String> hashes = new ArrayList<>();
        private final List<Map<KeyId, Instant>> uses = new ArrayList<>();
        private int looks;
        private boolean down;
        private Runnable afterLook = () -> {};

        private void fail() {
            if (down) {
                throw new StoreUnavailableException("down; nothing was changed");
            }
        }

        @Override
        public void add(ApiKey key, String hash) {
            hashes.add(hash);
            store.add(key, hash);
        }

        @Override
        public Optional<ApiKey> byHash(String hash) {
            looks++;
            fail();
            Optional<ApiKey> found = store.byHash(hash);
            afterLook.run();
            return found;
        }

        @Override
        public Optional<ApiKey> find(KeyId id) {
            return store.find(id);
        }

        @Override
        public List<ApiKey> list(Optional<UserId> user, int limit) {
            return store.list(user, limit);
        }

        @Override
        public boolean revoke(KeyId id, Instant at, String by) {
            return store.revoke(id, at, by);
        }

        @Override
        public void noteUsed(Map<KeyId, Instant> used) {
            fail();
            uses.add(Map.copyOf(used));
            store.noteUsed(used);
        }

        @Override
        public int forget(UserId user) {
            return store.forget(user);
        }
    }

    private Keys keys(KeyStore home, int hashKey) {
        byte[] bytes = new byte[32];
        bytes[0] = (byte) hashKey;
        return new Keys(home, bytes, clock, new CountingIds(), new SecureRandom());
    }

    private Created created() {
        return keys.create(EVA, JOBS, Optional.empty(), "laptop");
    }

    @Test
    void create_aKey_opensWithItsSecretAlone() {
        Created created = keys.create(EVA, Set.of(Scope.ADMIN, Scope.JOBS), Optional.empty(), "laptop");

        assertThat(keys.authenticate(created.secret())).contains(created.key());
        assertThat(keys.authenticate(WRONG)).isEmpty();
        assertThat(created.key().scopes()).containsExactly(Scope.JOBS, Scope.ADMIN);
        assertThat(created.key().allows(Scope.ADMIN)).isTrue();
        assertThat(created.key().allows(Scope.CREDITS_READ)).isFalse();
        assertThat(created.secret()).matches("tg_live_[0-9A-Za-z]{43}");
    }

    @Test
    void create_aKey_showsItsSecretNowhereElse() {
        Created created = created();
        String tail = created.secret().substring(KeySecret.PREFIX.length());

        assertThat(created.toString()).contains(created.key().id().toString()).doesNotContain(tail);
        assertThat(store.hashes)
                .singleElement()
                .satisfies(hash -> assertThat(hash).matches("[0-9a-f]{64}").doesNotContain(tail));
    }

    @Test
    void create_manyKeys_areAllDifferent() {
        Set<String> secrets = new HashSet<>();
        for (int i = 0; i < 200; i++) {
            secrets.add(created().secret());
        }

        assertThat(secrets).hasSize(200);
    }

    @Test
    void create_withWhatIsNotAsSaid_isRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> keys.create(EVA, Set.of(), Optional.empty(), "x"));
        assertThatIllegalArgumentException().isThrownBy(() -> keys.create(EVA, JOBS, Optional.of(Duration.ZERO), "x"));
        assertThatIllegalArgumentException().isThrownBy(() -> keys.create(EVA, JOBS, Optional.empty(), "x".repeat(81)));
        assertThatIllegalArgumentException().isThrownBy(() -> keys.create(EVA, JOBS, Optional.empty(), "a\nb"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> keys.create(new UserId("erased:1"), JOBS, Optional.empty(), "x"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Keys(store, new byte[31], clock, new CountingIds(), new SecureRandom()));
        assertThat(store.list(Optional.empty(), 10)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "tg_live_", "tg_test_", "Bearer x", "tg_live_short", "tg_live_' OR 1=1 --"})
    void authenticate_malformedText_asksNobody(String presented) {
        String secret = created().secret();

        assertThat(keys.authenticate(presented)).isEmpty();
        assertThat(keys.authenticate(secret + "A")).isEmpty();
        assertThat(keys.authenticate(secret + "\n")).isEmpty();
        assertThat(keys.authenticate(" " + secret)).isEmpty();
        assertThat(keys.authenticate(secret.replace("tg_live_", "TG_LIVE_"))).isEmpty();
        assertThat(store.looks).isZero();
    }

    @Test
    void authenticate_withAnotherHashKey_knowsNobody() {
        String secret = created().secret();

        assertThat(keys(store, 2).authenticate(secret)).isEmpty();
        assertThat(keys(store, 1).authenticate(secret)).isPresent();
    }

    @Test
    void authenticate_again_asksTheStoreOnceInFiveSeconds() {
        String secret = created().secret();

        for (int i = 0; i < 100; i++) {
            assertThat(keys.authenticate(secret)).isPresent();
        }
        clock.advance(Keys.CACHED_FOR.minusMillis(1));
        assertThat(keys.authenticate(secret)).isPresent();
        assertThat(store.looks).isEqualTo(1);
        clock.advance(Duration.ofMillis(1));
        assertThat(keys.authenticate(secret)).isPresent();
        assertThat(store.looks).isEqualTo(2);
        clock.advance(Duration.ofDays(-1));
        assertThat(keys.authenticate(secret)).isPresent();
        assertThat(store.looks).isEqualTo(3);
    }

    @Test
    void authenticate_wrongKeys_areNotRemembered() {
        String secret = created().secret();
        assertThat(keys.authenticate(secret)).isPresent();

        for (int i = 0; i <= Keys.MAX_CACHED; i++) {
            assertThat(keys.authenticate(KeySecret.PREFIX + "%043d".formatted(i)))
                    .isEmpty();
        }
        store.down = true;

        assertThat(keys.authenticate(secret)).isPresent();
    }

    @Test
    void authenticate_expired_opensNothing() {
        Created created = keys.create(EVA, JOBS, Optional.of(Duration.ofSeconds(2)), "");

        clock.advance(Duration.ofMillis(1_999));
        assertThat(keys.authenticate(created.secret())).isPresent();
        clock.advance(Duration.ofMillis(1)); // it is still in memory
        assertThat(keys.authenticate(created.secret())).isEmpty();
    }

    @Test
    void authenticate_storeIsDown_saysSo() {
        String secret = created().secret();
        store.down = true;

        assertThatThrownBy(() -> keys.authenticate(secret)).isInstanceOf(StoreUnavailableException.class);
        store.down = false;
        assertThat(keys.authenticate(secret)).isPresent();
    }

    @Test
    void revoke_aKeyInMemory_opensNothingAtOnce() {
        Created created = created();
        Created other = created();
        assertThat(keys.authenticate(created.secret())).isPresent();

        assertThat(keys.revoke(created.key().id(), "admin")).isTrue();

        assertThat(keys.authenticate(created.secret())).isEmpty();
        assertThat(keys.authenticate(other.secret())).isPresent();
        assertThat(keys.revoke(new KeyId(CountingIds.id(99)), "admin")).isFalse();
        assertThat(keys.find(created.key().id()).orElseThrow().revokedBy()).contains("admin");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> keys.revoke(created.key().id(), ""));
    }

    @Test
    void revoke_whileTheKeyIsBeingRead_opensNothingAfterwards() {
        Created created = created();
        store.afterLook = () -> {
            store.afterLook = () -> {};
            keys.revoke(created.key().id(), "admin");
        };

        assertThat(keys.authenticate(created.secret())).isPresent(); // it was asked before

        assertThat(keys.authenticate(created.secret())).isEmpty();
    }

    @Test
    void revoke_inAnotherProcess_isSeenAfterFiveSeconds() {
        Created created = created();
        Keys others = keys(store, 1);
        assertThat(keys.authenticate(created.secret())).isPresent();

        others.revoke(created.key().id(), "admin");
        clock.advance(Keys.CACHED_FOR);

        assertThat(keys.authenticate(created.secret())).isEmpty();
    }

    @Test
    void forget_aUser_closesTheirKeysAtOnce() {
        Created evas = created();
        Created adams = keys.create(ADAM, JOBS, Optional.empty(), "");
        assertThat(keys.authenticate(evas.secret())).isPresent();

        keys.forget(EVA);

        assertThat(keys.authenticate(evas.secret())).isEmpty();
        assertThat(keys.authenticate(adams.secret())).isPresent();
        assertThat(keys.list(Optional.of(EVA))).isEmpty();
    }

    @Test
    void flushUses_often_storesEachKeyOnceAMinute() {
        Created one = created();
        Created two = created();
        keys.authenticate(one.secret());
        keys.authenticate(one.secret());

        assertThat(keys.flushUses()).isEqualTo(1);
        clock.advance(Duration.ofSeconds(59));
        keys.authenticate(one.secret());
        keys.authenticate(two.secret());
        assertThat(keys.flushUses()).isEqualTo(1);
        assertThat(store.uses)
                .containsExactly(
                        Map.of(one.key().id(), MutableClock.START),
                        Map.of(two.key().id(), MutableClock.START.plusSeconds(59)));
        clock.advance(Duration.ofSeconds(1));
        assertThat(keys.flushUses()).isEqualTo(1);
        assertThat(keys.flushUses()).isZero();
        assertThat(store.uses.get(2)).isEqualTo(Map.of(one.key().id(), MutableClock.START.plusSeconds(59)));
    }

    @Test
    void flushUses_storeIsDown_keepsThemForTheNextTime() {
        Created one = created();
        keys.authenticate(one.secret());
        store.down = true;

        assertThatThrownBy(keys::flushUses).isInstanceOf(StoreUnavailableException.class);
        store.down = false;

        assertThat(keys.flushUses()).isEqualTo(1);
        assertThat(store.find(one.key().id()).orElseThrow().lastUsedAt()).contains(MutableClock.START);
    }

    @Test
    void list_always_tellsOfUsesThatAreNotStoredYet() {
        Created one = created();
        keys.authenticate(one.secret());

        assertThat(keys.list(Optional.empty()))
                .extracting(ApiKey::lastUsedAt)
                .containsExactly(Optional.of(MutableClock.START));
        assertThat(keys.find(one.key().id()).orElseThrow().lastUsedAt()).contains(MutableClock.START);
        assertThat(store.uses).isEmpty();
    }

    @Test
    void scope_ofAWord_isFound() {
        for (Scope scope : Scope.values()) {
            assertThat(Scope.parse(scope.word())).contains(scope);
        }
        assertThat(Scope.parse("jobs:write")).isEmpty();
        assertThat(Scope.parse("JOBS")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "1-1-1-1-1", "x", "00000000-0000-0000-0000-0000000000001"})
    void keyId_ofNoUuid_isRefused(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> KeyId.parse(text));
    }
}
