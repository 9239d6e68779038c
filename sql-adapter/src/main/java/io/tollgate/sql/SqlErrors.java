package io.tollgate.sql;

import io.tollgate.sql.ConstraintViolatedException.Kind;
import io.tollgate.sql.DatabaseUnavailableException.Reason;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.SQLTransientConnectionException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/**
 * Turns a driver's errors into the store's, by SQLite's result code (<a
 * href="https://sqlite.org/rescode.html">rescode.html</a>) or, from another driver, by the class of the SQLState. What
 * is neither the outside's fault nor a constraint is ours: {@link StatementBugException}. Stateless.
 */
public final class SqlErrors {
    private static final Pattern CONSTRAINT = Pattern.compile("constraint failed: (?:index ')?([^)']+)");
    private static final Pattern TYPE = Pattern.compile("column ([^)\\s]+)");
    private static final Pattern DETAIL = Pattern.compile("\\((.*)\\)$", Pattern.DOTALL);
    private static final Pattern NAMED = Pattern.compile("constraint \"([^\"]+)\"");
    private static final Pattern RELATION = Pattern.compile("(?:table|relation) \"([^\"]+)\"");

    private SqlErrors() {}

    /**
     * The store's exception for a driver's.
     *
     * @param doing what was being done, the start of the message
     */
    public static RuntimeException translate(String doing, SQLException e) {
        SQLiteException sqlite = sqlite(e);
        if (sqlite != null) {
            return translate(doing, sqlite);
        }
        String message = doing + ": " + e.getMessage();
        if (isClosed(e)) {
            return new DatabaseUnavailableException(Reason.CLOSED, message, e);
        }
        if (e instanceof SQLTransientConnectionException) {
            return new StoreBusyException(message, e); // the pool's: all its connections are out
        }
        String state = e.getSQLState();
        return state == null ? new StatementBugException(message, e) : translate(message, state, e);
    }

    /**
     * The store's exception for the driver's inside {@code e}, as libraries wrap it; {@code e} itself if there is none.
     */
    public static RuntimeException translate(String doing, RuntimeException e) {
        for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql) {
                return translate(doing, sql);
            }
        }
        return e;
    }

    /** True if nothing but the text tells: that the transaction which was to end had been ended by SQLite itself. */
    static boolean saysNoTransaction(SQLException e) {
        return String.valueOf(e.getMessage()).contains("no transaction is active");
    }

    private static @Nullable SQLiteException sqlite(SQLException e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLiteException sqlite) {
                return sqlite;
            }
        }
        return null;
    }

    private static boolean isClosed(SQLException e) {
        String message = String.valueOf(e.getMessage());
        return e instanceof SQLNonTransientConnectionException
                || message.contains("closed")
                || message.equals("statement is not executing"); // sqlite-jdbc, of a statement that it has finalized
    }

    private static RuntimeException translate(String doing, SQLiteException e) {
        SQLiteErrorCode code = e.getResultCode();
        String message = doing + ": " + e.getMessage();
        return switch (primary(code)) {
            case SQLITE_BUSY, SQLITE_LOCKED, SQLITE_PROTOCOL -> new StoreBusyException(message, e);
            case SQLITE_FULL -> new DatabaseUnavailableException(Reason.FULL, message, e);
            case SQLITE_IOERR -> new DatabaseUnavailableException(Reason.IO, message, e);
            case SQLITE_READONLY -> new DatabaseUnavailableException(Reason.READ_ONLY, message, e);
            case SQLITE_CANTOPEN, SQLITE_PERM, SQLITE_AUTH ->
                new DatabaseUnavailableException(Reason.CANNOT_OPEN, message, e);
            case SQLITE_NOMEM -> new DatabaseUnavailableException(Reason.OUT_OF_MEMORY, message, e);
            case SQLITE_INTERRUPT, SQLITE_ABORT -> new DatabaseUnavailableException(Reason.INTERRUPTED, message, e);
            case SQLITE_CORRUPT, SQLITE_NOTADB -> new DatabaseCorruptException(message, e);
            case SQLITE_CONSTRAINT -> constraint(code, message, e);
            default -> new StatementBugException(message, e);
        };
    }

    /** The low byte of a result code is its family. */
    static SQLiteErrorCode primary(SQLiteErrorCode code) {
        return SQLiteErrorCode.getErrorCode(code.code & 0xff);
    }

    private static ConstraintViolatedException constraint(SQLiteErrorCode code, String message, SQLiteException e) {
        Kind kind = switch (code) {
            case SQLITE_CONSTRAINT_UNIQUE, SQLITE_CONSTRAINT_PRIMARYKEY, SQLITE_CONSTRAINT_ROWID -> Kind.UNIQUE;
            case SQLITE_CONSTRAINT_FOREIGNKEY -> Kind.FOREIGN_KEY;
            case SQLITE_CONSTRAINT_NOTNULL -> Kind.NOT_NULL;
            case SQLITE_CONSTRAINT_CHECK -> Kind.CHECK;
            case SQLITE_CONSTRAINT_DATATYPE -> Kind.TYPE;
            case SQLITE_CONSTRAINT_TRIGGER -> Kind.TRIGGER;
            default -> Kind.OTHER;
        };
        Pattern pattern = switch (kind) {
            case TYPE -> TYPE;
            case TRIGGER -> DETAIL;
            default -> CONSTRAINT;
        };
        String name = find(pattern, String.valueOf(e.getMessage()));
        boolean columns = name != null && (kind == Kind.UNIQUE || kind == Kind.NOT_NULL || kind == Kind.TYPE);
        int dot = columns && name != null ? name.indexOf('.') : -1;
        return new ConstraintViolatedException(
                kind, name, dot > 0 && name != null ? name.substring(0, dot) : null, message, e);
    }

    /** By class of SQLState, as PostgreSQL has them: appendix A of its manual. */
    private static RuntimeException translate(String message, String state, SQLException e) {
        if (state.startsWith("23")) {
            Kind kind = switch (state) {
                case "23505", "23P01" -> Kind.UNIQUE;
                case "23503" -> Kind.FOREIGN_KEY;
                case "23502" -> Kind.NOT_NULL;
                case "23514" -> Kind.CHECK;
                default -> Kind.OTHER;
            };
            return new ConstraintViolatedException(kind, find(NAMED, message), find(RELATION, message), message, e);
        }
        if (state.startsWith("40") || state.startsWith("55")) {
            return new StoreBusyException(message, e);
        }
        if (state.startsWith("XX001") || state.startsWith("XX002")) {
            return new DatabaseCorruptException(message, e);
        }
        return switch (state) {
            case "53100" -> new DatabaseUnavailableException(Reason.FULL, message, e);
            case "53200" -> new DatabaseUnavailableException(Reason.OUT_OF_MEMORY, message, e);
            case "53300" -> new StoreBusyException(message, e);
            case "58030" -> new DatabaseUnavailableException(Reason.IO, message, e);
            case "25006" -> new DatabaseUnavailableException(Reason.READ_ONLY, message, e);
            case "57014" -> new DatabaseUnavailableException(Reason.INTERRUPTED, message, e);
            default ->
                state.startsWith("08") || state.startsWith("57P")
                        ? new DatabaseUnavailableException(Reason.CANNOT_OPEN, message, e)
                        : new StatementBugException(message, e);
        };
    }

    private static @Nullable String find(Pattern pattern, String text) {
        Matcher matcher = pattern.matcher(text);
        return matcher.find() ? matcher.group(1) : null;
    }
}
