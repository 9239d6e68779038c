package io.tollgate.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.tollgate.credits.ledger.StoreUnavailableException;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.sql.Connection;
import java.sql.DriverManager;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jdbi.v3.core.statement.UnableToExecuteStatementException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
final class SqliteDatabaseTest {
    @TempDir
    Path directory;

    private Path file() {
        return directory.resolve(SqliteDatabase.FILE);
    }

    private static int count(SqliteDatabase database) {
        return database.read(handle -> handle.createQuery("SELECT count(*) FROM item")
                .mapTo(Integer.class)
                .one());
    }

    private static void insert(SqliteDatabase database, String name) throws Exception {
        Dialect.SQLITE.begin(database.writer());
        TestSchema.execute(database.writer(), "INSERT INTO item (name, n) VALUES ('" + name + "', 1)");
        Dialect.SQLITE.commit(database.writer());
    }

    /** Every file's name and content. The lock says who came, so it doesn't count. */
    private Map<String, String> everything() throws Exception {
        Map<String, String> files = new TreeMap<>();
        Files.walkFileTree(directory, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path path, BasicFileAttributes attributes) throws java.io.IOException {
                if (!path.endsWith(DirectoryLock.FILE)) {
                    files.put(path.toString(), HexFormat.of().formatHex(Files.readAllBytes(path)));
                }
                return FileVisitResult.CONTINUE;
            }
        });
        return files;
    }

    @Test
    void openWriter_freshDirectory_setsThePragmas() throws Exception {
        try (SqliteDatabase database =
                SqliteDatabase.openWriter(directory.resolve("a b?#%/new"), TestSchema.options(TestSchema.ITEMS))) {
            Map<String, String> expected = Map.of(
                    "journal_mode", "wal",
                    "synchronous", "2",
                    "foreign_keys", "1",
                    "busy_timeout", "2000",
                    "cache_size", "-65536",
                    "wal_autocheckpoint", "10000",
                    "temp_store", "2",
                    "page_size", "4096",
                    "application_id", Integer.toString(SqliteFile.APPLICATION_ID));
            for (Map.Entry<String, String> pragma : expected.entrySet()) {
                assertThat(TestSchema.query(database.writer(), "PRAGMA " + pragma.getKey()))
                        .as(pragma.getKey())
                        .containsExactly(pragma.getValue());
            }
            assertThat(TestSchema.query(database.writer(), "PRAGMA mmap_size")).isIn(List.of("0"), List.of());
            List<String> reader = database.read(handle ->
                    handle.createQuery("PRAGMA query_only").mapTo(String.class).list());
            assertThat(reader).containsExactly("1");
        }
    }

    @Test
    void writer_betweenTransactions_holdsNoLock() throws Exception {
        try (SqliteDatabase database = TestSchema.items(directory);
                Connection other = DriverManager.getConnection(new SqliteFile(file()).url(""))) {
            insert(database, "a");

            TestSchema.execute(other, "PRAGMA busy_timeout = 1", "BEGIN IMMEDIATE", "ROLLBACK");

            assertThat(count(database)).isEqualTo(1);
        }
    }

    @Test
    void read_whileTheWriterWrites_seesWhatIsCommitted() throws Exception {
        try (SqliteDatabase database = TestSchema.items(directory)) {
            insert(database, "a");
            Dialect.SQLITE.begin(database.writer());
            TestSchema.execute(database.writer(), "INSERT INTO item (name, n) VALUES ('b', 1)");

            try (SqliteDatabase reader = SqliteDatabase.openReader(directory, TestSchema.options(TestSchema.ITEMS))) {
                assertThat(count(database)).isEqualTo(1);
                assertThat(count(reader)).isEqualTo(1);
                Dialect.SQLITE.commit(database.writer());
                assertThat(count(reader)).isEqualTo(2);
                reader.requireCurrentSchema();
            }
            insert(database, "c");
            assertThat(count(database)).isEqualTo(3);
        }
    }

    @Test
    void read_thatWrites_isRefused() {
        try (SqliteDatabase database = TestSchema.items(directory)) {
            assertThatThrownBy(() -> database.read(handle -> handle.execute("DELETE FROM item")))
                    .isInstanceOfSatisfying(
                            DatabaseUnavailableException.class,
                            e -> assertThat(e.reason()).isEqualTo(DatabaseUnavailableException.Reason.READ_ONLY));
            assertThatThrownBy(() -> database.read(handle -> handle.execute("DELET FROM item")))
                    .isInstanceOf(StatementBugException.class);
            assertThatThrownBy(() -> database.readers().useHandle(handle -> handle.execute("DELETE FROM item")))
                    .isInstanceOf(UnableToExecuteStatementException.class);
        }
    }

    @Test
    void read_allReadersBusyOrClosed_isUnavailable() {
        SqliteOptions one = new SqliteOptions(
                "a test",
                TestSchema.scripts(TestSchema.ITEMS),
                1,
                java.time.Duration.ofMillis(250),
                TestSchema::daemon);
        SqliteDatabase database = SqliteDatabase.openWriter(directory, one);
        database.migrator(TestSchema.CLOCK, "tester").up();

        assertThatThrownBy(() -> database.read(outer -> {
                    outer.execute("SELECT 1");
                    try (var second = database.readers().open()) {
                        return second.getConnection();
                    }
                }))
                .isInstanceOf(StoreUnavailableException.class);
        assertThat(count(database)).isZero();

        database.close();
        database.close();
        assertThatThrownBy(() -> count(database)).isInstanceOf(StoreUnavailableException.class);
    }

    @Test
    void openReader_neverWrittenDirectory_saysSoAndMakesNothing() throws Exception {
        assertThatThrownBy(() -> SqliteDatabase.openReader(directory, TestSchema.options()))
                .isInstanceOf(DatabaseUnavailableException.class)
                .hasMessageContaining("no database in " + directory);
        assertThat(everything()).isEmpty();
    }

    @Test
    void openReader_afterTheWriterEnded_reads() throws Exception {
        try (SqliteDatabase database = TestSchema.items(directory)) {
            insert(database, "a");
        }

        try (SqliteDatabase reader = SqliteDatabase.openReader(directory, TestSchema.options(TestSchema.ITEMS))) {
            assertThat(count(reader)).isEqualTo(1);
            assertThatThrownBy(reader::writer).isInstanceOf(IllegalStateException.class);
            try (SqliteDatabase writer = TestSchema.items(directory)) {
                insert(writer, "b");
                assertThat(count(reader)).isEqualTo(2);
            }
        }
    }

    @Test
    void open_textFile_isNotOursAndUntouched() throws Exception {
        Files.writeString(file(), "this is a diary, not a database. ".repeat(100));
        assertUntouched(NotTollgateDatabaseException.class, "it is no SQLite file");
    }

    @Test
    void open_otherProgramsDatabase_isNotOursAndUntouched() throws Exception {
        try (Connection other = DriverManager.getConnection(new SqliteFile(file()).url(""))) {
            TestSchema.execute(other, "PRAGMA journal_mode = WAL", "CREATE TABLE bookmark (url TEXT)");
        }
        assertUntouched(NotTollgateDatabaseException.class, "another program made it");
    }

    @Test
    void open_newerSchema_isRefusedAndUntouched() throws Exception {
        try (SqliteDatabase database =
                SqliteDatabase.openWriter(directory, TestSchema.options(TestSchema.ITEMS, TestSchema.PARTS))) {
            database.migrator(TestSchema.CLOCK, "tester").up();
        }
        NewerSchemaException newer = assertUntouched(NewerSchemaException.class, "version 2");
        assertThat(newer.found()).isEqualTo(2);
        assertThat(newer.known()).isEqualTo(1);
    }

    @Test
    void open_newerSchemaLeftByACrash_isRefusedAndUntouched() throws Exception {
        Path crashed = Files.createDirectory(directory.resolve("elsewhere"));
        try (SqliteDatabase database =
                SqliteDatabase.openWriter(crashed, TestSchema.options(TestSchema.ITEMS, TestSchema.PARTS))) {
            database.migrator(TestSchema.CLOCK, "tester").up();
            for (String name : List.of(SqliteDatabase.FILE, SqliteDatabase.FILE + "-wal")) {
                Files.copy(crashed.resolve(name), directory.resolve(name));
            }
        }
        assertUntouched(NewerSchemaException.class, "version 2");
    }

    @Test
    void open_damagedFile_isCorruptAndUntouched() throws Exception {
        try (SqliteDatabase database = TestSchema.items(directory)) {
            insert(database, "a");
        }
        byte[] bytes = Files.readAllBytes(file());
        Arrays.fill(bytes, 100, 4096, (byte) 0x5a); // the schema's page; the header stays
        Files.write(file(), bytes);
        assertUntouched(DatabaseCorruptException.class, "SQLITE_CORRUPT");
    }

    @Test
    void open_emptyFile_isNotOurs() throws Exception {
        Files.createFile(file());
        assertUntouched(NotTollgateDatabaseException.class, "no SQLite file");
    }

    @Test
    void openWriter_logWithoutItsFile_isRefused() throws Exception {
        Files.writeString(directory.resolve(SqliteDatabase.FILE + "-wal"), "a log");
        Map<String, String> before = everything();

        assertThatThrownBy(() -> SqliteDatabase.openWriter(directory, TestSchema.options()))
                .isInstanceOf(DatabaseCorruptException.class);

        assertThat(everything()).isEqualTo(before);
    }

    private <E extends Throwable> E assertUntouched(Class<E> type, String message) throws Exception {
        Map<String, String> before = everything();
        SqliteOptions options = TestSchema.options(TestSchema.ITEMS);

        E asWriter = catchThrowableOfType(
                type, () -> SqliteDatabase.openWriter(directory, options).close());
        E asReader = catchThrowableOfType(
                type, () -> SqliteDatabase.openReader(directory, options).close());

        assertThat(asWriter).isNotNull().hasMessageContaining(message).hasMessageNotContaining("\n");
        assertThat(asReader).isNotNull().hasMessageContaining(message);
        assertThat(everything()).isEqualTo(before);
        return asWriter;
    }

    @Test
    void openWriter_secondInThisProcess_isToldWhoHasIt() throws Exception {
        try (SqliteDatabase database = TestSchema.items(directory)) {
            for (int attempt = 0; attempt < 2; attempt++) { // a failed attempt must not drop the first one's lock
                DataDirectoryBusyException busy = catchThrowableOfType(
                        DataDirectoryBusyException.class,
                        () -> SqliteDatabase.openWriter(directory, TestSchema.options()));
                assertThat(busy.pid()).hasValue(ProcessHandle.current().pid());
                assertThat(busy).hasMessageContaining("a test").hasMessageContaining("--url");
            }
            insert(database, "a");
            assertThat(another("lock", directory).waitFor()).isEqualTo(Other.BUSY);
        }
        TestSchema.items(directory).close();
    }

    @Test
    void openWriter_holderKilled_theLockDiesWithIt() throws Exception {
        Process other = another("hold", directory);
        try (BufferedReader out =
                new BufferedReader(new InputStreamReader(other.getInputStream(), StandardCharsets.UTF_8))) {
            assertThat(out.readLine()).isEqualTo("open");

            DataDirectoryBusyException busy = catchThrowableOfType(
                    DataDirectoryBusyException.class, () -> SqliteDatabase.openWriter(directory, TestSchema.options()));
            assertThat(busy.pid()).hasValue(other.pid());
            assertThat(busy).hasMessageContaining("the other");
            try (SqliteDatabase reader = SqliteDatabase.openReader(directory, TestSchema.options(TestSchema.ITEMS))) {
                assertThat(count(reader)).isEqualTo(1);
            }

            other.destroyForcibly();
            assertThat(other.waitFor(20, TimeUnit.SECONDS)).isTrue();
            try (SqliteDatabase reader = SqliteDatabase.openReader(directory, TestSchema.options(TestSchema.ITEMS))) {
                assertThat(count(reader)).isEqualTo(1);
            }
            try (SqliteDatabase database = TestSchema.items(directory)) {
                assertThat(count(database)).isEqualTo(1);
            }
        } finally {
            other.destroyForcibly();
        }
    }

    private static Process another(String what, Path directory) throws Exception {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xshare:auto",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Other.class.getName(),
                        what,
                        directory.toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    /** Another process that wants to write. */
    static final class Other {
        static final int BUSY = 7;

        private Other() {}

        public static void main(String[] arguments) throws Exception {
            SqliteOptions options = new SqliteOptions(
                    "the other",
                    TestSchema.scripts(TestSchema.ITEMS),
                    1,
                    SqliteOptions.DEFAULT_BUSY_TIMEOUT,
                    TestSchema::daemon);
            try (SqliteDatabase database = SqliteDatabase.openWriter(Path.of(arguments[1]), options)) {
                database.migrator(TestSchema.CLOCK, "other").up();
                insert(database, "from another process");
                System.out.println("open");
                System.out.flush();
                if (arguments[0].equals("hold")) {
                    System.in.read(); // until it is killed
                }
            } catch (DataDirectoryBusyException e) {
                System.exit(BUSY);
            }
        }
    }

    @Test
    void backup_whileTheWriterWrites_isOneSoundState() throws Exception {
        Path target = directory.resolve("backup.db");
        try (SqliteDatabase database = TestSchema.items(directory)) {
            TestSchema.execute(
                    database.writer(),
                    "WITH RECURSIVE i(v) AS (SELECT 1 UNION ALL SELECT v + 1 FROM i WHERE v < 30000)"
                            + " INSERT INTO item (name, n) SELECT 'a long name to fill pages with ' || v || hex(zeroblob(100)), 1 FROM i");
            List<Integer> steps = new ArrayList<>();

            database.backup(target, (done, total) -> {
                steps.add(done);
                assertThat(total).isGreaterThanOrEqualTo(done);
                try {
                    insert(database, "meanwhile " + done);
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            });

            assertThat(steps).hasSizeGreaterThan(1).isSorted();
            assertThat(count(database)).isEqualTo(30000 + steps.size());
        }
        assertThat(everything().keySet().stream().filter(name -> name.contains("backup")))
                .containsExactly(target.toString());
        Path restored = Files.createDirectory(directory.resolve("restored"));
        Files.copy(target, restored.resolve(SqliteDatabase.FILE));
        try (SqliteDatabase database = TestSchema.items(restored)) {
            assertThat(count(database)).isEqualTo(30000);
            assertThat(TestSchema.query(database.writer(), "PRAGMA integrity_check"))
                    .containsExactly("ok");
            insert(database, "goes on");
        }
    }

    @Test
    void backup_targetExists_isRefusedAndUntouched() throws Exception {
        Path target = Files.writeString(directory.resolve("backup.db"), "precious");
        try (SqliteDatabase database = TestSchema.items(directory)) {
            assertThatThrownBy(() -> database.backup(target, BackupProgress.NONE))
                    .isInstanceOf(IllegalArgumentException.class);
        }
        assertThat(target).hasContent("precious");
    }

    @Test
    void backup_progressThrows_leavesNothing() throws Exception {
        Path target = directory.resolve("backup.db");
        try (SqliteDatabase database = TestSchema.items(directory)) {
            assertThatThrownBy(() -> database.backup(target, (done, total) -> {
                        throw new IllegalStateException("stop");
                    }))
                    .hasMessage("stop");
            try (SqliteDatabase reader = SqliteDatabase.openReader(directory, TestSchema.options(TestSchema.ITEMS))) {
                assertThat(everything().keySet()).noneMatch(name -> name.contains("backup"));
                reader.backup(target, BackupProgress.NONE);
            }
        }
        assertThat(target).exists();
    }

    @Test
    void backup_damagedDatabase_isToldAndLeavesNothing() throws Exception {
        try (SqliteDatabase database = TestSchema.items(directory)) {
            for (int i = 0; i < 300; i++) {
                insert(database, "item " + i);
            }
        }
        byte[] bytes = Files.readAllBytes(file());
        Arrays.fill(bytes, bytes.length - 4096, bytes.length, (byte) 0x5a);
        Files.write(file(), bytes);
        Path target = directory.resolve("backup.db");

        try (SqliteDatabase reader = SqliteDatabase.openReader(directory, TestSchema.options(TestSchema.ITEMS))) {
            assertThatThrownBy(() -> reader.backup(target, BackupProgress.NONE))
                    .isInstanceOf(DatabaseCorruptException.class);
        }

        assertThat(everything().keySet()).noneMatch(name -> name.contains("backup"));
    }
}
