package io.tollgate.sql;

import io.tollgate.credits.ledger.StoreException;
import java.nio.file.Path;

/** The file is no database, or some other program's. It was not touched. */
public final class NotTollgateDatabaseException extends StoreException {
    private static final long serialVersionUID = 1L;

    private final String file;

    NotTollgateDatabaseException(Path file, String why) {
        super(file + " is not a Tollgate database: " + why + "; it was not touched", null);
        this.file = file.toString();
    }

    public Path file() {
        return Path.of(file);
    }
}
