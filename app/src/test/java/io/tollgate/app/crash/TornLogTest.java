package io.tollgate.app.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.tollgate.queue.job.JobFilter;
import io.tollgate.queue.job.JobRecord;
import io.tollgate.sql.SqliteDatabase;
import io.tollgate.sql.SqliteOptions;
import io.tollgate.sql.SqliteStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A killed node whose write-ahead log is damaged at its end, as by a power cut under a disk that lies: the database is
 * what it was at the last commit before the damage, no more and no less.
 */
final class TornLogTest {
    private static final int HEADER = 32;
    private static final int FRAME_HEADER = 24;
    private static final int FRAME = FRAME_HEADER + 4096;

    @TempDir
    Path directory;

    /** What becomes of the log's last bytes. */
    private enum Damage {
        FLIPPED_PAGE {
            @Override
            byte[] done(byte[] log, int end, Random random) {
                log[end - 1 - random.nextInt(FRAME - FRAME_HEADER)] ^= (byte) (1 << random.nextInt(8));
                return log;
            }
        },
        FLIPPED_HEADER {
            @Override
            byte[] done(byte[] log, int end, Random random) {
                log[end - FRAME + random.nextInt(FRAME_HEADER)] ^= (byte) (1 << random.nextInt(8));
                return log;
            }
        },
        CUT {
            @Override
            byte[] done(byte[] log, int end, Random random) {
                return Arrays.copyOf(log, end - 1 - random.nextInt(FRAME - 1));
            }
        },
        ZEROED {
            @Override
            byte[] done(byte[] log, int end, Random random) {
                Arrays.fill(log, end - FRAME, end, (byte) 0);
                return log;
            }
        };

        abstract byte[] done(byte[] log, int end, Random random);
    }

    @ParameterizedTest
    @EnumSource
    void log_damagedAtItsEnd_isReadUpToTheLastIntactCommit(Damage damage) throws Exception {
        assumeTrue(Proof.ASKED_FOR || damage == Damage.FLIPPED_PAGE || damage == Damage.CUT, "only with -Pproof");
        long seed = Long.getLong("tollgate.seed", System.nanoTime());
        Path data = directory.resolve("data");
        try (SurvivingServer server = new SurvivingServer(0, 6)) {
            try (ChildProcess node = ChildProcess.start(
                    directory.resolve("node.log"),
                    CrashNode.class,
                    data.toString(),
                    String.valueOf(server.port()),
                    "load")) {
                for (int i = 0; i < 20; i++) {
                    node.awaitLine("ACK ");
                }
                node.kill();
            }
            Path log = data.resolve("tollgate.db-wal");
            byte[] whole = Files.readAllBytes(log);
            List<Integer> commits = commits(whole);
            assertThat(commits.size()).as("commits in the log").isGreaterThan(2);
            Path before = copyWithLog(data, Arrays.copyOf(whole, commits.get(commits.size() - 2)));
            List<JobRecord> expected = jobs(before);
            assertThat(expected).isNotEqualTo(jobs(copyWithLog(data, whole)));

            Files.write(log, damage.done(whole.clone(), commits.get(commits.size() - 1), new Random(seed)));

            assertThat(jobs(data)).as("seed %d", seed).isEqualTo(expected);
            List<String> known = expected.stream()
                    .map(record -> record.job().id().toString())
                    .toList();
            try (Node node = Node.open(data, server.port())) {
                node.awaitIdle();
            }
            assertThat(new Aftermath(data, server.counts())
                            .acknowledged(known)
                            .logWasCut()
                            .faults())
                    .as("seed %d", seed)
                    .isEmpty();
        }
    }

    /** Where each commit ends in a log. See https://sqlite.org/fileformat.html#the_write_ahead_log. */
    private static List<Integer> commits(byte[] log) {
        ByteBuffer bytes = ByteBuffer.wrap(log);
        long salts = bytes.getLong(16);
        List<Integer> ends = new ArrayList<>();
        for (int at = HEADER; at + FRAME <= log.length && bytes.getLong(at + 8) == salts; at += FRAME) {
            boolean commit = bytes.getInt(at + 4) != 0;
            if (commit) {
                ends.add(at + FRAME);
            }
        }
        return ends;
    }

    private Path copyWithLog(Path data, byte[] log) throws IOException {
        Path copy = Files.createTempDirectory(directory, "copy");
        Files.copy(data.resolve("tollgate.db"), copy.resolve("tollgate.db"));
        Files.write(copy.resolve("tollgate.db-wal"), log);
        return copy;
    }

    private static List<JobRecord> jobs(Path data) {
        try (SqliteDatabase database =
                        SqliteDatabase.openReader(data, SqliteOptions.of("test", Executors.defaultThreadFactory()));
                SqliteStore store = SqliteStore.readOnly(database)) {
            return store.list(JobFilter.ALL, Optional.empty(), Integer.MAX_VALUE);
        }
    }
}
