package io.tollgate.sql;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/** A small schema and what tests do to it. */
final class TestSchema {
    static final InstantSource CLOCK = InstantSource.fixed(Instant.parse("2026-11-22T10:00:00Z"));

    static final MigrationScript ITEMS = new MigrationScript("0001_items.sql", """
            -- the items
            CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, n INTEGER NOT NULL CHECK (n >= 0));
            -- //@UNDO
            DROP TABLE item;
            """);
    static final MigrationScript PARTS = new MigrationScript("0002_parts.sql", """
            CREATE TABLE part (item INTEGER NOT NULL REFERENCES item (id));
            INSERT INTO item (id, name, n) VALUES (1000, 'first', 1);
            -- //@UNDO
            DELETE FROM item WHERE id = 1000;
            DROP TABLE part;
            """);

    private TestSchema() {}

    static MigrationScripts scripts(MigrationScript... scripts) {
        return MigrationScripts.shipped(Dialect.SQLITE).with(List.of(scripts));
    }

    static SqliteOptions options(MigrationScript... scripts) {
        return new SqliteOptions("a test", scripts(scripts), 2, Duration.ofSeconds(2), TestSchema::daemon);
    }

    static Thread daemon(Runnable body) {
        Thread thread = new Thread(body, "test");
        thread.setDaemon(true);
        return thread;
    }

    /** A writer on the items. */
    static SqliteDatabase items(Path directory) {
        SqliteDatabase database = SqliteDatabase.openWriter(directory, options(ITEMS));
        database.migrator(CLOCK, "tester").up();
        return database;
    }

    static void execute(Connection connection, String... statements) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    static List<String> query(Connection connection, String sql) throws SQLException {
        List<String> values = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            while (rows.next()) {
                values.add(rows.getString(1));
            }
        }
        return values;
    }
}
