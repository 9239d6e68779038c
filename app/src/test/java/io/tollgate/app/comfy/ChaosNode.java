package io.tollgate.app.comfy;

import com.google.inject.AbstractModule;
import com.google.inject.Module;
import com.google.inject.multibindings.Multibinder;
import io.tollgate.app.config.ConfigLoader;
import io.tollgate.app.config.TollgateConfig;
import io.tollgate.app.container.Access;
import io.tollgate.app.container.ServiceContainer;
import io.tollgate.credits.account.UserId;
import io.tollgate.credits.ledger.Amount;
import io.tollgate.credits.ledger.GrantSource;
import io.tollgate.queue.RefusedException;
import io.tollgate.queue.event.JobEvent;
import io.tollgate.queue.event.JobListener;
import io.tollgate.queue.gate.JobRequest;
import io.tollgate.queue.job.AssetId;
import io.tollgate.queue.job.Attempt;
import io.tollgate.queue.job.InputValue;
import io.tollgate.queue.job.JobFilter;
import io.tollgate.queue.job.JobId;
import io.tollgate.queue.job.JobRecord;
import io.tollgate.queue.job.Output;
import io.tollgate.queue.media.UploadRequest;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import javax.imageio.ImageIO;

/**
 * The program as it is, in a process of its own, to be killed: submits jobs until there are as many as it was told, and
 * cancels some of them. Started again on the same directory it goes on where the dead one was. Says on standard output,
 * a line each:
 *
 * <pre>
 * READY        it runs
 * ACK ID       a job was acknowledged
 * END ID       a job is over
 * WRONG WHAT   what must not be, found when all was over
 * IDLE         all jobs there shall be are over, and were looked at
 * </pre>
 */
final class ChaosNode {
    static final UserId USER = new UserId("chaos");
    static final Amount GRANTED = Amount.credits(1_000_000);
    static final String NUMBER = "n";
    private static final String[] WORKFLOWS = {
        "one", "photo", "pair", "one", "half", "pair", "photo", "none", "pair", "one"
    };
    private static final int CANCELED_AT_ONCE_OF = 40;
    private static final int CANCELED_OF = 24;

    /** How many of the last submissions of the process before are made again: their keys give the same jobs back. */
    private static final int AGAIN = 3;

    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
    private static final byte[] PNG = {(byte) 0x89, 'P', 'N', 'G'};

    private final PrintStream out =
            new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
    private final int jobs;
    private final long seed;
    private volatile Optional<ServiceContainer> opened = Optional.empty();

    private ChaosNode(int jobs, long seed) {
        this.jobs = jobs;
        this.seed = seed;
    }

    /** Arguments: the data directory, how many jobs there shall be, the seed, and for each backend NAME=ADDRESS. */
    public static void main(String... args) throws Exception {
        endWithParent();
        Map<String, String> servers = new HashMap<>();
        for (int i = 3; i < args.length; i++) {
            String[] parts = args[i].split("=", 2);
            servers.put(parts[0], parts[1]);
        }
        new ChaosNode(Integer.parseInt(args[1]), Long.parseLong(args[2])).run(Path.of(args[0]), servers);
    }

    private void run(Path data, Map<String, String> servers) throws IOException {
        try (ServiceContainer container =
                ServiceContainer.open(config(data, servers), Access.WORK, "chaos node", listening())) {
            opened = Optional.of(container);
            container
                    .tollgate()
                    .credits()
                    .grant(USER, GrantSource.BONUS, "chaos:grant", GRANTED, Optional.empty(), "test", "to be spent")
                    .toCompletableFuture()
                    .join();
            out.println("READY");
            submit(container);
            while (isBusy(container)) {
                LockSupport.parkNanos(PAUSE_NANOS);
            }
            container.tollgate().operations().audit().findings().forEach(finding -> wrong("audit: " + finding));
            for (JobRecord record : all(container)) {
                for (Output output : record.outputs()) {
                    check(container, output);
                }
            }
            out.println("IDLE");
            while (true) {
                LockSupport.park(this); // until it is killed
            }
        }
    }

    /** Ends this process with the one that started it, which holds its input open: no orphan works on for ever. */
    private static void endWithParent() {
        Thread watch = new Thread(
                () -> {
                    try {
                        while (System.in.read() >= 0) {
                            // nothing is said that way
                        }
                    } catch (IOException e) {
                        // as good as its end
                    }
                    Runtime.getRuntime().halt(1);
                },
                "chaos-parent");
        watch.setDaemon(true);
        watch.start();
    }

    private static TollgateConfig config(Path data, Map<String, String> servers) {
        Path file;
        try {
            file = Path.of(Objects.requireNonNull(ChaosNode.class.getResource("chaos.conf"))
                    .toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
        Map<String, String> values = new HashMap<>(Map.of(
                "data-dir", data.toString(),
                "workflows.dir", file.resolveSibling("workflows").toString()));
        servers.forEach((name, url) -> values.put("backends." + name + ".url", url));
        return ConfigLoader.load(Optional.of(file), Map.of(), values).config();
    }

    private Module listening() {
        return new AbstractModule() {
            @Override
            protected void configure() {
                Multibinder.newSetBinder(binder(), JobListener.class)
                        .addBinding()
                        .toInstance(ChaosNode.this::heard);
            }
        };
    }

    private void heard(JobEvent event) {
        if (event instanceof JobEvent.Ended ended) {
            out.println("END " + ended.job().id());
        } else if (event instanceof JobEvent.PhaseChanged changed && isToBeCanceled(changed.attempt())) {
            opened.ifPresent(container -> cancel(container, changed.attempt().job()));
        }
    }

    /** Some while they wait at a server, more while they run, and most where a run can't be stopped. */
    private static boolean isToBeCanceled(Attempt attempt) {
        int dice = Math.floorMod(attempt.job().hashCode(), CANCELED_OF);
        return switch (attempt.phase()) {
            case SUBMITTED -> dice == 0;
            case STARTED -> dice == 1 || (dice <= 4 && attempt.backend().value().equals("old"));
            case CLAIMED, UNKNOWN, COLLECTING, ENDED -> false;
        };
    }

    private static void cancel(ServiceContainer container, JobId job) {
        CompletionStage<?> unused = container.tollgate().cancel(job, "test");
    }

    private void submit(ServiceContainer container) throws IOException {
        int known = all(container).size();
        AssetId photo = photo(container);
        for (int n = Math.max(0, known - AGAIN); n < jobs; n++) {
            Random random = new Random(seed * 31 + n);
            String workflow = WORKFLOWS[n % WORKFLOWS.length];
            JobRequest request = JobRequest.of(USER, workflow)
                    .with("seed", Math.abs((long) random.nextInt()))
                    .with("seconds", "0." + (10 + random.nextInt(20)))
                    .withMetadata(Map.of(NUMBER, String.valueOf(n)))
                    .withIdempotencyKey("chaos-" + n);
            JobId job = accepted(container, workflow.equals("photo") ? request.with("image", photo) : request);
            out.println("ACK " + job);
            if (n % CANCELED_AT_ONCE_OF == CANCELED_AT_ONCE_OF - 1) {
                cancel(container, job);
            }
        }
    }

    /** The one photo, stored by the first process: a submission that is made again must name the same. */
    private static AssetId photo(ServiceContainer container) throws IOException {
        for (JobRecord record : all(container)) {
            if (record.job().spec().inputs().get("image") instanceof InputValue.Asset asset) {
                return asset.id();
            }
        }
        BufferedImage image = new BufferedImage(32, 32, BufferedImage.TYPE_INT_RGB);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ImageIO.write(image, "png", bytes);
        return container
                .tollgate()
                .upload(USER, UploadRequest.named("photo.png"), new ByteArrayInputStream(bytes.toByteArray()))
                .asset()
                .id();
    }

    /** Tries until there is room: a user may have only so many jobs at once, and no server may be known yet. */
    private static JobId accepted(ServiceContainer container, JobRequest request) {
        while (true) {
            try {
                return container.tollgate().submit(request).id();
            } catch (RefusedException e) {
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        }
    }

    private static boolean isBusy(ServiceContainer container) {
        AtomicInteger live = new AtomicInteger();
        container.jobs().forEachLive(job -> live.incrementAndGet());
        return live.get() > 0;
    }

    private static List<JobRecord> all(ServiceContainer container) {
        return container.jobs().list(JobFilter.ALL, Optional.empty(), Integer.MAX_VALUE);
    }

    private void check(ServiceContainer container, Output output) throws IOException {
        try (InputStream bytes = Files.newInputStream(container.media().open(output.id()))) {
            byte[] start = bytes.readNBytes(PNG.length);
            if (!Arrays.equals(start, PNG)) {
                wrong("output " + output.name() + " of " + output.job() + " begins with "
                        + new String(start, StandardCharsets.ISO_8859_1) + ", as " + output.contentType());
            }
        }
    }

    private void wrong(String what) {
        out.println("WRONG " + what);
    }
}
