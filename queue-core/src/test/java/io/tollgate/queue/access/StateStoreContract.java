package io.tollgate.queue.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.tollgate.credits.account.UserId;
import io.tollgate.credits.test.MutableClock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What every {@link StateStore} must do. Extend it, give it an empty store, and add nothing else. */
public abstract class StateStoreContract {
    private static final int CALLERS = 8;
    private static final UserId EVA = new UserId("eva");

    private final MutableClock clock = new MutableClock();
    private final Optional<Instant> inAMinute = Optional.of(clock.instant().plusSeconds(60));

    /** A store without values, another one each time. */
    protected abstract StateStore emptyStore(InstantSource time);

    /** Whether there is a value after the process ended, and the same store as another process would open it then. */
    protected Optional<StateStore> reopened(StateStore store) {
        return Optional.empty();
    }

    @Test
    void put_aValue_isThereUntilItExpires() {
        StateStore store = emptyStore(clock);

        store.put("stays", "ähm 🙂\nline", Optional.empty());
        store.put("goes", "", inAMinute);

        assertThat(store.get("stays")).contains("ähm 🙂\nline");
        assertThat(store.get("nothing")).isEmpty();
        clock.advance(Duration.ofMillis(59_999));
        assertThat(store.get("goes")).contains("");
        clock.advance(Duration.ofMillis(1));
        assertThat(store.get("goes")).isEmpty();
        clock.advance(Duration.ofDays(9_999));
        assertThat(store.get("stays")).isPresent();
    }

    @Test
    void put_again_takesTheOthersPlaceAndTime() {
        StateStore store = emptyStore(clock);
        store.put("a", "1", inAMinute);

        store.put("a", "2", Optional.empty());
        clock.advance(Duration.ofMinutes(2));

        assertThat(store.get("a")).contains("2");
        store.put("a", "3", Optional.of(clock.instant())); // at once
        assertThat(store.get("a")).isEmpty();
    }

    @Test
    void put_ofWhatIsAsSaid_survivesTheProcess() {
        StateStore store = emptyStore(clock);
        String key = "k".repeat(StateStore.MAX_KEY);
        String value = "é".repeat(StateStore.MAX_BYTES / 2);

        store.put(key, value, inAMinute);

        assertThat(store.get(key)).contains(value);
        reopened(store).ifPresent(later -> {
            assertThat(later.get(key)).contains(value);
            clock.advance(Duration.ofMinutes(1));
            assertThat(later.get(key)).isEmpty();
        });
    }

    @Test
    void putIfAbsent_whereAValueIs_changesNothing() {
        StateStore store = emptyStore(clock);

        assertThat(store.putIfAbsent("a", "1", inAMinute)).isTrue();
        assertThat(store.putIfAbsent("a", "2", Optional.empty())).isFalse();
        assertThat(store.get("a")).contains("1");
        assertThat(store.putIfAbsent("b", "2", Optional.empty())).isTrue();
        assertThat(store.putIfAbsent("b", "3", Optional.empty())).isFalse();
        clock.advance(Duration.ofMinutes(1));
        assertThat(store.putIfAbsent("a", "3", Optional.empty())).isTrue();
        assertThat(store.get("a")).contains("3");
    }

    @Test
    void putIfAbsent_byManyAtOnce_letsOneSucceed() throws Exception {
        StateStore store = emptyStore(clock);
        CyclicBarrier start = new CyclicBarrier(CALLERS);
        AtomicInteger won = new AtomicInteger();
        List<Thread> callers = new ArrayList<>();
        for (int i = 0; i < CALLERS; i++) {
            String value = "caller " + i;
            Thread caller = new Thread(() -> {
                try {
                    start.await(30, TimeUnit.SECONDS);
                } catch (InterruptedException | BrokenBarrierException | TimeoutException e) {
                    throw new IllegalStateException(e);
                }
                if (store.putIfAbsent("a", value, Optional.empty())) {
                    won.incrementAndGet();
                }
            });
            caller.start();
            callers.add(caller);
        }
        for (Thread caller : callers) {
            caller.join(TimeUnit.SECONDS.toMillis(60));
        }

        assertThat(won).hasValue(1);
    }

    @Test
    void remove_aValue_tellsWhetherItWasThere() {
        StateStore store = emptyStore(clock);
        store.put("a", "1", Optional.empty());
        store.put("b", "2", inAMinute);

        assertThat(store.remove("a")).isTrue();
        assertThat(store.remove("a")).isFalse();
        assertThat(store.get("a")).isEmpty();
        clock.advance(Duration.ofMinutes(1));
        assertThat(store.remove("b")).isFalse();
        assertThat(store.removeExpired(clock.instant())).isZero();
    }

    @Test
    void removeExpired_always_leavesWhatIsThere() {
        StateStore store = emptyStore(clock);
        store.put("stays", "1", Optional.empty());
        store.put("later", "2", Optional.of(clock.instant().plusSeconds(61)));
        for (int i = 0; i < 5; i++) {
            store.put("goes " + i, "3", inAMinute);
        }

        assertThat(store.removeExpired(clock.instant())).isZero();
        clock.advance(Duration.ofMinutes(1));
        assertThat(store.removeExpired(clock.instant())).isEqualTo(5);
        assertThat(store.removeExpired(clock.instant())).isZero();
        assertThat(store.get("stays")).isPresent();
        assertThat(store.get("later")).isPresent();
    }

    @Test
    void anyDeed_withAKeyOrValueThatIsNotAsSaid_isRefused() {
        StateStore store = emptyStore(clock);

        for (String key : List.of("", "k".repeat(StateStore.MAX_KEY + 1), "nul\u0000")) {
            assertThatIllegalArgumentException().isThrownBy(() -> store.get(key));
            assertThatIllegalArgumentException().isThrownBy(() -> store.put(key, "1", Optional.empty()));
            assertThatIllegalArgumentException().isThrownBy(() -> store.putIfAbsent(key, "1", Optional.empty()));
            assertThatIllegalArgumentException().isThrownBy(() -> store.remove(key));
        }
        for (String value : List.of("é".repeat(StateStore.MAX_BYTES / 2) + "x", "\uD800")) {
            assertThatIllegalArgumentException().isThrownBy(() -> store.put("a", value, Optional.empty()));
            assertThatIllegalArgumentException().isThrownBy(() -> store.putIfAbsent("a", value, Optional.empty()));
        }
        assertThat(store.get("a")).isEmpty();
    }

    @Test
    void forget_aUser_leavesNothingThatTellsAndWhatOperatorsSaid() {
        StateStore store = emptyStore(clock);
        store.put("session of eva", "1", Optional.empty());
        store.put("session 2", "eva's", Optional.empty());
        store.put("session 3", "adam's", inAMinute);
        Doors doors = new Doors(store, clock);
        doors.show("whatever eva says", "cli:eva");

        assertThat(store.forget(EVA)).isEqualTo(3);
        assertThat(store.forget(EVA)).isZero();

        assertThat(store.get("session of eva")).isEmpty();
        assertThat(store.get("session 2")).isEmpty();
        assertThat(store.get("session 3")).contains("adam's");
        Doors.Notice notice = new Doors(store, clock).notice().orElseThrow();
        assertThat(notice.text()).isEqualTo("whatever eva says");
        assertThat(notice.by()).isEqualTo("erased");
        clock.advance(Duration.ofMinutes(1));
        assertThat(store.get("session 3")).isEmpty();
    }
}
