package io.tollgate.sql;

import io.tollgate.credits.ledger.StoreException;

/** Something that a command names is not in the store. Nothing was changed. */
public final class EntityMissingException extends StoreException {
    private static final long serialVersionUID = 1L;

    private final String type;
    private final String id;

    /**
     * @param type what it is, in the design's words: {@code job}, {@code account}
     * @param id as users know it
     */
    public EntityMissingException(String type, String id) {
        super("no such " + type + ": " + id, null);
        this.type = type;
        this.id = id;
    }

    public String type() {
        return type;
    }

    public String id() {
        return id;
    }
}
