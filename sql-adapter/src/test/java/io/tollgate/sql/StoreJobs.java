package io.tollgate.sql;

import io.tollgate.credits.account.UserId;
import io.tollgate.credits.ledger.Amount;
import io.tollgate.credits.ledger.GrantSource;
import io.tollgate.credits.ledger.LedgerCommand;
import io.tollgate.credits.pricing.Tariff;
import io.tollgate.queue.job.AssetId;
import io.tollgate.queue.job.AttemptRef;
import io.tollgate.queue.job.BackendId;
import io.tollgate.queue.job.ContentHash;
import io.tollgate.queue.job.DeliveryId;
import io.tollgate.queue.job.DeliveryTarget;
import io.tollgate.queue.job.InputValue;
import io.tollgate.queue.job.JobCommand;
import io.tollgate.queue.job.JobCommand.Offer;
import io.tollgate.queue.job.JobId;
import io.tollgate.queue.job.JobSpec;
import io.tollgate.queue.job.ModelName;
import io.tollgate.queue.job.Needs;
import io.tollgate.queue.job.NodeId;
import io.tollgate.queue.job.Output;
import io.tollgate.queue.job.QueueName;
import io.tollgate.queue.job.RunId;
import io.tollgate.queue.job.WorkflowName;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;

/** The commands of a plain job's life. */
final class StoreJobs {
    static final QueueName IMAGE = new QueueName("image");
    static final BackendId GPU = new BackendId("gpu-1");
    static final Amount PRICE = Amount.credits(10);

    private static final AtomicLong IDS = new AtomicLong();
    private static final Needs NEEDS = new Needs(Set.of("java2d"), Set.of());

    private StoreJobs() {}

    static UUID uuid() {
        long id = IDS.incrementAndGet();
        return new UUID(0x0190_0000_0000_7000L | (id >>> 8 << 16), 0x8000_0000_0000_0000L | id);
    }

    static JobSpec spec(UserId user, Instant now) {
        return spec(user, now, "flux");
    }

    static JobSpec spec(UserId user, Instant now, String model) {
        return spec(user, now, model, Tariff.of(PRICE));
    }

    static JobSpec spec(UserId user, Instant now, String model, Tariff tariff) {
        return new JobSpec(
                new JobId(uuid()),
                user,
                Optional.empty(),
                new WorkflowName("image-enhance"),
                IMAGE,
                new ModelName(model),
                NEEDS,
                Map.of("prompt", new InputValue.Text("a lighthouse at dawn"), "seed", new InputValue.Whole(42)),
                tariff,
                0,
                now,
                now.plus(Duration.ofDays(1)),
                Optional.empty(),
                List.of(new DeliveryTarget("webhook", "https://example.org/hook")),
                List.of(),
                Map.of());
    }

    static JobCommand.Submit submit(JobSpec spec) {
        return new JobCommand.Submit(List.of(spec), Optional.empty());
    }

    static JobCommand.Claim claim(int most) {
        List<RunId> runs = new ArrayList<>();
        for (int i = 0; i < most; i++) {
            runs.add(new RunId(uuid()));
        }
        return new JobCommand.Claim(
                IMAGE, new NodeId("node-1"), List.of(new Offer(GPU, "java2d", Set.of())), runs, Duration.ofMinutes(2));
    }

    static JobCommand.Succeed succeed(AttemptRef attempt) {
        Output output = new Output(
                new AssetId(uuid()),
                attempt.job(),
                0,
                "out.png",
                Optional.empty(),
                "image/png",
                123_456,
                new ContentHash(ContentHash.Function.BLAKE3, "0f".repeat(32)),
                Optional.empty(),
                Optional.empty());
        return new JobCommand.Succeed(attempt, List.of(output), 1, List.of(new DeliveryId(uuid())));
    }

    static LedgerCommand.GrantCredits give(UserId user, long credits) {
        return new LedgerCommand.GrantCredits(
                user,
                GrantSource.BONUS,
                "paid:" + uuid(),
                Amount.credits(credits),
                Optional.empty(),
                "admin:test",
                "for a test");
    }
}
