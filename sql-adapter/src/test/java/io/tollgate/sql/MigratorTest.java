package io.tollgate.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.tollgate.sql.MigrationStatus.State;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class MigratorTest {
    private static final String AUDIT =
            "SELECT direction || ' ' || version || ' ' || script || ' ' || who || ' ' || at || ' ' || length(checksum)"
                    + " FROM schema_audit ORDER BY id";

    @TempDir
    Path directory;

    private SqliteDatabase database;

    @BeforeEach
    void open() {
        database = SqliteDatabase.openWriter(directory, TestSchema.options(TestSchema.ITEMS, TestSchema.PARTS));
    }

    @AfterEach
    void close() {
        database.close();
    }

    private Migrator migrator(MigrationScript... scripts) {
        return new Migrator(database.writer(), TestSchema.scripts(scripts), TestSchema.CLOCK, "tester");
    }

    private List<String> query(String sql) throws Exception {
        return TestSchema.query(database.writer(), sql);
    }

    private List<String> schema() throws Exception {
        return query("SELECT name || ' ' || sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name");
    }

    @Test
    void up_freshDatabase_appliesAllWithAnAccount() throws Exception {
        int applied = migrator(TestSchema.ITEMS, TestSchema.PARTS).up();

        assertThat(applied).isEqualTo(2);
        assertThat(query("SELECT name FROM item")).containsExactly("first");
        assertThat(query("PRAGMA user_version")).containsExactly("2");
        assertThat(query("PRAGMA foreign_keys")).containsExactly("1");
        assertThat(query(AUDIT))
                .containsExactly(
                        "UP 1 0001_items.sql tester 2026-11-22T10:00:00Z 64",
                        "UP 2 0002_parts.sql tester 2026-11-22T10:00:00Z 64");
        assertThat(migrator(TestSchema.ITEMS, TestSchema.PARTS).up()).isZero();
        database.requireCurrentSchema();
    }

    @Test
    void up_olderDatabase_appliesTheRestAndKeepsTheRows() throws Exception {
        migrator(TestSchema.ITEMS).up();
        TestSchema.execute(database.writer(), "INSERT INTO item (name, n) VALUES ('old', 1)");
        assertThatThrownBy(database::requireCurrentSchema)
                .isInstanceOf(SchemaMigrationException.class)
                .hasMessageContaining("0002_parts.sql");

        assertThat(migrator(TestSchema.ITEMS, TestSchema.PARTS).up()).isEqualTo(1);

        assertThat(query("SELECT name FROM item ORDER BY id")).containsExactly("old", "first");
    }

    @Test
    void status_fresh_isPendingAndChangesNothing() throws Exception {
        List<MigrationStatus> fresh =
                migrator(TestSchema.ITEMS, TestSchema.PARTS).status();

        assertThat(fresh).extracting(MigrationStatus::state).containsExactly(State.PENDING, State.PENDING);
        assertThat(schema()).isEmpty();
        migrator(TestSchema.ITEMS).up();
        List<MigrationStatus> one = database.migrationStatus();
        assertThat(one).extracting(MigrationStatus::state).containsExactly(State.APPLIED, State.PENDING);
        assertThat(one.get(0).appliedAt()).contains(TestSchema.CLOCK.instant());
    }

    @Test
    void down_steps_undoesTheNewestAndKeepsTheAudit() throws Exception {
        Migrator migrator = migrator(TestSchema.ITEMS, TestSchema.PARTS);
        migrator.up();

        assertThat(migrator.down(1)).isEqualTo(1);
        assertThat(query("SELECT name FROM sqlite_master WHERE name IN ('item', 'part')"))
                .containsExactly("item");
        assertThat(query("PRAGMA user_version")).containsExactly("1");
        assertThat(migrator.up()).isEqualTo(1);
        assertThat(migrator.down(9)).isEqualTo(2);

        assertThat(migrator.version()).isZero();
        assertThat(query("SELECT name FROM sqlite_master WHERE name IN ('item', 'part')"))
                .isEmpty();
        assertThat(query("SELECT direction || version FROM schema_audit ORDER BY id"))
                .containsExactly("UP1", "UP2", "DOWN2", "UP2", "DOWN2", "DOWN1");
        assertThat(migrator.down(1)).isZero();
        assertThatThrownBy(() -> migrator.down(0)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void up_failingScript_leavesNothingOfTheWholeCall() throws Exception {
        migrator(TestSchema.ITEMS).up();
        List<String> before = schema();
        MigrationScript broken = new MigrationScript(
                "0003_broken.sql",
                "CREATE TABLE half (id INTEGER);\nINSERT INTO item (id, name, n) VALUES (5, 'x', -1);\n-- //@UNDO\nDROP TABLE half;\n");

        SchemaMigrationException failed = catchThrowableOfType(
                SchemaMigrationException.class,
                () -> migrator(TestSchema.ITEMS, TestSchema.PARTS, broken).up());

        assertThat(failed.script()).isEqualTo("0003_broken.sql");
        assertThat(failed).hasMessageContaining("n >= 0");
        assertThat(schema()).isEqualTo(before);
        assertThat(query("SELECT id FROM schema_changelog")).containsExactly("1");
        assertThat(query("SELECT version FROM schema_audit")).containsExactly("1");
        assertThat(query("PRAGMA user_version")).containsExactly("1");
        assertThat(query("PRAGMA foreign_keys")).containsExactly("1");
        assertThat(migrator(TestSchema.ITEMS, TestSchema.PARTS).up()).isEqualTo(1);
    }

    @Test
    void up_missingSemicolonOrBrokenForeignKey_leavesNothing() throws Exception {
        MigrationScript open = new MigrationScript("0001_open.sql", "CREATE TABLE t (id INTEGER)\n-- //@UNDO\n");
        assertThatThrownBy(() -> migrator(open).up())
                .isInstanceOf(SchemaMigrationException.class)
                .hasMessageContaining("0001_open.sql");
        assertThat(schema()).isEmpty();

        MigrationScript dangling = new MigrationScript(
                "0003_dangling.sql", "INSERT INTO part (item) VALUES (77);\n-- //@UNDO\nDELETE FROM part;\n");
        assertThatThrownBy(() ->
                        migrator(TestSchema.ITEMS, TestSchema.PARTS, dangling).up())
                .isInstanceOf(SchemaMigrationException.class)
                .hasMessageContaining("foreign key");
        assertThat(schema()).isEmpty();
    }

    @Test
    void up_appliedScriptChanged_isRefusedByName() throws Exception {
        migrator(TestSchema.ITEMS).up();
        MigrationScript changed = new MigrationScript(
                TestSchema.ITEMS.fileName(), TestSchema.ITEMS.text().replace("n >= 0", "n > 0"));

        for (MigrationScript[] scripts : new MigrationScript[][] {{changed}, {changed, TestSchema.PARTS}}) {
            assertThatThrownBy(() -> migrator(scripts).up())
                    .isInstanceOf(SchemaMigrationException.class)
                    .hasMessageContaining("0001_items.sql")
                    .hasMessageContaining("changed");
            assertThatThrownBy(() -> migrator(scripts).down(1)).isInstanceOf(SchemaMigrationException.class);
        }
        assertThat(migrator(changed).status())
                .extracting(MigrationStatus::state)
                .containsExactly(State.CHANGED);
        assertThat(migrator(TestSchema.ITEMS).version()).isEqualTo(1);
    }

    @Test
    void up_newerDatabase_isRefused() {
        migrator(TestSchema.ITEMS, TestSchema.PARTS).up();

        assertThatThrownBy(() -> migrator(TestSchema.ITEMS).up()).isInstanceOf(NewerSchemaException.class);
        assertThatThrownBy(() -> migrator(TestSchema.ITEMS).down(1)).isInstanceOf(NewerSchemaException.class);
        assertThat(migrator(TestSchema.ITEMS).status())
                .extracting(MigrationStatus::state)
                .containsExactly(State.APPLIED, State.UNKNOWN);
    }

    @Test
    void audit_updateOrDelete_isRefused() throws Exception {
        migrator(TestSchema.ITEMS).up();

        for (String sql : List.of("UPDATE schema_audit SET who = 'me'", "DELETE FROM schema_audit")) {
            assertThatThrownBy(() -> TestSchema.execute(database.writer(), sql))
                    .hasMessageContaining("schema_audit is append-only");
        }
        assertThat(query("SELECT who FROM schema_audit")).containsExactly("tester");
    }

    @Test
    void checksum_windowsLineEnds_isTheSame() {
        String windows = TestSchema.ITEMS.text().replace("\n", "\r\n");

        assertThat(new MigrationScript("0001_items.sql", windows).checksum()).isEqualTo(TestSchema.ITEMS.checksum());
        assertThatThrownBy(() -> new MigrationScript("1_items.sql", windows))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new MigrationScript("0001_items.sql", "SELECT 1;"))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> TestSchema.scripts(TestSchema.PARTS)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void shipped_index_namesEveryScriptOfItsFolder() throws Exception {
        Path folder = Path.of("src/main/resources/io/tollgate/sql/migrations/sqlite".replace('/', File.separatorChar));
        try (Stream<Path> files = Files.list(folder)) {
            List<String> lying = files.map(path -> path.getFileName().toString())
                    .filter(name -> name.matches("\\d.*\\.sql"))
                    .sorted()
                    .toList();
            assertThat(MigrationScripts.shipped(Dialect.SQLITE).scripts())
                    .extracting(MigrationScript::fileName)
                    .isEqualTo(lying);
        }
    }

    @Test
    void shipped_scripts_goUpAndDownAndUp() {
        Migrator shipped =
                new Migrator(database.writer(), MigrationScripts.shipped(Dialect.SQLITE), TestSchema.CLOCK, "tester");

        int steps = shipped.up();
        assertThat(shipped.down(Math.max(1, steps))).isEqualTo(steps);
        assertThat(shipped.up()).isEqualTo(steps);
    }
}
