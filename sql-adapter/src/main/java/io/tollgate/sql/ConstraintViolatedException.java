package io.tollgate.sql;

import io.tollgate.credits.ledger.StoreException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A write broke a rule of the schema. Its transaction was rolled back. */
public final class ConstraintViolatedException extends StoreException {
    private static final long serialVersionUID = 1L;

    private final Kind kind;
    private final @Nullable String constraint;
    private final @Nullable String table;

    /** The sort of rule that was broken. */
    public enum Kind {
        UNIQUE,
        FOREIGN_KEY,
        NOT_NULL,
        CHECK,
        /** A value of the wrong type in a strict table. */
        TYPE,
        /** A trigger refused, such as the one that keeps a table append-only. */
        TRIGGER,
        OTHER
    }

    ConstraintViolatedException(
            Kind kind, @Nullable String constraint, @Nullable String table, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.kind = kind;
        this.constraint = constraint;
        this.table = table;
    }

    public Kind kind() {
        return kind;
    }

    /**
     * The constraint's name or, as SQLite has no names for those, its columns as {@code table.a, table.b}; what a
     * trigger said. Empty where the database doesn't tell, as SQLite for foreign keys.
     */
    public Optional<String> constraint() {
        return Optional.ofNullable(constraint);
    }

    /** The table, where the database tells it. */
    public Optional<String> table() {
        return Optional.ofNullable(table);
    }
}
