package io.tollgate.sql;

import io.tollgate.credits.ledger.StoreException;
import org.jspecify.annotations.Nullable;

/** A row holds what Tollgate never wrote. Nothing was changed; the rest of the database can be used. */
public final class CorruptRowException extends StoreException {
    private static final long serialVersionUID = 1L;

    private final String entity;
    private final String id;

    CorruptRowException(String entity, Object id, String problem, @Nullable Throwable cause) {
        super(entity + " " + id + " can't be read: " + problem, cause);
        this.entity = entity;
        this.id = id.toString();
    }

    /** What it is a row of, such as {@code job}. */
    public String entity() {
        return entity;
    }

    /** The row's key inside the database. */
    public String id() {
        return id;
    }
}
