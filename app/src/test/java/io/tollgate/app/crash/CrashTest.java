package io.tollgate.app.crash;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.credits.ledger.Account;
import io.tollgate.credits.ledger.Amount;
import io.tollgate.queue.job.Attempt;
import io.tollgate.queue.job.JobFilter;
import io.tollgate.queue.job.JobRecord;
import io.tollgate.queue.job.JobState;
import io.tollgate.sql.SqliteDatabase;
import io.tollgate.sql.SqliteOptions;
import io.tollgate.sql.SqliteStore;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kills a loaded node at random moments, again and again, and looks whether anything was lost or done twice: G1–G4. */
final class CrashTest {
    private static final int KILLS = Integer.getInteger("tollgate.kills", 10);
    private static final int LINES_AT_MOST = 120;
    private static final int ID_LENGTH = 36;

    @TempDir
    Path directory;

    @Test
    void killedAgainAndAgain_losesNothingAndDoesNothingTwice() throws Exception {
        long seed = Long.getLong("tollgate.seed", System.nanoTime());
        Random random = new Random(seed);
        Set<String> acknowledged = new HashSet<>();
        try (ChildProcess server =
                ChildProcess.start(directory.resolve("server.log"), SurvivingServer.class, "0", "6")) {
            String port = server.awaitLine("PORT ").substring("PORT ".length());

            for (int kill = 0; kill < KILLS; kill++) {
                try (ChildProcess node = node(port, "100000")) {
                    node.awaitLine("READY");
                    int lines = random.nextInt(LINES_AT_MOST);
                    for (int i = 0; i < lines; i++) {
                        node.nextLine();
                    }
                    node.kill();
                    node.seen("ACK ").stream()
                            .filter(id -> id.length() == ID_LENGTH) // the last line may be cut by the kill
                            .forEach(acknowledged::add);
                }
            }
            try (ChildProcess last = node(port, "0")) {
                last.awaitLine("IDLE");
            }

            assertThat(acknowledged).as("seed %d: acknowledged jobs", seed).isNotEmpty();
            check(seed, acknowledged, counts(port));
        }
    }

    private ChildProcess node(String port, String jobs) throws Exception {
        return ChildProcess.start(
                directory.resolve("node.log"),
                CrashNode.class,
                directory.resolve("data").toString(),
                port,
                jobs);
    }

    private static Map<String, Integer> counts(String port) throws Exception {
        String body = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/counts"))
                                .build(),
                        BodyHandlers.ofString())
                .body();
        Map<String, Integer> counts = new HashMap<>();
        body.lines().forEach(line -> {
            String[] parts = line.split(" ", 2);
            counts.put(parts[0], Integer.parseInt(parts[1]));
        });
        return counts;
    }

    private void check(long seed, Set<String> acknowledged, Map<String, Integer> counts) {
        try (SqliteDatabase database = SqliteDatabase.openReader(
                        directory.resolve("data"), SqliteOptions.of("crash test", Executors.defaultThreadFactory()));
                SqliteStore store = SqliteStore.readOnly(database)) {
            List<JobRecord> jobs = store.list(JobFilter.ALL, Optional.empty(), Integer.MAX_VALUE);
            Set<String> known = new HashSet<>();
            Amount captured = Amount.ZERO;
            List<String> faults = new ArrayList<>();
            for (JobRecord record : jobs) {
                known.add(record.job().id().toString());
                if (!record.job().kind().isTerminal()) {
                    faults.add(record.job().id() + " never ended");
                }
                int runs = 0;
                for (Attempt attempt : record.attempts()) {
                    runs += counts.getOrDefault(attempt.runId().toString(), 0);
                }
                if (runs != 1) {
                    faults.add(record.job().id() + " was run " + runs + " times");
                }
                if (record.job().kind() == JobState.Kind.SUCCEEDED) {
                    captured = captured.plus(record.hold().captured());
                }
            }
            assertThat(faults).as("seed %d", seed).isEmpty();
            assertThat(known)
                    .as("seed %d: every acknowledged job is there", seed)
                    .containsAll(acknowledged);
            assertThat(counts.values())
                    .as("seed %d: no run was run twice", seed)
                    .allMatch(count -> count == 1);
            assertThat(store.audit().findings()).as("seed %d", seed).isEmpty();
            Account account = store.account(CrashNode.USER).orElseThrow();
            assertThat(account.held()).isEqualTo(Amount.ZERO);
            assertThat(account.available().plus(captured)).isEqualTo(CrashNode.GRANTED);
        }
    }
}
