package io.tollgate.app.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.tollgate.queue.job.Attempt;
import io.tollgate.sql.SqliteDatabase;
import io.tollgate.sql.SqliteOptions;
import io.tollgate.sql.SqliteStore;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A node that is stopped for longer than its leases last, as by a debugger or a sleeping host, and then goes on. */
final class PausedNodeTest {
    @TempDir
    Path directory;

    @Test
    void node_pausedBeyondItsLeases_goesOnAndRunsNothingTwice() throws Exception {
        assumeTrue(Proof.ASKED_FOR, "only with -Pproof");
        Path data = directory.resolve("data");
        List<String> acknowledged;
        try (SurvivingServer server = new SurvivingServer(0, 6)) {
            try (ChildProcess node = ChildProcess.start(
                    directory.resolve("node.log"),
                    CrashNode.class,
                    data.toString(),
                    String.valueOf(server.port()),
                    "load")) {
                node.awaitLine("END ");
                node.signal("STOP");
                Instant leasedUntil = leasedUntil(data);
                Bounded.await("the leases run out", () -> Instant.now().isAfter(leasedUntil));
                Bounded.await("the runs end unheard", server::isIdle);
                node.signal("CONT");

                node.skipSaid();
                for (int i = 0; i < 20; i++) {
                    node.awaitLine("END ");
                }
                node.kill();
                acknowledged = node.seen("ACK ");
            }
            try (Node node = Node.open(data, server.port())) {
                node.awaitIdle();
            }
            assertThat(new Aftermath(data, server.counts())
                            .acknowledged(acknowledged.subList(0, acknowledged.size() - 1)) // the last may be cut
                            .faults())
                    .isEmpty();
        }
    }

    private static Instant leasedUntil(Path data) {
        try (SqliteDatabase database =
                        SqliteDatabase.openReader(data, SqliteOptions.of("test", Executors.defaultThreadFactory()));
                SqliteStore store = SqliteStore.readOnly(database)) {
            List<Attempt> running = store.running();
            assertThat(running).isNotEmpty();
            return running.stream()
                    .map(attempt -> attempt.lease().until())
                    .max(Instant::compareTo)
                    .orElseThrow()
                    .plus(Duration.ofMillis(500));
        }
    }
}
