package io.tollgate.app.comfy;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.app.crash.Bounded;
import io.tollgate.app.crash.ChildProcess;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Jobs on four ComfyUI servers that fail at random, die at random and are shared with others, while Tollgate is killed
 * again and again. What must hold is in {@link Reckoning}.
 */
final class ChaosTest {
    private static final int JOBS = Integer.getInteger("tollgate.comfy.jobs", 150);
    private static final int KILL_EVERY = Math.min(100, JOBS / 3);
    private static final int RESTART_EVERY = Math.min(100, JOBS / 3);
    private static final int FOREIGN_EVERY = 5;
    private static final long SEED = 20_251;
    private static final int ID_LENGTH = 36;

    @TempDir
    Path directory;

    private final Set<String> acknowledged = new HashSet<>();
    private final Set<String> ended = new HashSet<>();
    private final List<Instant> kills = new ArrayList<>();
    private final List<String> wrongs = new ArrayList<>();
    private int restarts;

    @Test
    void servers_thatFailAndDie_underATollgateThatIsKilled_loseNothingAndDoNothingTwice() throws Exception {
        long seed = Long.getLong("tollgate.seed", SEED);
        Random random = new Random(seed);
        long begun = System.nanoTime();
        try (Servers servers = Servers.start(directory.resolve("servers"), seed)) {
            boolean done = false;
            while (!done) {
                int killAt = ended.size() + KILL_EVERY / 2 + random.nextInt(KILL_EVERY);
                try (ChildProcess node = node(servers, seed)) {
                    done = follow(node, servers, killAt);
                    if (!done) {
                        kills.add(InstantSource.system().instant());
                    }
                    node.kill();
                    note(node);
                }
            }
            servers.calm();
            Bounded.await("the servers are idle", servers::areIdle);

            Reckoning reckoning = new Reckoning(directory.resolve("data"), servers, kills);
            wrongs.addAll(reckoning.wrongs(acknowledged));

            long seconds = (System.nanoTime() - begun) / 1_000_000_000;
            System.out.println(new Tally(servers, reckoning).text(seed, kills.size(), seconds));
            assertThat(wrongs).as("seed %d", seed).isEmpty();
            assertThat(reckoning.jobs()).hasSize(JOBS);
        }
    }

    private ChildProcess node(Servers servers, long seed) throws Exception {
        List<String> arguments = new ArrayList<>(
                List.of(directory.resolve("data").toString(), String.valueOf(JOBS), String.valueOf(seed)));
        arguments.addAll(servers.addresses());
        return ChildProcess.start(directory.resolve("node.log"), ChaosNode.class, arguments.toArray(String[]::new));
    }

    /** Hears what a node says, and lets things happen to its servers. Returns whether it is done; else kill it. */
    private boolean follow(ChildProcess node, Servers servers, int killAt) throws Exception {
        while (ended.size() < killAt) {
            String line = node.nextLine();
            if (line.equals("IDLE")) {
                return true;
            }
            if (line.startsWith("END ") && ended.add(line.substring("END ".length()))) {
                if (ended.size() / RESTART_EVERY > restarts) {
                    restarts++;
                    servers.restartOne();
                }
                if (ended.size() % FOREIGN_EVERY == 0) {
                    servers.postForeign();
                }
            }
        }
        return false;
    }

    /** Keeps what it said to its end. The last line may have been cut by the kill. */
    private void note(ChildProcess node) {
        node.seen("ACK ").stream().filter(id -> id.length() == ID_LENGTH).forEach(acknowledged::add);
        node.seen("END ").stream().filter(id -> id.length() == ID_LENGTH).forEach(ended::add);
        wrongs.addAll(node.seen("WRONG "));
    }
}
