package io.tollgate.sql;

import io.tollgate.credits.ledger.StoreUnavailableException;
import io.tollgate.sql.MigrationStatus.State;
import java.io.ByteArrayInputStream;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.Reader;
import java.io.StringReader;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.apache.ibatis.migration.Change;
import org.apache.ibatis.migration.ConnectionProvider;
import org.apache.ibatis.migration.MigrationLoader;
import org.apache.ibatis.migration.MigrationReader;
import org.apache.ibatis.migration.hook.HookContext;
import org.apache.ibatis.migration.hook.MigrationHook;
import org.apache.ibatis.migration.operations.DownOperation;
import org.apache.ibatis.migration.operations.ScriptRunner;
import org.apache.ibatis.migration.operations.UpOperation;
import org.apache.ibatis.migration.options.DatabaseOperationOption;
import org.jspecify.annotations.Nullable;

/**
 * Brings a database's schema to another version, forth or back, and keeps an append-only account of it in
 * {@code schema_audit}. The steps are run by <a href="https://mybatis.org/migrations/">mybatis-migrations</a>.
 *
 * <p>Each call is one transaction: all its steps happened, with their account, or none. Before anything is done the
 * applied steps are compared with this program's by checksum.
 *
 * <p>Confined to the thread that has the connection. All methods throw a
 * {@link io.tollgate.credits.ledger.StoreException} when the database refuses.
 */
public final class Migrator {
    /*
     * mybatis commits after each script and only then writes its changelog, so that a crash between the two would leave
     * a step that nobody knows of. It is therefore given a connection whose commit, rollback and close do nothing; the
     * transaction is ours.
     */
    private static final Set<String> OURS = Set.of("commit", "rollback", "close", "setAutoCommit");
    private static final String CHANGELOG = "schema_changelog";

    private final Connection connection;
    private final Dialect dialect;
    private final MigrationScripts scripts;
    private final InstantSource clock;
    private final String who;

    /**
     * @param connection without auto-commit, no transaction open; stays the caller's
     * @param who for the audit: the user or the program
     */
    public Migrator(Connection connection, MigrationScripts scripts, InstantSource clock, String who) {
        this.connection = connection;
        this.dialect = scripts.dialect();
        this.scripts = scripts;
        this.clock = clock;
        this.who = who;
    }

    /** The newest step applied, 0 on a fresh database. Changes nothing. */
    public int version() {
        try {
            return applied(connection, dialect).keySet().stream()
                    .mapToInt(v -> v)
                    .max()
                    .orElse(0);
        } catch (SQLException e) {
            throw SqlErrors.translate("can't read the schema's version", e);
        }
    }

    /** Every step that the database or this program knows, by version. Changes nothing. */
    public List<MigrationStatus> status() {
        return status(connection, scripts);
    }

    static List<MigrationStatus> status(Connection connection, MigrationScripts scripts) {
        Map<Integer, MigrationStatus> all = new TreeMap<>();
        for (MigrationScript script : scripts.scripts()) {
            int version = script.version();
            all.put(version, new MigrationStatus(version, script.fileName(), State.PENDING, Optional.empty()));
        }
        try {
            applied(connection, scripts.dialect())
                    .forEach((version, row) -> all.put(version, row.status(version, scripts.script(version))));
        } catch (SQLException e) {
            throw SqlErrors.translate("can't read the schema's version", e);
        }
        return List.copyOf(all.values());
    }

    /**
     * Applies all steps that aren't.
     *
     * @return how many
     * @throws NewerSchemaException if the database has steps that this program doesn't
     * @throws SchemaMigrationException if an applied script was changed since, or one fails
     */
    public int up() {
        List<MigrationStatus> status = status();
        if (!status.isEmpty() && status.stream().allMatch(step -> step.state() == State.APPLIED)) {
            return 0; // not a statement more: the checks after a migration read the whole database
        }
        return migrate(
                (provider, loader, option, hook) -> new UpOperation().operate(provider, loader, option, null, hook));
    }

    /**
     * Undoes the newest steps.
     *
     * @param steps how many, at least 1; all if there are fewer
     * @return how many
     * @throws NewerSchemaException if the database has steps that this program doesn't
     * @throws SchemaMigrationException if an applied script was changed since, or its undo fails
     */
    public int down(int steps) {
        if (steps < 1) {
            throw new IllegalArgumentException("steps must be at least 1: " + steps);
        }
        return migrate((provider, loader, option, hook) ->
                new DownOperation(steps).operate(provider, loader, option, null, hook));
    }

    private interface Operation {
        void run(
                ConnectionProvider provider,
                MigrationLoader loader,
                DatabaseOperationOption option,
                MigrationHook hook);
    }

    private int migrate(Operation operation) {
        Audit audit = new Audit();
        try {
            dialect.prepareMigration(connection);
            try {
                dialect.begin(connection);
                try {
                    int steps = migrateInTransaction(operation, audit);
                    dialect.commit(connection);
                    settle();
                    return steps;
                } catch (Throwable e) {
                    rollback(e);
                    throw e;
                }
            } finally {
                dialect.afterMigration(connection);
            }
        } catch (SQLException e) {
            throw audit.failed(e);
        }
    }

    private int migrateInTransaction(Operation operation, Audit audit) throws SQLException {
        verify();
        Connection shared = withoutCommit(connection);
        ScriptRunner runner = new ScriptRunner(shared);
        runner.setStopOnError(true);
        runner.setAutoCommit(false);
        runner.setLogWriter(null);
        runner.setErrorLogWriter(new PrintWriter(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8));
        try {
            runner.runScript(new StringReader(scripts.bootstrap()));
            operation.run(() -> shared, new Loader(), options(), audit);
        } catch (RuntimeException e) { // mybatis wraps and wraps again
            throw audit.failed(e);
        }
        dialect.finishMigration(connection, version());
        return audit.steps;
    }

    private void settle() {
        try {
            dialect.settleMigration(connection);
        } catch (SQLException e) {
            // the migration is done all the same, and the next checkpoint does this, too
        }
    }

    private void rollback(Throwable because) {
        try {
            dialect.rollback(connection);
        } catch (SQLException e) {
            because.addSuppressed(e);
        }
    }

    /** Refuses a database whose applied steps aren't this program's. */
    private void verify() throws SQLException {
        for (Map.Entry<Integer, Applied> entry : applied(connection, dialect).entrySet()) {
            int version = entry.getKey();
            MigrationStatus status = entry.getValue().status(version, scripts.script(version));
            if (status.state() == State.UNKNOWN) {
                throw new NewerSchemaException("the database", version(), scripts.latest());
            }
            if (status.state() == State.CHANGED) {
                throw new SchemaMigrationException(status.script(), "was changed after it had been applied", null);
            }
        }
    }

    private record Applied(
            Instant at, String description, @Nullable String checksum) {
        MigrationStatus status(int version, Optional<MigrationScript> script) {
            if (script.isEmpty()) {
                return new MigrationStatus(version, description, State.UNKNOWN, Optional.of(at));
            }
            boolean same = script.get().checksum().equals(checksum);
            return new MigrationStatus(
                    version, script.get().fileName(), same ? State.APPLIED : State.CHANGED, Optional.of(at));
        }
    }

    private static Map<Integer, Applied> applied(Connection connection, Dialect dialect) throws SQLException {
        Map<Integer, Applied> applied = new TreeMap<>();
        if (!dialect.tableExists(connection, CHANGELOG)) {
            return applied;
        }
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(
                        "SELECT id, applied_at, description, checksum FROM " + CHANGELOG + " ORDER BY id")) {
            while (row.next()) {
                applied.put(
                        row.getInt(1),
                        new Applied(Instant.parse(row.getString(2)), row.getString(3), row.getString(4)));
            }
        }
        return applied;
    }

    private static DatabaseOperationOption options() {
        DatabaseOperationOption option = new DatabaseOperationOption();
        option.setChangelogTable(CHANGELOG);
        option.setStopOnError(true);
        option.setAutoCommit(false);
        return option;
    }

    private static Connection withoutCommit(Connection connection) {
        return (Connection) Proxy.newProxyInstance(
                Connection.class.getClassLoader(), new Class<?>[] {Connection.class}, (proxy, method, arguments) -> {
                    if (OURS.contains(method.getName())) {
                        return null;
                    }
                    try {
                        return method.invoke(connection, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause() == null ? e : e.getCause();
                    }
                });
    }

    /** Hands this program's scripts to mybatis. */
    private final class Loader implements MigrationLoader {
        @Override
        public List<Change> getMigrations() {
            List<Change> changes = new ArrayList<>();
            for (MigrationScript script : scripts.scripts()) {
                Change change = new Change(BigDecimal.valueOf(script.version()), null, script.description());
                change.setFilename(script.fileName());
                changes.add(change);
            }
            return changes;
        }

        @Override
        public Reader getScriptReader(Change change, boolean undo) {
            byte[] text = script(change).text().getBytes(StandardCharsets.UTF_8);
            return new MigrationReader(new ByteArrayInputStream(text), "UTF-8", undo, null);
        }

        @Override
        public @Nullable Reader getBootstrapReader() {
            return null;
        }

        @Override
        public @Nullable Reader getOnAbortReader() {
            return null;
        }
    }

    private MigrationScript script(Change change) {
        return scripts.script(change.getId().intValueExact()).orElseThrow();
    }

    /** Writes the account of each step, and remembers which one was under way. */
    private final class Audit implements MigrationHook {
        private @Nullable MigrationScript current;
        private Instant began = Instant.EPOCH;
        private int versionBefore;
        int steps;

        @Override
        public void before(Map<String, Object> bindings) {}

        @Override
        public void beforeEach(Map<String, Object> bindings) {
            current = script(context(bindings).getChange());
            began = clock.instant();
            versionBefore = version();
        }

        @Override
        public void afterEach(Map<String, Object> bindings) {
            MigrationScript script = script(context(bindings).getChange());
            Instant now = clock.instant();
            boolean up = script.version() > versionBefore;
            try (PreparedStatement audit = connection.prepareStatement(
                            "INSERT INTO schema_audit (at, who, direction, version, script, checksum, duration_ms)"
                                    + " VALUES (?, ?, ?, ?, ?, ?, ?)");
                    PreparedStatement checksum = connection.prepareStatement(
                            "UPDATE " + CHANGELOG + " SET checksum = ?, applied_at = ? WHERE id = ?")) {
                audit.setString(1, now.toString());
                audit.setString(2, who);
                audit.setString(3, up ? "UP" : "DOWN");
                audit.setInt(4, script.version());
                audit.setString(5, script.fileName());
                audit.setString(6, script.checksum());
                audit.setLong(7, Math.max(0, Duration.between(began, now).toMillis()));
                audit.executeUpdate();
                if (up) {
                    checksum.setString(1, script.checksum());
                    checksum.setString(2, now.toString());
                    checksum.setInt(3, script.version());
                    checksum.executeUpdate();
                }
            } catch (SQLException e) {
                throw SqlErrors.translate("can't write schema_audit", e);
            }
            steps++;
        }

        @Override
        public void after(Map<String, Object> bindings) {}

        RuntimeException failed(Exception e) {
            for (Throwable cause = e; cause != null; cause = cause.getCause()) {
                if (cause instanceof SQLException sql) {
                    RuntimeException translated = SqlErrors.translate("migration", sql);
                    boolean outside = translated instanceof StoreUnavailableException
                            || translated instanceof DatabaseCorruptException;
                    return outside
                            ? translated
                            : new SchemaMigrationException(name(), "failed: " + sql.getMessage(), e);
                }
            }
            return new SchemaMigrationException(name(), "failed: " + e.getMessage(), e);
        }

        private String name() {
            return current == null ? "bootstrap.sql" : current.fileName();
        }
    }

    private static HookContext context(Map<String, Object> bindings) {
        Object context = bindings.get(MigrationHook.HOOK_CONTEXT);
        if (context instanceof HookContext hook) {
            return hook;
        }
        throw new IllegalStateException("no hook context: " + context);
    }
}
