package io.tollgate.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tollgate.credits.account.UserId;
import io.tollgate.credits.ledger.Amount;
import io.tollgate.credits.ledger.Hold;
import io.tollgate.credits.ledger.HoldId;
import io.tollgate.credits.ledger.Price;
import io.tollgate.credits.test.MutableClock;
import io.tollgate.queue.delivery.DeliveryChannel;
import io.tollgate.queue.delivery.DeliveryChannel.Outcome;
import io.tollgate.queue.delivery.DeliveryChannelContract;
import io.tollgate.queue.delivery.Endpoint;
import io.tollgate.queue.delivery.Endpoints;
import io.tollgate.queue.delivery.SigningSecret;
import io.tollgate.queue.delivery.SigningSecrets;
import io.tollgate.queue.event.Events;
import io.tollgate.queue.job.Delivery;
import io.tollgate.queue.job.DeliveryEvent;
import io.tollgate.queue.job.DeliveryId;
import io.tollgate.queue.job.DeliveryTarget;
import io.tollgate.queue.job.JobRecord;
import io.tollgate.queue.job.JobSpec;
import io.tollgate.queue.job.JobState;
import io.tollgate.queue.job.Lane;
import io.tollgate.queue.job.QueuedJob;
import io.tollgate.queue.memory.MemoryEndpointStore;
import io.tollgate.queue.test.CountingIds;
import io.tollgate.queue.test.JobSpecs;
import io.tollgate.webhook.Receiver.Answer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Base64;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.util.Promise;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class WebhookChannelTest extends DeliveryChannelContract {
    private static final UserId ANN = new UserId("ann");
    private static final SigningSecret SECRET = SigningSecret.parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    private static final SigningSecret OLDER = SigningSecret.draw(new Random(7));
    private static final String JOB = "{\"id\":\"one\",\"prompt\":\"\u00e4 \\\"quoted\\\" \ud83d\udc31\"}";
    private static final Duration TIMEOUT = Duration.ofSeconds(20);

    private final MutableClock clock = new MutableClock();
    private final CountingIds ids = new CountingIds();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final ScheduledExecutorService timers = Executors.newSingleThreadScheduledExecutor();
    private final MemoryEndpointStore store = new MemoryEndpointStore();
    private final Endpoints endpoints = new Endpoints(
            store, ids, clock, new Random(11), Runnable::run, new Events(Runnable::run), Endpoints.PAUSED_AFTER);
    private Receiver receiver;
    private WebhookChannel channel;

    @BeforeEach
    void open() throws Exception {
        receiver = new Receiver();
        store.addSecrets(ANN, SigningSecrets.of(SECRET));
        channel = channel(TIMEOUT, new TargetGuard(false, List.of(AllowedHost.parse("127.0.0.1"))));
    }

    private WebhookChannel channel(Duration timeout, TargetGuard guard) {
        return channel(timeout, guard, GuardedResolver.Lookup.SYSTEM);
    }

    private WebhookChannel channel(Duration timeout, TargetGuard guard, GuardedResolver.Lookup lookup) {
        return new WebhookChannel(
                new WebhookSettings(timeout, 2, "Tollgate/test"),
                guard,
                lookup,
                (record, progress) -> JOB.getBytes(StandardCharsets.UTF_8),
                endpoints,
                ids,
                threads,
                timers,
                clock);
    }

    @AfterEach
    void close() throws Exception {
        channel.close();
        receiver.stop();
        threads.shutdownNow();
        timers.shutdownNow();
    }

    @Override
    protected DeliveryChannel channel() {
        return channel;
    }

    @Override
    protected String goodAddress() {
        return receiver.url("/hook?of=ann");
    }

    @Override
    protected String badAddress() {
        return "http://10.0.0.1/";
    }

    @Override
    protected JobRecord ended() {
        JobSpec spec = new JobSpecs(ids, clock).of(ANN);
        QueuedJob job = new QueuedJob(
                spec, 1, Lane.REGULAR, false, 1, new JobState.Succeeded(clock.instant(), false), 1, 1, 0, 3);
        Hold hold = new Hold(
                new HoldId(spec.id().value()),
                ANN,
                Price.agreed(Amount.ZERO, Amount.ZERO),
                List.of(),
                Hold.State.CAPTURED,
                Amount.ZERO,
                clock.instant(),
                Optional.of(clock.instant()));
        return new JobRecord(job, hold, List.of(), List.of(), List.of());
    }

    @Override
    protected JobRecord undeliverable() {
        receiver.answers(Answer.of(500));
        return ended();
    }

    @Override
    protected Delivery owed(JobRecord record, DeliveryTarget target) {
        return new Delivery(
                new DeliveryId(ids.next()),
                record.job().id(),
                target,
                DeliveryEvent.SUCCEEDED,
                Delivery.State.PENDING,
                1,
                clock.instant(),
                Optional.empty(),
                clock.instant());
    }

    private Delivery owed(String address) {
        return owed(ended(), new DeliveryTarget(WebhookChannel.NAME, address));
    }

    private static Outcome made(WebhookChannel by, Delivery delivery, JobRecord record) throws Exception {
        return by.deliver(delivery, record).toCompletableFuture().get(30, TimeUnit.SECONDS);
    }

    private Outcome made(Delivery delivery) throws Exception {
        return made(channel, delivery, ended());
    }

    private Outcome.Failed failed(Delivery delivery) throws Exception {
        Outcome outcome = made(delivery);
        assertThat(outcome).isInstanceOf(Outcome.Failed.class);
        return (Outcome.Failed) outcome;
    }

    @Test
    void deliver_endedJob_isSignedAsTheStandardSays() throws Exception {
        Delivery delivery = owed(goodAddress());

        assertThat(made(delivery)).isInstanceOf(Outcome.Delivered.class);

        Receiver.Received request = receiver.received.get(0);
        long now = clock.instant().getEpochSecond();
        assertThat(request.path()).isEqualTo("/hook?of=ann");
        assertThat(request.header("webhook-id")).isEqualTo(delivery.id().toString());
        assertThat(request.header("webhook-timestamp")).isEqualTo(Long.toString(now));
        assertThat(request.header("Content-Type")).isEqualTo("application/json");
        assertThat(request.header("User-Agent")).isEqualTo("Tollgate/test");
        assertThat(request.text())
                .isEqualTo("{\"type\":\"job.succeeded\",\"timestamp\":\"" + clock.instant() + "\",\"data\":{\"job\":"
                        + JOB + "}}");
        assertThat(request.header("webhook-signature"))
                .isEqualTo("v1," + independent(SECRET, delivery.id() + "." + now + "." + request.text()));
    }

    /** The test vector of the standard's own libraries. */
    @Test
    void signature_knownMessage_isTheKnownOne() {
        String signature = Signature.of(
                "msg_p5jXN8AQM9LWM0D4loKWxJek",
                1614265330,
                "{\"test\": 2432232314}".getBytes(StandardCharsets.UTF_8),
                List.of(SECRET));

        assertThat(signature).isEqualTo("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    /** HMAC by hand (RFC 2104), so that the code under test is not its own witness. */
    private static String independent(SigningSecret secret, String content) throws Exception {
        byte[] key = Arrays.copyOf(Base64.getDecoder().decode(secret.reveal().substring("whsec_".length())), 64);
        byte[] inner = key.clone();
        byte[] outer = key.clone();
        for (int i = 0; i < key.length; i++) {
            inner[i] ^= 0x36;
            outer[i] ^= 0x5c;
        }
        MessageDigest sha = MessageDigest.getInstance("SHA-256");
        sha.update(inner);
        byte[] first = sha.digest(content.getBytes(StandardCharsets.UTF_8));
        sha.update(outer);
        return Base64.getEncoder().encodeToString(sha.digest(first));
    }

    @Test
    void deliver_afterARotation_isSignedWithBothSecrets() throws Exception {
        store.setSecrets(ANN, SigningSecrets.of(OLDER).rotated(SECRET, clock.instant()));
        Delivery delivery = owed(goodAddress());

        made(delivery);

        Receiver.Received request = receiver.received.get(0);
        String content = delivery.id() + "." + clock.instant().getEpochSecond() + "." + request.text();
        assertThat(request.header("webhook-signature").split(" "))
                .containsExactly("v1," + independent(SECRET, content), "v1," + independent(OLDER, content));
    }

    @Test
    void deliver_toAnEndpoint_isSignedWithItsOwnSecret() throws Exception {
        Endpoint endpoint =
                endpoints.add(ANN, goodAddress(), DeliveryEvent.FINAL).orElseThrow();
        Delivery delivery = owed(endpoint.target().address());

        assertThat(made(delivery)).isInstanceOf(Outcome.Delivered.class);

        Receiver.Received request = receiver.received.get(0);
        String content = delivery.id() + "." + clock.instant().getEpochSecond() + "." + request.text();
        assertThat(request.header("webhook-signature"))
                .isEqualTo("v1," + independent(endpoint.secrets().current(), content));
    }

    @Test
    void deliver_toADeletedEndpoint_failsForGood() throws Exception {
        Endpoint endpoint =
                endpoints.add(ANN, goodAddress(), DeliveryEvent.FINAL).orElseThrow();
        endpoints.delete(ANN, endpoint.id());

        Outcome.Failed outcome = failed(owed(endpoint.target().address()));

        assertThat(outcome.error()).isEqualTo("its endpoint was deleted");
        assertThat(outcome.permanent()).isTrue();
        assertThat(receiver.received).isEmpty();
    }

    @Test
    void deliver_toAnEndpointThatIsGone_pausesIt() throws Exception {
        Endpoint endpoint =
                endpoints.add(ANN, goodAddress(), DeliveryEvent.FINAL).orElseThrow();
        receiver.answers(Answer.of(410));
        made(owed(endpoint.target().address()));
        receiver.answers(Answer.of(204));

        Outcome.Failed outcome = failed(owed(endpoint.target().address()));

        assertThat(outcome.error()).startsWith("its endpoint is paused: answered 410");
        assertThat(outcome.permanent()).isFalse();
        assertThat(receiver.received).hasSize(1);
        endpoints.resume(ANN, endpoint.id());
        assertThat(made(owed(endpoint.target().address()))).isInstanceOf(Outcome.Delivered.class);
    }

    @Test
    void test_anEndpoint_sendsASignedMessageAndSaysWhatWasAnswered() throws Exception {
        Endpoint endpoint =
                endpoints.add(ANN, goodAddress(), DeliveryEvent.FINAL).orElseThrow();
        receiver.answers(Answer.of(503).saying("later"));

        Outcome outcome = channel.test(ANN, endpoint.target().address())
                .toCompletableFuture()
                .get(30, TimeUnit.SECONDS);

        assertThat(outcome.answer()).contains(new DeliveryChannel.Answer(503, "later"));
        Receiver.Received request = receiver.received.get(0);
        assertThat(request.text()).startsWith("{\"type\":\"webhook.test\",\"timestamp\":\"" + clock.instant() + "\"");
        assertThat(request.header("webhook-signature"))
                .isEqualTo("v1,"
                        + independent(
                                endpoint.secrets().current(),
                                request.header("webhook-id") + "."
                                        + clock.instant().getEpochSecond() + "." + request.text()));
        assertThat(endpoints.find(ANN, endpoint.id()).orElseThrow().failingSince())
                .isEmpty();
    }

    @Test
    void test_anothersEndpoint_sendsNothing() throws Exception {
        Endpoint endpoint =
                endpoints.add(ANN, goodAddress(), DeliveryEvent.FINAL).orElseThrow();

        Outcome outcome = channel.test(new UserId("eve"), endpoint.target().address())
                .toCompletableFuture()
                .get(30, TimeUnit.SECONDS);

        assertThat(outcome).isInstanceOf(Outcome.Failed.class);
        assertThat(receiver.received).isEmpty();
    }

    @Test
    void check_addressOfAnEndpoint_isRefused() {
        Endpoint endpoint =
                endpoints.add(ANN, goodAddress(), DeliveryEvent.FINAL).orElseThrow();

        assertThatThrownBy(() -> channel.check(endpoint.target().address()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void deliver_again_hasTheSameIdAndTheTimeOfTheTry() throws Exception {
        Delivery delivery = owed(goodAddress());

        made(delivery);
        clock.advance(Duration.ofMinutes(5));
        made(delivery);

        assertThat(receiver.received.get(0).header("webhook-id"))
                .isEqualTo(receiver.received.get(1).header("webhook-id"));
        assertThat(receiver.received.get(1).header("webhook-timestamp"))
                .isEqualTo(Long.toString(clock.instant().getEpochSecond()));
        assertThat(receiver.received.get(1).text())
                .isEqualTo(receiver.received.get(0).text());
    }

    @ParameterizedTest
    @ValueSource(ints = {301, 302, 303, 307, 308})
    void deliver_redirect_failsAndIsNotFollowed(int status) throws Exception {
        receiver.answers(Answer.of(status).with("Location", receiver.url("/elsewhere")));

        Outcome.Failed outcome = failed(owed(goodAddress()));

        assertThat(outcome.error()).contains(String.valueOf(status), "redirect");
        assertThat(outcome.permanent()).isFalse();
        assertThat(receiver.received).hasSize(1);
    }

    @Test
    void deliver_gone_isNotTriedAgain() throws Exception {
        receiver.answers(Answer.of(410));

        assertThat(failed(owed(goodAddress())).permanent()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 401, 404, 407, 429, 500, 503})
    void deliver_refused_isTriedAgain(int status) throws Exception {
        receiver.answers(Answer.of(status).with("WWW-Authenticate", "Basic realm=\"x\""));

        Outcome.Failed outcome = failed(owed(goodAddress()));

        assertThat(outcome.permanent()).isFalse();
        assertThat(outcome.error()).isEqualTo("answered " + status);
        assertThat(receiver.received).hasSize(1);
    }

    @Test
    void deliver_retryAfter_isPassedOn() throws Exception {
        receiver.answers(Answer.of(503).with("Retry-After", "120"));

        assertThat(failed(owed(goodAddress())).pause()).contains(Duration.ofMinutes(2));
    }

    @Test
    void deliver_retryAfterADate_isPassedOn() throws Exception {
        String then = DateTimeFormatter.RFC_1123_DATE_TIME.format(
                clock.instant().plusSeconds(90).atOffset(ZoneOffset.UTC));
        receiver.answers(Answer.of(429).with("Retry-After", then));

        assertThat(failed(owed(goodAddress())).pause())
                .hasValueSatisfying(
                        pause -> assertThat(pause).isBetween(Duration.ofSeconds(89), Duration.ofSeconds(91)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"soon", "-5", "", "Thu, 01 Jan 1970 00:00:00 GMT", "99999999999999999999"})
    void deliver_retryAfterNonsense_isLeftOut(String header) throws Exception {
        receiver.answers(Answer.of(429).with("Retry-After", header));

        assertThat(failed(owed(goodAddress())).pause()).isEmpty();
    }

    @Test
    void deliver_hugeAnswer_isReadAtItsStartOnly() throws Exception {
        receiver.answers(Answer.of(200).saying("x".repeat(16 << 20)));

        Outcome outcome = made(owed(goodAddress()));

        assertThat(outcome).isInstanceOf(Outcome.Delivered.class);
        assertThat(outcome.answer().orElseThrow().start()).isEqualTo("x".repeat(1024));
        assertThat(receiver.cutShort.poll(30, TimeUnit.SECONDS))
                .as("why the rest was not sent")
                .isNotNull();
        receiver.answers(Answer.of(500).saying("x".repeat(16 << 20)));
        assertThat(failed(owed(goodAddress())).error()).isEqualTo("answered 500");
    }

    @Test
    void deliver_receiverThatNeverAnswers_failsAfterTheTimeout() throws Exception {
        receiver.answers(Answer.of(0));
        try (WebhookChannel hasty =
                channel(Duration.ofMillis(300), new TargetGuard(false, List.of(AllowedHost.parse("127.0.0.1"))))) {
            Outcome outcome = made(hasty, owed(goodAddress()), ended());

            assertThat(outcome).isInstanceOfSatisfying(Outcome.Failed.class, failed -> {
                assertThat(failed.error()).startsWith("no answer in");
                assertThat(failed.permanent()).isFalse();
            });
        }
    }

    @Test
    void deliver_nobodyListens_isTriedAgain() throws Exception {
        String address = receiver.url("/");
        receiver.stop();

        Outcome.Failed outcome = failed(owed(address));

        assertThat(outcome.error()).isEqualTo("nobody takes connections there");
        assertThat(outcome.permanent()).isFalse();
    }

    @Test
    void deliver_addressThatIsForbiddenByNow_failsForGood() throws Exception {
        Outcome.Failed outcome = failed(owed("http://127.0.0.2:" + receiver.port() + "/"));

        assertThat(outcome.permanent()).isTrue();
        assertThat(receiver.received).isEmpty();
    }

    @Test
    void deliver_nameOfTheLoopback_isNotCalled() throws Exception {
        try (WebhookChannel strict = channel(
                TIMEOUT, new TargetGuard(false, List.of()), host -> List.of(ip("93.184.215.14"), ip("127.0.0.1")))) {
            Outcome outcome = made(strict, owed("http://rebind.example.com:" + receiver.port() + "/"), ended());

            assertThat(outcome)
                    .isInstanceOfSatisfying(
                            Outcome.Failed.class,
                            failed ->
                                    assertThat(failed.error()).isEqualTo("its host has an address that is not called"));
        }
        assertThat(receiver.received).isEmpty();
    }

    @Test
    void resolve_nameThatTurnsFromPublicToLoopback_givesOnlyWhatWasChecked() {
        Deque<String> answers = new ArrayDeque<>(List.of("93.184.215.14", "127.0.0.1"));
        GuardedResolver resolver = new GuardedResolver(
                new TargetGuard(false, List.of()), host -> List.of(ip(answers.remove())), Runnable::run);

        Promise.Completable<List<InetSocketAddress>> first = new Promise.Completable<>();
        resolver.resolve("rebind.example.com", 443, Map.of(), first);
        assertThat(first.join()).containsExactly(new InetSocketAddress(ip("93.184.215.14"), 443));
        assertThat(answers).as("answers nobody asked for").containsExactly("127.0.0.1");

        Promise.Completable<List<InetSocketAddress>> second = new Promise.Completable<>();
        resolver.resolve("rebind.example.com", 443, Map.of(), second);
        assertThatThrownBy(second::join).hasCauseInstanceOf(ForbiddenTargetException.class);
    }

    private static InetAddress ip(String text) {
        return IpLiteral.read(text).orElseThrow();
    }

    @Test
    void deliver_nameOnTheList_isLookedUpOnceForAConnection() throws Exception {
        Deque<String> asked = new ArrayDeque<>();
        try (WebhookChannel lenient =
                channel(TIMEOUT, new TargetGuard(false, List.of(AllowedHost.parse("hooks.internal"))), host -> {
                    asked.add(host);
                    return List.of(ip("127.0.0.1"));
                })) {
            assertThat(made(lenient, owed("http://hooks.internal:" + receiver.port() + "/"), ended()))
                    .isInstanceOf(Outcome.Delivered.class);
        }
        assertThat(asked).containsExactly("hooks.internal");
        assertThat(receiver.received.get(0).header("Host")).isEqualTo("hooks.internal:" + receiver.port());
    }

    @Test
    void secret_printed_isHidden() {
        assertThat(SECRET).hasToString("whsec_(hidden)");
    }
}
