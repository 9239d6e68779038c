package io.tollgate.sql;

import io.tollgate.credits.ledger.StoreException;
import org.jspecify.annotations.Nullable;

/** A migration was refused or failed. The schema is as it was before. */
public final class SchemaMigrationException extends StoreException {
    private static final long serialVersionUID = 1L;

    private final String script;

    /** @param script the file name of the script at fault */
    SchemaMigrationException(String script, String problem, @Nullable Throwable cause) {
        super("migration " + script + " " + problem + "; the schema is unchanged", cause);
        this.script = script;
    }

    /** The file name of the script at fault. */
    public String script() {
        return script;
    }
}
