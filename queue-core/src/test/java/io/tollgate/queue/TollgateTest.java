package io.tollgate.queue;

import static io.tollgate.queue.test.House.ANN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.tollgate.credits.account.UserId;
import io.tollgate.credits.ledger.Amount;
import io.tollgate.credits.ledger.Hold;
import io.tollgate.credits.pricing.Tariff;
import io.tollgate.queue.delivery.FileChannel;
import io.tollgate.queue.event.JobEvent;
import io.tollgate.queue.event.Progress;
import io.tollgate.queue.gate.JobRequest;
import io.tollgate.queue.gate.PolicyVerdict;
import io.tollgate.queue.job.AssetId;
import io.tollgate.queue.job.DeliveryTarget;
import io.tollgate.queue.job.Failure;
import io.tollgate.queue.job.InputValue;
import io.tollgate.queue.job.JobCommand.CancelResult;
import io.tollgate.queue.job.JobCommand.SubmitResult;
import io.tollgate.queue.job.JobRecord;
import io.tollgate.queue.job.JobState;
import io.tollgate.queue.job.Origin;
import io.tollgate.queue.job.Refusal;
import io.tollgate.queue.job.RetryPolicy;
import io.tollgate.queue.job.RunId;
import io.tollgate.queue.media.Asset;
import io.tollgate.queue.media.AssetInUseException;
import io.tollgate.queue.media.UploadRequest;
import io.tollgate.queue.test.House;
import io.tollgate.queue.workflow.Workflow;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TollgateTest {
    private static final byte[] PNG = {(byte) 0x89, 'P', 'N', 'G', 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0x0d, 1, 2, 3, 4};
    private static final UserId BOB = new UserId("bob");

    @TempDir
    Path directory;

    private final House house = new House();

    @AfterEach
    void close() {
        assertThat(house.memory.audit().findings()).isEmpty();
        house.close();
    }

    @Test
    void submit_runsToItsEnd_tellsEveryStepAndCaptures() {
        Tollgate node = house.open();
        house.credit(ANN, 100);
        house.gpu.reachable(true);
        JobHandle first = house.submit(node); // takes the one slot
        JobHandle second = node.submit(JobRequest.of(ANN, "draw").with("prompt", "a lighthouse"));
        List<String> told = new ArrayList<>();
        second.onQueued(position -> told.add("queued " + position))
                .onSubmitted(run -> told.add("submitted"))
                .onProgress(progress -> told.add("progress " + progress.fraction()))
                .onCompleted(
                        (run, outputs) -> told.add("completed " + outputs.get(0).name()))
                .onError(failure -> told.add("error"));
        CompletableFuture<JobRecord> result = second.result();
        house.settle();
        house.gpu.succeed(house.gpu.only(), "first.png");
        house.settle();
        RunId run = house.gpu.only();
        house.gpu.start(run);
        house.gpu.progress(run, Progress.of(1, 2, "step"));
        house.gpu.succeed(run, "boat.png");
        house.settle();

        assertThat(told).containsExactly("queued 1", "submitted", "progress 0.5", "completed boat.png");
        JobRecord record = result.getNow(null);
        assertThat(record.job().kind()).isEqualTo(JobState.Kind.SUCCEEDED);
        assertThat(record.hold().state()).isEqualTo(Hold.State.CAPTURED);
        assertThat(first.result()).isCompleted();
        assertThat(house.available(ANN)).isEqualTo(Amount.credits(80));
        assertThat(house.gpu.forgotten()).contains(run);
        assertThat(node.driving()).isZero();
    }

    @Test
    void submit_failsForGood_tellsTheErrorWithTheHoldReleased() {
        Tollgate node = house.open();
        house.credit(ANN, 100);
        JobHandle handle = house.submit(node);
        List<Failure.Kind> errors = new ArrayList<>();
        List<Amount> availableThen = new ArrayList<>();
        handle.onError(failure -> {
            errors.add(failure.kind());
            availableThen.add(house.available(ANN));
        });

        house.gpu.fail(house.gpu.only(), Failure.Kind.BAD_WORKFLOW);
        house.settle();

        assertThat(errors).containsExactly(Failure.Kind.BAD_WORKFLOW);
        assertThat(availableThen).containsExactly(Amount.credits(100));
        assertThat(house.record(handle.id()).hold().state()).isEqualTo(Hold.State.RELEASED);
    }

    @Test
    void callbacks_setAfterTheEnd_areCalledAtOnce() {
        Tollgate node = house.open();
        house.credit(ANN, 100);
        JobHandle handle = house.submit(node);
        RunId run = house.gpu.only();
        house.gpu.succeed(run, "a.png");
        house.settle();
        List<String> told = new ArrayList<>();

        handle.onSubmitted(as -> told.add("submitted " + as.equals(run)));
        handle.onCompleted((as, outputs) -> told.add("completed " + as.equals(run)));
        node.handle(ANN, handle.id()).orElseThrow().onCompleted((as, outputs) -> told.add("another"));

        assertThat(told).containsExactly("submitted true", "completed true", "another");
    }

    @Test
    void handle_askedForBetweenEndAndItsEvent_leavesEarlierHandlesFollowed() {
        Tollgate node = house.open();
        house.credit(ANN, 100);
        JobHandle first = house.submit(node);
        List<JobHandle> second = new ArrayList<>();
        // the end is stored, and its event not told yet
        house.memory.onCommit(changes -> {
            if (second.isEmpty() && house.kind(first).isTerminal()) {
                second.add(node.handle(ANN, first.id()).orElseThrow());
            }
        });

        house.gpu.succeed(house.gpu.only(), "a.png");
        house.settle();

        assertThat(second.get(0).result()).isCompleted();
        assertThat(first.result()).isCompleted();
    }

    @Test
    void callback_throws_hurtsNoOtherCallbackAndIsReported() {
        Tollgate node = house.open();
        house.credit(ANN, 100);
        JobHandle handle = house.submit(node);
        List<String> told = new ArrayList<>();
        handle.onSubmitted(run -> {
            throw new IllegalStateException("late");
        });
        handle.onCompleted((run, outputs) -> {
            throw new AssertionError("boom");
        });
        handle.onCompleted((run, outputs) -> told.add("completed"));

        house.gpu.succeed(house.gpu.only(), "a.png");
        house.settle();

        assertThat(told).containsExactly("completed");
        assertThat(handle.result()).isCompleted();
        assertThat(house.heard(JobEvent.Fault.class))
                .extracting(
                        fault -> fault.job().orElseThrow(),
                        fault -> fault.problem().getMessage())
                .contains(tuple(handle.id(), "late"), tuple(handle.id(), "boom"));
    }

    @Test
    void listener_throws_othersAndLaterEventsAreTold() {
        List<JobEvent> told = new ArrayList<>();
        Tollgate node = house.open(builder -> builder.workflows(House.draw())
                .backend(house.gpu)
                .listener(event -> {
                    throw new AssertionError("a bad listener");
                })
                .listener(told::add));
        house.credit(ANN, 100);

        JobHandle handle = house.submit(node);
        house.gpu.succeed(house.gpu.only(), "a.png");
        house.settle();

        assertThat(handle.result()).isCompleted();
        assertThat(told).hasAtLeastOneElementOfType(JobEvent.Ended.class);
    }

    @Test
    void submit_unknownWorkflow_isRefusedWithTheNearest() {
        Tollgate node = house.open();

        assertThat(refusal(node, JobRequest.of(ANN, "drow")))
                .isEqualTo(new Refusal.UnknownWorkflow("drow", Optional.of("draw")));
        house.settle();
        assertThat(house.heard(JobEvent.Refused.class)).hasSize(1);
        assertThat(node.operations().events(Optional.of(ANN), 10)).hasSize(1);
    }

    private Refusal refusal(Tollgate node, JobRequest request) {
        SubmitResult result = house.join(node.submitAsync(request));
        assertThat(result).isInstanceOf(SubmitResult.Refused.class);
        return ((SubmitResult.Refused) result).refusal();
    }

    @Test
    void submit_badInput_namesEveryField() {
        Tollgate node = house.open();
        JobRequest request = JobRequest.of(ANN, "draw")
                .with("prompt", "x".repeat(201))
                .with("photo", new AssetId(new java.util.UUID(7, 7)))
                .withPriority(5000)
                .withTags(List.of(" "));

        Refusal refusal = refusal(node, request);

        assertThat(((Refusal.InvalidInput) refusal).problems())
                .extracting(problem -> problem.field())
                .contains("inputs.prompt", "inputs.photo", "priority", "tags");
        assertThat(house.memory.list(io.tollgate.queue.job.JobFilter.of(ANN), Optional.empty(), 10))
                .isEmpty();
    }

    @Test
    void submit_keyTooLong_isRefusedAloneAndInABatch() {
        Tollgate node = house.open();
        String key = "k".repeat(10_000);

        assertThat(refusal(node, JobRequest.of(ANN, "draw").withIdempotencyKey(key))
                        .code())
                .isEqualTo("invalid_input");
        assertThatThrownBy(() -> node.submitBatch(List.of(JobRequest.of(ANN, "draw")), Optional.of(key)))
                .isInstanceOf(RefusedException.class);
    }

    @Test
    void submit_blockedContent_isRefusedBeforeAnyCreditMoves() {
        Tollgate node = house.open(builder -> builder.workflows(House.draw())
                .backend(house.gpu)
                .contentPolicy(request -> request.texts().containsValue("forbidden")
                        ? new PolicyVerdict.Refused("test", "inputs.prompt", "not here")
                        : new PolicyVerdict.Allowed()));
        house.credit(ANN, 100);

        assertThat(refusal(node, JobRequest.of(ANN, "draw").with("prompt", "forbidden")))
                .isEqualTo(new Refusal.ContentBlocked("inputs.prompt", "not here"));
        assertThat(house.available(ANN)).isEqualTo(Amount.credits(100));
        assertThat(house.submit(node)).isNotNull();
    }

    @Test
    void submit_policyThrows_isRefused() {
        Tollgate node = house.open(
                builder -> builder.workflows(House.draw()).backend(house.gpu).contentPolicy(request -> {
                    throw new IllegalStateException("the policy is broken");
                }));
        house.credit(ANN, 100);

        assertThat(refusal(node, JobRequest.of(ANN, "draw"))).isInstanceOf(Refusal.ContentBlocked.class);
    }

    @Test
    void submit_noBackendCouldEverRunIt_isRefused() {
        Workflow needy = new Workflow(
                House.draw().name(),
                "Draw",
                "",
                House.IMAGE,
                House.draw().model(),
                Tariff.of(Amount.credits(1)),
                List.of(),
                House.draw().recipes(),
                java.util.Set.of("BigModel"),
                java.util.Map.of(),
                1,
                Duration.ofMinutes(1),
                RetryPolicy.DEFAULT);
        Tollgate node = house.open(builder -> builder.workflows(needy).backend(house.gpu));

        assertThat(refusal(node, JobRequest.of(ANN, "draw"))).isInstanceOf(Refusal.NoCapableBackend.class);
    }

    @Test
    void submit_tooFewCredits_isRefusedWithWhatIsMissing() {
        Tollgate node = house.open();
        house.credit(ANN, 9);

        assertThat(refusal(node, JobRequest.of(ANN, "draw")))
                .isEqualTo(new Refusal.InsufficientCredits(Amount.credits(10), Amount.credits(9)));
    }

    @Test
    void submit_sameKeyAndSamePhotoStoredAnew_givesTheSameJob() throws IOException {
        Tollgate node = house.open();
        house.credit(ANN, 100);
        JobRequest one = photo(node, PNG).withIdempotencyKey("k1");
        JobRequest same = photo(node, PNG).withIdempotencyKey("k1");
        byte[] changed = PNG.clone();
        changed[changed.length - 1] = 9;
        JobRequest other = photo(node, changed).withIdempotencyKey("k1");

        JobHandle first = house.submit(node, one);

        assertThat(house.submit(node, same).id()).isEqualTo(first.id());
        assertThat(refusal(node, other)).isEqualTo(new Refusal.KeyReused("k1"));
        assertThat(house.available(ANN)).isEqualTo(Amount.credits(90));
    }

    @Test
    void submit_sameKeyWithAnythingChanged_isRefused() throws IOException {
        Tollgate node = house.open(
                builder -> builder.workflows(House.draw(), House.draw("sketch", "model-a", 1, RetryPolicy.DEFAULT))
                        .backend(house.gpu)
                        .channel(new FileChannel(directory, house.media, house.executor)));
        house.credit(ANN, 1000);
        JobRequest request = JobRequest.of(ANN, "draw").with("prompt", "a boat").with("seed", 7);
        JobHandle first = house.submit(node, request.withIdempotencyKey("k1"));

        for (JobRequest other : List.of(
                JobRequest.of(ANN, "sketch").with("prompt", "a boat").with("seed", 7),
                request.with("prompt", "a boat."),
                request.with("seed", 8),
                JobRequest.of(ANN, "draw").with("prompt", "a boat"),
                request.withPriority(1),
                request.deliveredTo(new DeliveryTarget("file", "out")),
                request.withTags(List.of("sea")),
                request.withMetadata(Map.of("order", "12")))) {
            assertThat(refusal(node, other.withIdempotencyKey("k1")))
                    .as("%s", other)
                    .isEqualTo(new Refusal.KeyReused("k1"));
            assertThat(house.submit(node, other.withIdempotencyKey("k2 " + other.hashCode()))
                            .id())
                    .isNotEqualTo(first.id());
        }
        assertThat(house.submit(node, request.withIdempotencyKey("k1")).id()).isEqualTo(first.id());
        assertThat(house.available(ANN)).isEqualTo(Amount.credits(1000 - 9 * 10));
    }

    private static JobRequest photo(Tollgate node, byte[] bytes) throws IOException {
        AssetId photo = node.upload(ANN, UploadRequest.named("photo.png"), new ByteArrayInputStream(bytes))
                .asset()
                .id();
        return JobRequest.of(ANN, "draw").with("photo", photo);
    }

    @Test
    void submitBatch_allOrNone() {
        Tollgate node = house.open();
        house.credit(ANN, 25);
        JobRequest draw = JobRequest.of(ANN, "draw");

        assertThatThrownBy(() -> node.submitBatch(List.of(draw, draw, draw), Optional.empty()))
                .isInstanceOf(RefusedException.class);
        assertThat(house.available(ANN)).isEqualTo(Amount.credits(25));
        List<JobHandle> two = node.submitBatch(List.of(draw, draw), Optional.of("b"));
        assertThat(node.submitBatch(List.of(draw, draw), Optional.of("b")))
                .extracting(JobHandle::id)
                .isEqualTo(two.stream().map(JobHandle::id).toList());
        assertThat(house.available(ANN)).isEqualTo(Amount.credits(5));

        var batch = house.record(two.get(0).id()).job().spec().batch().orElseThrow();
        assertThat(house.join(node.cancelBatch(ANN, batch))).hasSize(2);
        house.settle();
        assertThat(two).allSatisfy(handle -> assertThat(house.kind(handle)).isEqualTo(JobState.Kind.CANCELED));
    }

    @Test
    void cancel_queued_endsAtOnceAndReleases() {
        Tollgate node = house.open();
        house.credit(ANN, 100);
        house.submit(node);
        JobHandle waiting = house.submit(node);

        assertThat(house.join(node.cancel(BOB, waiting.id()))).isInstanceOf(CancelResult.NotFound.class);
        CancelResult result = house.join(node.cancel(ANN, waiting.id()));

        assertThat(result).isInstanceOf(CancelResult.Canceled.class);
        assertThat(house.kind(waiting)).isEqualTo(JobState.Kind.CANCELED);
        assertThat(house.available(ANN)).isEqualTo(Amount.credits(90));
    }

    @Test
    void cancel_running_stopsTheRunAndReleases() {
        Tollgate node = house.open();
        house.credit(ANN, 100);
        JobHandle handle = house.submit(node);
        RunId run = house.gpu.only();

        house.join(node.cancel(ANN, handle.id()));
        house.settle();

        assertThat(house.gpu.canceled()).contains(run);
        assertThat(house.kind(handle)).isEqualTo(JobState.Kind.CANCELED);
        assertThat(house.available(ANN)).isEqualTo(Amount.credits(100));
    }

    @Test
    void cancel_tooLate_isCapturedAllTheSame() {
        Tollgate node = house.open();
        house.credit(ANN, 100);
        house.gpu.ignoreCancels(true);
        JobHandle handle = house.submit(node);

        house.join(node.cancel(ANN, handle.id()));
        assertThat(house.kind(handle)).isEqualTo(JobState.Kind.CANCELING);
        house.gpu.succeed(house.gpu.only(), "a.png");
        house.settle();

        assertThat(house.kind(handle)).isEqualTo(JobState.Kind.SUCCEEDED);
        assertThat(house.available(ANN)).isEqualTo(Amount.credits(90));
    }

    @Test
    void cancel_betweenClaimAndDriver_stopsTheRun() {
        Tollgate node = house.open();
        house.credit(ANN, 100);
        List<CompletionStage<CancelResult>> answers = new ArrayList<>();
        // the store tells of the claim before it answers whoever claimed: nobody drives the attempt yet
        house.memory.onCommit(commit -> commit.forEach(changes -> changes.moves().stream()
                .filter(move -> move.after().kind() == JobState.Kind.RUNNING)
                .forEach(move -> answers.add(node.cancel(ANN, move.after().id())))));

        JobHandle handle = house.submit(node);

        assertThat(answers).hasSize(1);
        assertThat(house.join(answers.get(0))).isInstanceOf(CancelResult.Canceled.class);
        assertThat(house.kind(handle)).isEqualTo(JobState.Kind.CANCELED);
        assertThat(house.gpu.alive()).isEmpty();
    }

    @Test
    void retry_ofAFailedJob_isANewJobThatNamesIt() {
        Tollgate node = house.open();
        house.credit(ANN, 100);
        JobHandle failed = house.submit(node, JobRequest.of(ANN, "draw").with("seed", 42));
        house.gpu.fail(house.gpu.only(), Failure.Kind.BAD_WORKFLOW);
        house.settle();

        SubmitResult result = house.join(node.retry(ANN, failed.id()));

        var job = ((SubmitResult.Accepted) result).jobs().get(0);
        assertThat(job.spec().origin()).contains(new Origin(Origin.Kind.RETRY, failed.id()));
        assertThat(job.spec().inputs())
                .isEqualTo(house.record(failed.id()).job().spec().inputs());
        assertThat(house.join(node.rerun(ANN, failed.id(), true))).isInstanceOf(SubmitResult.Refused.class);
        assertThat(house.join(node.retry(BOB, failed.id()))).isInstanceOf(SubmitResult.Refused.class);
    }

    @Test
    void rerun_keepsOrDrawsTheSeed() {
        Tollgate node = house.open();
        house.credit(ANN, 100);
        JobHandle done = house.submit(node, JobRequest.of(ANN, "draw").with("seed", 42));
        house.gpu.succeed(house.gpu.only(), "a.png");
        house.settle();

        var kept = (SubmitResult.Accepted) house.join(node.rerun(ANN, done.id(), true));
        var drawn = (SubmitResult.Accepted) house.join(node.rerun(ANN, done.id(), false));

        assertThat(kept.jobs().get(0).spec().inputs().get("seed")).isEqualTo(new InputValue.Whole(42));
        assertThat(drawn.jobs().get(0).spec().inputs().get("seed")).isNotEqualTo(new InputValue.Whole(42));
    }

    @Test
    void partialOutputs_atTheLastAttempt_areDeliveredAndPaidInProportion() {
        Tollgate node = house.open(builder -> builder.workflows(
                        House.draw("draw", "model-a", 4, new RetryPolicy(1, Duration.ZERO, Duration.ZERO)))
                .backend(house.gpu));
        house.credit(ANN, 100);
        JobHandle handle = house.submit(node);

        house.gpu.fail(house.gpu.only(), Failure.Kind.BACKEND, "one.png", "two.png", "three.png");
        house.settle();

        JobRecord record = house.record(handle.id());
        assertThat(((JobState.Succeeded) record.job().state()).partial()).isTrue();
        assertThat(record.outputs()).hasSize(3);
        assertThat(house.available(ANN)).isEqualTo(Amount.credits(100).minus(new Amount(750)));
    }

    @Test
    void deleteAsset_inputOfALiveJob_isRefusedUntilItEnded() throws IOException {
        Tollgate node = house.open();
        house.credit(ANN, 100);
        AssetId photo = node.upload(ANN, UploadRequest.PLAIN, new ByteArrayInputStream(PNG))
                .asset()
                .id();
        JobHandle handle = house.submit(node, JobRequest.of(ANN, "draw").with("photo", photo));

        assertThatThrownBy(() -> node.deleteAsset(ANN, photo)).isInstanceOfSatisfying(AssetInUseException.class, e -> {
            assertThat(e.asset()).isEqualTo(photo);
            assertThat(e.job()).isEqualTo(handle.id());
        });
        assertThat(node.content(ANN, photo)).isPresent();
        house.gpu.succeed(house.gpu.only(), "one.png");
        house.settle();

        assertThat(node.deleteAsset(BOB, photo)).isFalse();
        assertThat(node.deleteAsset(ANN, photo)).isTrue();
        assertThat(node.deleteAsset(ANN, photo)).isFalse();
        assertThat(node.asset(ANN, photo)).isEmpty();
    }

    @Test
    void deleteAsset_output_isGoneFromDiskAndItsJobStillTellsOfIt() throws IOException {
        Tollgate node = house.open();
        house.credit(ANN, 100);
        JobHandle handle = house.submit(node);
        house.gpu.succeed(house.gpu.only(), "one.png");
        house.settle();
        AssetId output = house.record(handle.id()).outputs().get(0).id();
        assertThat(node.asset(ANN, output).orElseThrow().job()).contains(handle.id());
        Path file = node.content(ANN, output).orElseThrow();

        assertThat(node.deleteAsset(ANN, output)).isTrue();

        assertThat(file).doesNotExist();
        assertThat(node.content(ANN, output)).isEmpty();
        assertThat(house.record(handle.id()).outputs()).hasSize(1);
    }

    @Test
    void assets_ofAUser_areThatUsersNewestFirst() throws IOException {
        Tollgate node = house.open(builder ->
                builder.workflows(House.draw()).backend(house.gpu).keepFiles(Duration.ofHours(2), Duration.ofHours(2)));
        List<AssetId> ids = new ArrayList<>();
        for (byte i = 0; i < 3; i++) {
            byte[] bytes = java.util.Arrays.copyOf(PNG, PNG.length + 1);
            bytes[PNG.length] = i;
            ids.add(node.upload(ANN, UploadRequest.PLAIN, new ByteArrayInputStream(bytes))
                    .asset()
                    .id());
            house.clock.advance(Duration.ofHours(1));
        }

        assertThat(node.assets(ANN, Optional.empty(), 9))
                .as("the first two have expired")
                .extracting(Asset::id)
                .containsExactly(ids.get(2));
        house.clock.advance(Duration.ofMinutes(-61));
        assertThat(node.assets(ANN, Optional.empty(), 2)).extracting(Asset::id).containsExactly(ids.get(2), ids.get(1));
        assertThat(node.assets(ANN, Optional.of(ids.get(1)), 2))
                .extracting(Asset::id)
                .containsExactly(ids.get(0));
        assertThat(node.assets(BOB, Optional.empty(), 2)).isEmpty();
        assertThat(node.stored(ANN).files()).isEqualTo(3);
    }

    @Test
    void content_ofSomebodyElse_isNotThere() throws IOException {
        Tollgate node = house.open();
        var asset = node.upload(
                        ANN,
                        UploadRequest.named("a.gif"),
                        new ByteArrayInputStream("GIF89a".getBytes(StandardCharsets.UTF_8)))
                .asset();

        assertThat(node.content(BOB, asset.id())).isEmpty();
        assertThat(Files.readString(node.content(ANN, asset.id()).orElseThrow()))
                .isEqualTo("GIF89a");
    }

    @Test
    void submit_answeredWhileTheStoreGoesAway_theHandleStillHearsTheEnd() {
        Tollgate node = house.open();
        house.credit(ANN, 100);
        JobHandle handle = house.submit(node);
        RunId run = house.gpu.only();
        house.memory.onCommit(commit -> {
            if (house.kind(handle).isTerminal()) {
                house.shaky.down = true; // the end is stored, and can't be read
            }
        });

        house.gpu.succeed(run, "a.png");
        house.settle();
        assertThat(handle.result()).isNotDone();
        house.shaky.down = false;
        house.advance(Duration.ofSeconds(5));

        assertThat(handle.result()).isCompleted();
    }

    @Test
    void reloadCatalogue_withANewQueue_runsItsJobs() {
        List<Workflow> catalogue = new ArrayList<>(List.of(House.draw()));
        Tollgate node = house.open(
                builder -> builder.workflows(() -> List.copyOf(catalogue)).backend(house.gpu));
        house.credit(ANN, 100);
        Workflow draw = House.draw();
        catalogue.set(
                0,
                new Workflow(
                        draw.name(),
                        "Draw",
                        "",
                        new io.tollgate.queue.job.QueueName("posters"),
                        draw.model(),
                        draw.tariff(),
                        List.of(),
                        draw.recipes(),
                        java.util.Set.of(),
                        java.util.Map.of(),
                        1,
                        Duration.ofMinutes(1),
                        RetryPolicy.DEFAULT));

        node.reloadCatalogue();
        house.submit(node);

        assertThat(house.gpu.alive()).hasSize(1);
        assertThat(node.operations().queues())
                .extracting(queue -> queue.queue().value())
                .contains("posters");
    }

    @Test
    void close_twice_isFineAndNothingStaysScheduled() {
        Tollgate node = house.open();
        house.credit(ANN, 100);
        house.submit(node);
        house.gpu.succeed(house.gpu.only(), "a.png");
        house.settle();

        house.stop(node);
        node.close();

        assertThat(house.executor.pending()).isZero();
        assertThatThrownBy(node::start).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void jobs_thatAreDone_leaveNoTimersBehind() {
        Tollgate node = house.open();
        house.credit(ANN, 500);
        int before = house.executor.pending();
        for (int i = 0; i < 15; i++) {
            house.submit(node);
            house.gpu.succeed(house.gpu.only(), "a.png");
            house.settle();
        }

        assertThat(house.executor.pending()).isLessThanOrEqualTo(before + 1);
    }
}
