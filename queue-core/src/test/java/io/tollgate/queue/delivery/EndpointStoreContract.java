package io.tollgate.queue.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.tollgate.credits.account.UserId;
import io.tollgate.credits.test.MutableClock;
import io.tollgate.queue.job.DeliveryEvent;
import io.tollgate.queue.job.EndpointId;
import io.tollgate.queue.test.CountingIds;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What every {@link EndpointStore} must do. Extend it, give it an empty store, and add nothing else. */
public abstract class EndpointStoreContract {
    private static final UserId EVA = new UserId("eva");
    private static final UserId ADAM = new UserId("adam");
    private static final Instant NOW = MutableClock.START.plusMillis(7);

    private final CountingIds ids = new CountingIds();
    private final Random random = new Random(3);

    /** A store without endpoints, another one each time. */
    protected abstract EndpointStore emptyStore();

    /** The same store as another process would open it later; itself, where there is none. */
    protected EndpointStore reopened(EndpointStore store) {
        return store;
    }

    private SigningSecrets secrets() {
        return SigningSecrets.of(SigningSecret.draw(random));
    }

    private Endpoint endpoint(UserId user, Set<DeliveryEvent> events) {
        return new Endpoint(
                new EndpointId(ids.next()),
                user,
                "https://example.com/hook?of=" + user,
                events,
                secrets(),
                NOW,
                Endpoint.State.ACTIVE,
                Optional.empty(),
                Optional.empty());
    }

    private static List<Endpoint> all(EndpointStore store) {
        List<Endpoint> all = new ArrayList<>();
        store.forEach(all::add);
        return all;
    }

    @Test
    void add_endpoints_areFoundAsTheyWere() {
        EndpointStore store = emptyStore();
        Endpoint plain = endpoint(EVA, EnumSet.allOf(DeliveryEvent.class));
        Endpoint full = endpoint(ADAM, Set.of(DeliveryEvent.FAILED))
                .with(secrets().rotated(SigningSecret.draw(random), NOW))
                .failing(Optional.of(NOW.minusSeconds(5)))
                .paused("nobody is there");

        assertThat(store.add(plain, 10)).isTrue();
        assertThat(store.add(full, 10)).isTrue();

        EndpointStore later = reopened(store);
        assertThat(later.find(plain.id())).contains(plain);
        assertThat(later.find(full.id())).contains(full);
        assertThat(later.find(new EndpointId(ids.next()))).isEmpty();
        assertThat(all(later)).containsExactly(plain, full);
    }

    @Test
    void add_moreThanAUserMayHave_isRefusedForThatUserAlone() {
        EndpointStore store = emptyStore();
        Endpoint first = endpoint(EVA, DeliveryEvent.FINAL);
        Endpoint second = endpoint(EVA, DeliveryEvent.FINAL);
        Endpoint others = endpoint(ADAM, DeliveryEvent.FINAL);

        assertThat(store.add(first, 2)).isTrue();
        assertThat(store.add(second, 2)).isTrue();
        assertThat(store.add(endpoint(EVA, DeliveryEvent.FINAL), 2)).isFalse();
        assertThat(store.add(others, 2)).isTrue();

        assertThat(store.list(EVA)).containsExactly(first, second);
        assertThat(store.list(ADAM)).containsExactly(others);
    }

    @Test
    void add_aTakenId_changesNothing() {
        EndpointStore store = emptyStore();
        Endpoint endpoint = endpoint(EVA, DeliveryEvent.FINAL);
        store.add(endpoint, 10);

        assertThatIllegalArgumentException().isThrownBy(() -> store.add(endpoint.paused("again"), 10));

        assertThat(all(store)).containsExactly(endpoint);
    }

    @Test
    void setState_ofAnEndpoint_leavesItsSecrets() {
        EndpointStore store = emptyStore();
        Endpoint endpoint = endpoint(EVA, DeliveryEvent.FINAL);
        Endpoint other = endpoint(EVA, DeliveryEvent.FINAL);
        store.add(endpoint, 10);
        store.add(other, 10);
        SigningSecrets rotated = endpoint.secrets().rotated(SigningSecret.draw(random), NOW);
        Endpoint failing = endpoint.failing(Optional.of(NOW));

        assertThat(store.setSecrets(endpoint.id(), rotated)).isTrue();
        assertThat(store.setState(failing)).isTrue(); // as somebody saw it before the rotation
        assertThat(reopened(store).find(endpoint.id())).contains(failing.with(rotated));
    }

    @Test
    void setState_pausedAndResumed_isAsBefore() {
        EndpointStore store = emptyStore();
        Endpoint endpoint = endpoint(EVA, DeliveryEvent.FINAL);
        Endpoint other = endpoint(EVA, DeliveryEvent.FINAL);
        store.add(endpoint, 10);
        store.add(other, 10);
        Endpoint paused = endpoint.failing(Optional.of(NOW)).paused("gone");

        assertThat(store.setState(paused)).isTrue();
        assertThat(store.find(endpoint.id())).contains(paused);
        assertThat(store.setState(paused.resumed())).isTrue();

        assertThat(store.list(EVA)).containsExactly(endpoint, other);
    }

    @Test
    void delete_anEndpoint_isGone() {
        EndpointStore store = emptyStore();
        Endpoint endpoint = endpoint(EVA, DeliveryEvent.FINAL);
        Endpoint other = endpoint(EVA, DeliveryEvent.FINAL);
        store.add(endpoint, 10);
        store.add(other, 10);

        assertThat(store.delete(endpoint.id())).isTrue();
        assertThat(store.delete(endpoint.id())).isFalse();
        assertThat(store.setState(endpoint.paused("late"))).isFalse();
        assertThat(store.setSecrets(endpoint.id(), secrets())).isFalse();

        assertThat(all(store)).containsExactly(other);
    }

    @Test
    void addSecrets_twice_keepsTheFirst() {
        EndpointStore store = emptyStore();
        SigningSecrets first = secrets();

        assertThat(store.secrets(EVA)).isEmpty();
        assertThat(store.addSecrets(EVA, first)).isEqualTo(first);
        assertThat(store.addSecrets(EVA, secrets())).isEqualTo(first);

        assertThat(reopened(store).secrets(EVA)).contains(first);
    }

    @Test
    void setSecrets_ofAUser_areKept() {
        EndpointStore store = emptyStore();
        SigningSecrets first = secrets();
        store.addSecrets(EVA, first);
        store.addSecrets(ADAM, first);
        SigningSecrets rotated = first.rotated(SigningSecret.draw(random), NOW.plus(Duration.ofNanos(123_456)));

        store.setSecrets(EVA, rotated);

        EndpointStore later = reopened(store);
        assertThat(later.secrets(EVA)).contains(rotated);
        assertThat(later.secrets(ADAM)).contains(first);
    }

    @Test
    void forget_aUser_leavesTheOthers() {
        EndpointStore store = emptyStore();
        Endpoint others = endpoint(ADAM, DeliveryEvent.FINAL);
        SigningSecrets secrets = secrets();
        store.add(endpoint(EVA, DeliveryEvent.FINAL), 10);
        store.add(endpoint(EVA, DeliveryEvent.FINAL), 10);
        store.add(others, 10);
        store.addSecrets(EVA, secrets());
        store.addSecrets(ADAM, secrets);

        assertThat(store.forget(EVA)).isEqualTo(2);
        assertThat(store.forget(EVA)).isZero();

        assertThat(store.secrets(EVA)).isEmpty();
        assertThat(store.secrets(ADAM)).contains(secrets);
        assertThat(all(store)).containsExactly(others);
    }
}
