package io.tollgate.docs;

// the guide shows what follows
import io.tollgate.credits.account.UserId;
import io.tollgate.credits.ledger.*;
import io.tollgate.java2d.*;
import io.tollgate.queue.*;
import io.tollgate.queue.gate.JobRequest;
import io.tollgate.queue.job.*;
import io.tollgate.queue.media.Asset;
import io.tollgate.queue.workflow.*;
import java.nio.file.*;
import java.util.*;
import java.util.concurrent.*;

public final class EmbeddingExample {
    public static void main(String[] args) throws Exception {
        Workflow enhance = Workflow.of(
                "enhance",
                Amount.credits(10),
                Map.of("java2d", Map.of("recipe", "image-enhance")),
                new InputSpec.Files(
                        "image", "A photo", true, InputSpec.Media.IMAGE, Set.of("image/png"), 1, 1, 9_000_000));
        Path folder = Files.createTempDirectory("renders");
        Java2dBackend renderer = new Java2dBackend(
                new BackendId("local"), Set.of(), 1, folder, ForkJoinPool.commonPool(), Java2dLimits.DEFAULT);
        UserId ann = new UserId("ann");
        TollgateBuilder house = Tollgate.builder().workflows(enhance).backend(renderer);
        try (Tollgate tollgate = house.build()) {
            tollgate.start();
            tollgate.credits()
                    .grant(ann, GrantSource.BONUS, "welcome", Amount.credits(50), Optional.empty(), "me", "a welcome")
                    .toCompletableFuture()
                    .join();
            Asset photo = tollgate.upload(ann, Path.of(args[0])).asset();
            JobHandle job = tollgate.submit(JobRequest.of(ann, "enhance").with("image", photo.id()));
            job.onProgress(progress -> System.out.printf(Locale.ROOT, "%.0f %%%n", 100 * progress.fraction()));
            JobRecord done = job.result().get(1, TimeUnit.MINUTES);
            Files.copy(tollgate.content(ann, done.outputs().get(0).id()).orElseThrow(), Path.of(args[1]));
            System.out.println("paid " + done.hold().captured());
        }
    }
}
