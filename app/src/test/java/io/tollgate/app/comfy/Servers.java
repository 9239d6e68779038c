package io.tollgate.app.comfy;

import io.tollgate.comfyui.sim.ComfySimulator;
import io.tollgate.comfyui.sim.ComfyVersion;
import io.tollgate.comfyui.sim.FaultKind;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Four ComfyUI servers of three releases that other people use too, in this process, so that they outlive Tollgate's.
 * Their calls, nodes and frames fail at random, and now and then one is restarted. To be used by one thread.
 */
final class Servers implements AutoCloseable {
    private static final double FAULTS = 0.05;
    private static final int LONGEST_DOWN_MILLIS = 1_500;
    private static final double FOREIGN_SECONDS = 0.1;

    private static final Map<String, ComfyVersion> VERSIONS = new TreeMap<>(Map.of(
            "old", ComfyVersion.V0_3_44,
            "middle", ComfyVersion.V0_3_64,
            "new-1", ComfyVersion.V0_27_0,
            "new-2", ComfyVersion.V0_27_0));

    private final Random random;
    private final Map<String, Server> all = new TreeMap<>();
    private final ExecutorService restarts = Executors.newSingleThreadExecutor(task -> {
        Thread thread = new Thread(task, "chaos-restarts");
        thread.setDaemon(true);
        return thread;
    });
    private final Instant startedAt = InstantSource.system().instant();
    private final long startedNanos = System.nanoTime();

    /**
     * One server.
     *
     * @param restarts how often it was restarted on purpose
     * @param foreign what others posted there
     */
    record Server(String name, ComfySimulator simulator, AtomicInteger restarts, List<Foreign> foreign) {}

    /**
     * A prompt of somebody else.
     *
     * @param life the life of the server in which it was posted, or the one before
     */
    record Foreign(String id, int life) {}

    private Servers(long seed) {
        random = new Random(seed);
    }

    /** @param directory where they keep their files */
    static Servers start(Path directory, long seed) {
        Servers servers = new Servers(seed);
        try {
            VERSIONS.forEach((name, version) -> servers.add(name, version, directory.resolve(name)));
            return servers;
        } catch (RuntimeException e) {
            servers.close();
            throw e;
        }
    }

    private void add(String name, ComfyVersion version, Path home) {
        ComfySimulator simulator = ComfySimulator.builder()
                .version(version)
                .home(home)
                .downtime(Duration.ofMillis(200))
                .start();
        all.put(name, new Server(name, simulator, new AtomicInteger(), new ArrayList<>()));
        simulator.faults().random(FAULTS, random.nextLong(), kinds());
    }

    /** Death is rarer than the others: it does most harm. */
    private static FaultKind[] kinds() {
        List<FaultKind> kinds = new ArrayList<>(List.of(FaultKind.DIE));
        for (FaultKind kind : FaultKind.values()) {
            if (kind != FaultKind.DIE) {
                kinds.addAll(List.of(kind, kind, kind, kind));
            }
        }
        return kinds.toArray(FaultKind[]::new);
    }

    Map<String, Server> all() {
        return all;
    }

    /** What a node needs to find them. */
    List<String> addresses() {
        return all.values().stream()
                .map(server -> server.name() + "=" + server.simulator().url())
                .toList();
    }

    /** One of them, chosen at random, is killed and comes back some time later. */
    void restartOne() {
        Server server = any();
        Duration down = Duration.ofMillis(random.nextInt(LONGEST_DOWN_MILLIS));
        restarts.execute(() -> {
            server.restarts().incrementAndGet();
            server.simulator().restart(down);
        });
    }

    /** Somebody else posts a prompt to one of them, chosen at random. */
    void postForeign() {
        Server server = any();
        int life = server.simulator().life();
        try {
            server.simulator()
                    .foreign(1, FOREIGN_SECONDS)
                    .forEach(id -> server.foreign().add(new Foreign(id, life)));
        } catch (IllegalStateException e) {
            // it is down: other people have to wait as well
        }
    }

    private Server any() {
        return List.copyOf(all.values()).get(random.nextInt(all.size()));
    }

    /** No more faults, and no restart is under way. */
    void calm() throws InterruptedException {
        all.values().forEach(server -> server.simulator().faults().calm());
        restarts.shutdown();
        if (!restarts.awaitTermination(1, TimeUnit.MINUTES)) {
            throw new AssertionError("a restart takes long");
        }
    }

    /** Whether all are up and have nothing left to do. */
    boolean areIdle() {
        try {
            return all.values().stream().allMatch(server -> server.simulator().isIdle());
        } catch (IllegalStateException e) {
            return false; // one is down
        }
    }

    /** What time it was by the clock on the wall. */
    Instant at(long nanos) {
        return startedAt.plusNanos(nanos - startedNanos);
    }

    /** When each life of a server ended, oldest first. */
    List<Instant> deaths(Server server) {
        return server.simulator().deaths().stream().map(this::at).toList();
    }

    @Override
    public void close() {
        restarts.shutdownNow();
        all.values().forEach(server -> server.simulator().close());
    }
}
