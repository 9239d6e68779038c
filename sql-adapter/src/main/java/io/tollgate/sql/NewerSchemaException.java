package io.tollgate.sql;

import io.tollgate.credits.ledger.StoreException;

/** The database was migrated by a newer program than this one. It was not touched. */
public final class NewerSchemaException extends StoreException {
    private static final long serialVersionUID = 1L;

    private final int found;
    private final int known;

    /**
     * @param database its file or name, for the message
     * @param found the database's schema version
     * @param known the newest version that this program knows
     */
    NewerSchemaException(String database, int found, int known) {
        super(
                database + " has schema version " + found + ", this program knows only up to " + known
                        + ": use a newer program; it was not touched",
                null);
        this.found = found;
        this.known = known;
    }

    public int found() {
        return found;
    }

    public int known() {
        return known;
    }
}
