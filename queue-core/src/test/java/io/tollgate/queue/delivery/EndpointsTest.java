package io.tollgate.queue.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.credits.account.UserId;
import io.tollgate.credits.test.MutableClock;
import io.tollgate.queue.event.Events;
import io.tollgate.queue.event.JobEvent;
import io.tollgate.queue.job.DeliveryEvent;
import io.tollgate.queue.job.DeliveryTarget;
import io.tollgate.queue.memory.MemoryEndpointStore;
import io.tollgate.queue.test.CountingIds;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class EndpointsTest {
    private static final UserId EVA = new UserId("eva");
    private static final UserId ADAM = new UserId("adam");
    private static final String URL = "https://example.com/hook";

    private final MutableClock clock = new MutableClock();
    private final MemoryEndpointStore store = new MemoryEndpointStore();
    private final Events events = new Events(Runnable::run);
    private final List<JobEvent> told = new ArrayList<>();
    private final Endpoints endpoints = endpoints();

    private Endpoints endpoints() {
        return new Endpoints(
                store, new CountingIds(), clock, new Random(5), Runnable::run, events, Endpoints.PAUSED_AFTER);
    }

    @BeforeEach
    void listen() {
        events.listen(told::add);
    }

    private Endpoint added() {
        return endpoints.add(EVA, URL, DeliveryEvent.FINAL).orElseThrow();
    }

    private static String address(Endpoint endpoint) {
        return endpoint.target().address();
    }

    private Recipient recipient(UserId user, String address) {
        return endpoints.recipient(user, address).toCompletableFuture().join();
    }

    private Endpoint now(Endpoint endpoint) {
        return endpoints.find(EVA, endpoint.id()).orElseThrow();
    }

    @Test
    void targets_ofAUserWithEndpoints_areThoseThatAreActive() {
        Endpoint first = added();
        Endpoint second = added();

        assertThat(endpoints.targets(EVA)).containsExactly(first.target(), second.target());
        assertThat(endpoints.targets(ADAM)).isEmpty();
        endpoints.pause(EVA, first.id(), "for now");
        assertThat(endpoints.targets(EVA)).containsExactly(second.target());
        endpoints.delete(EVA, second.id());
        assertThat(endpoints.targets(EVA)).isEmpty();
        endpoints.resume(EVA, first.id());
        assertThat(endpoints.targets(EVA)).containsExactly(first.target());
    }

    @Test
    void load_afterARestart_knowsWhatIsStored() {
        Endpoint endpoint = added();
        Endpoint paused = added();
        endpoints.pause(EVA, paused.id(), "for now");

        Endpoints later = endpoints();
        later.load();

        assertThat(later.targets(EVA)).containsExactly(endpoint.target());
        assertThat(later.find(EVA, paused.id()).orElseThrow().reason()).contains("for now");
    }

    @Test
    void add_moreThanTen_isRefused() {
        for (int i = 0; i < Endpoint.MAX_PER_USER; i++) {
            added();
        }

        assertThat(endpoints.add(EVA, URL, DeliveryEvent.FINAL)).isEmpty();
        assertThat(endpoints.add(ADAM, URL, DeliveryEvent.FINAL)).isPresent();
        assertThat(endpoints.targets(EVA)).hasSize(Endpoint.MAX_PER_USER);
    }

    @Test
    void find_anothersEndpoint_isNone() {
        Endpoint endpoint = added();

        assertThat(endpoints.find(ADAM, endpoint.id())).isEmpty();
        assertThat(endpoints.rotate(ADAM, endpoint.id())).isEmpty();
        assertThat(endpoints.pause(ADAM, endpoint.id(), "mine")).isEmpty();
        assertThat(endpoints.resume(ADAM, endpoint.id())).isEmpty();
        assertThat(endpoints.delete(ADAM, endpoint.id())).isFalse();
        assertThat(recipient(ADAM, address(endpoint))).isInstanceOf(Recipient.Nowhere.class);
        assertThat(now(endpoint)).isEqualTo(endpoint);
    }

    @Test
    void recipient_ofAnEndpoint_actsAtOnceOnWhatChanges() {
        Endpoint endpoint = added();
        SigningSecret first = endpoint.secrets().current();
        assertThat(recipient(EVA, address(endpoint))).isEqualTo(new Recipient.At(URL, List.of(first)));

        SigningSecret second =
                endpoints.rotate(EVA, endpoint.id()).orElseThrow().secrets().current();

        assertThat(recipient(EVA, address(endpoint))).isEqualTo(new Recipient.At(URL, List.of(second, first)));
        clock.advance(Duration.ofHours(24).minusMillis(1));
        assertThat(recipient(EVA, address(endpoint))).isEqualTo(new Recipient.At(URL, List.of(second, first)));
        clock.advance(Duration.ofMillis(1));
        assertThat(recipient(EVA, address(endpoint))).isEqualTo(new Recipient.At(URL, List.of(second)));
        endpoints.pause(EVA, endpoint.id(), "for now");
        assertThat(recipient(EVA, address(endpoint)))
                .isEqualTo(new Recipient.Nowhere("its endpoint is paused: for now", false));
        endpoints.delete(EVA, endpoint.id());
        assertThat(recipient(EVA, address(endpoint)))
                .isEqualTo(new Recipient.Nowhere("its endpoint was deleted", true));
    }

    @Test
    void recipient_ofAnAddressOfAJob_signsWithItsUsersSecret() {
        SigningSecret first = endpoints.secrets(EVA).current();

        assertThat(recipient(EVA, URL)).isEqualTo(new Recipient.At(URL, List.of(first)));
        SigningSecret second = endpoints.rotate(EVA).current();
        assertThat(recipient(EVA, URL)).isEqualTo(new Recipient.At(URL, List.of(second, first)));
        assertThat(endpoints().secrets(EVA).current()).isEqualTo(second);
        assertThat(endpoints.secrets(ADAM).current()).isNotIn(first, second);
    }

    @Test
    void failed_onlyForDays_pausesAndTells() {
        Endpoint endpoint = added();

        endpoints.failed(EVA, address(endpoint), "answered 500", false);
        assertThat(now(endpoint).failingSince()).contains(clock.instant());
        clock.advance(Endpoints.PAUSED_AFTER.minusMillis(1));
        endpoints.failed(EVA, address(endpoint), "answered 500", false);
        assertThat(now(endpoint).state()).isEqualTo(Endpoint.State.ACTIVE);
        assertThat(told).isEmpty();
        clock.advance(Duration.ofMillis(1));
        endpoints.failed(EVA, address(endpoint), "answered 502", false);

        assertThat(now(endpoint).state()).isEqualTo(Endpoint.State.PAUSED);
        assertThat(now(endpoint).reason().orElseThrow()).contains("answered 502");
        assertThat(told)
                .containsExactly(new JobEvent.EndpointPaused(
                        EVA, endpoint.id(), now(endpoint).reason().orElseThrow()));
        assertThat(store.find(endpoint.id())).contains(now(endpoint));
        assertThat(endpoints.targets(EVA)).isEmpty();
    }

    @Test
    void succeeded_inBetween_beginsAnew() {
        Endpoint endpoint = added();

        endpoints.failed(EVA, address(endpoint), "answered 500", false);
        clock.advance(Duration.ofDays(4));
        endpoints.succeeded(EVA, address(endpoint));
        assertThat(now(endpoint).failingSince()).isEmpty();
        clock.advance(Duration.ofDays(4));
        endpoints.failed(EVA, address(endpoint), "answered 500", false);

        assertThat(now(endpoint).state()).isEqualTo(Endpoint.State.ACTIVE);
        assertThat(told).isEmpty();
    }

    @Test
    void failed_gone_pausesAtOnce() {
        Endpoint endpoint = added();

        endpoints.failed(EVA, address(endpoint), "answered 410 Gone", true);
        endpoints.failed(EVA, address(endpoint), "answered 410 Gone", true);

        assertThat(now(endpoint).state()).isEqualTo(Endpoint.State.PAUSED);
        assertThat(told).containsExactly(new JobEvent.EndpointPaused(EVA, endpoint.id(), "answered 410 Gone"));
    }

    @Test
    void resume_afterFailures_forgetsThem() {
        Endpoint endpoint = added();
        endpoints.failed(EVA, address(endpoint), "answered 410 Gone", true);

        endpoints.resume(EVA, endpoint.id());
        clock.advance(Endpoints.PAUSED_AFTER);
        endpoints.failed(EVA, address(endpoint), "answered 500", false);

        assertThat(now(endpoint).state()).isEqualTo(Endpoint.State.ACTIVE);
    }

    @Test
    void failed_addressOfAJob_isNotedNowhere() {
        endpoints.failed(EVA, URL, "answered 410 Gone", true);
        endpoints.succeeded(EVA, URL);
        endpoints.failed(EVA, "endpoint:nonsense", "answered 410 Gone", true);

        assertThat(told).isEmpty();
    }

    @Test
    void forget_aUser_leavesNothing() {
        Endpoint endpoint = added();
        SigningSecret secret = endpoints.secrets(EVA).current();

        endpoints.forget(EVA);

        assertThat(endpoints.targets(EVA)).isEmpty();
        assertThat(store.list(EVA)).isEmpty();
        assertThat(recipient(EVA, address(endpoint))).isInstanceOf(Recipient.Nowhere.class);
        assertThat(endpoints.secrets(EVA).current()).isNotEqualTo(secret);
    }

    @Test
    void endpoint_printed_hidesItsSecrets() {
        Endpoint endpoint = added();

        assertThat(endpoint.toString())
                .contains("(hidden)")
                .doesNotContain(endpoint.secrets().current().reveal());
        assertThat(new DeliveryTarget("webhook", address(endpoint))).isEqualTo(endpoint.target());
    }
}
