package io.tollgate.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tollgate.queue.access.KeyId;
import io.tollgate.queue.job.JobId;
import io.tollgate.queue.job.JobPolicy;
import io.tollgate.queue.job.SubmissionLimits;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.jetty.websocket.api.Callback;
import org.eclipse.jetty.websocket.api.Session;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The bounds of a socket, at a session that writes only when it is told to. */
@Timeout(60)
final class SlowSocketTest extends ApiTest {
    private static final KeyId KEY = KeyId.parse("01890000-0000-7000-8000-000000000000");
    private static final SocketMessage MESSAGE = SocketMessage.pong(Optional.empty());

    @Override
    ApiHouse furnished() {
        JobPolicy usual = JobPolicy.DEFAULT;
        return new ApiHouse(
                home,
                false,
                new JobPolicy(
                        usual.credits(),
                        new SubmissionLimits(1_000, 1_000, 100_000),
                        usual.modelLimits(),
                        usual.queueDefaults(),
                        usual.orders(),
                        usual.relaxedShare(),
                        usual.lostAtMost()),
                builder -> {},
                settings -> settings,
                new CallRates(0, 0));
    }

    /** A session whose reader reads when the test says so. */
    private static final class Held {
        private final List<String> sent = new ArrayList<>();
        private final List<Callback> writing = new ArrayList<>();
        private final List<String> closed = new ArrayList<>();
        private int cut;

        Session session() {
            return (Session) Proxy.newProxyInstance(
                    Session.class.getClassLoader(), new Class<?>[] {Session.class}, (proxy, method, given) -> {
                        switch (method.getName()) {
                            case "sendText" -> {
                                sent.add((String) given[0]);
                                writing.add((Callback) given[1]);
                            }
                            case "close" -> closed.add(given[0] + " " + given[1]);
                            case "disconnect" -> cut++;
                            default -> {}
                        }
                        return null;
                    });
        }
    }

    private EventStreams streams() {
        return new EventStreams(
                Duration.ofHours(1),
                house.threads,
                HttpWatcher.NONE,
                new StreamCount(2, HttpWatcher.NONE),
                key -> true,
                house.threads);
    }

    private Subscriptions subscriptions(Subscriptions.Sink sink) {
        JobFeed feed = new JobFeed(house.tollgate);
        return new Subscriptions(ApiHouse.ANN, house.tollgate, feed, new JobStreams(house.services, feed), sink);
    }

    @Test
    void tell_readerThatNeverReads_isToldWhyAndCut() {
        EventStreams streams = streams();
        AtomicInteger left = new AtomicInteger();
        JobSocket socket = new JobSocket(KEY, this::subscriptions, streams, HttpWatcher.NONE, left::incrementAndGet);
        Held held = new Held();
        socket.onWebSocketOpen(held.session());

        for (int i = 0; i <= JobSocket.MAX_WAITING; i++) { // one is being written
            socket.tell(MESSAGE);
        }
        assertThat(held.closed).isEmpty();
        socket.tell(MESSAGE);
        socket.tell(MESSAGE);

        assertThat(held.closed).containsExactly("1008 too slow a reader");
        assertThat(held.sent).hasSize(1);
        socket.beat();
        assertThat(held.cut).isZero();
        socket.beat();
        assertThat(held.cut).isEqualTo(1);
        assertThat(streams.size()).isZero();
        assertThat(left).hasPositiveValue();
    }

    @Test
    void show_readerThatIsSlow_getsOnlyTheNewest() {
        EventStreams streams = streams();
        JobSocket socket = new JobSocket(KEY, this::subscriptions, streams, HttpWatcher.NONE, () -> {});
        Held held = new Held();
        socket.onWebSocketOpen(held.session());
        socket.tell(MESSAGE);

        for (int i = 0; i < 5_000; i++) {
            socket.show("progress", SocketMessage.close(String.valueOf(i)));
        }
        held.writing.get(0).succeed();
        held.writing.get(1).succeed();

        assertThat(held.sent).hasSize(2);
        assertThat(held.sent.get(1)).contains("4999");
        assertThat(held.closed).isEmpty();
    }

    @Test
    void subscribe_moreJobsThanOneMayFollow_isRefused() {
        house.credit(ApiHouse.ANN, 10_000);
        List<JobId> jobs = new ArrayList<>();
        for (int i = 0; i <= Subscriptions.MOST; i++) {
            jobs.add(JobId.parse(house.draw(house.ann).path("id").asText()));
        }
        List<String> told = new CopyOnWriteArrayList<>();
        Subscriptions subscriptions = subscriptions(new Subscriptions.Sink() {
            @Override
            public void tell(SocketMessage message) {
                told.add(new String(message.json(), StandardCharsets.UTF_8));
            }

            @Override
            public void show(String name, SocketMessage message) {
                tell(message);
            }
        });

        subscriptions.subscribeAll(Optional.empty());

        assertThat(subscriptions.size()).isEqualTo(Subscriptions.MOST);
        assertThat(told).anyMatch(message -> message.contains("too_many_subscriptions"));
        assertThatThrownBy(() -> jobs.forEach(job -> subscriptions.subscribe(job, Optional.empty(), Optional.empty())))
                .hasMessageContaining("too_many_subscriptions");
        assertThat(subscriptions.size()).isEqualTo(Subscriptions.MOST);
        subscriptions.unsubscribeAll(Optional.empty());
        subscriptions.close();
        assertThat(subscriptions.size()).isZero();
    }
}
