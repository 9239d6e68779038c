package io.tollgate.sql;

import io.tollgate.credits.ledger.StoreException;
import java.nio.file.Path;
import java.util.OptionalLong;

/** Another process, or another part of this one, writes in the data directory. Nothing was changed. */
public final class DataDirectoryBusyException extends StoreException {
    private static final long serialVersionUID = 1L;

    private final String directory;
    private final long pid;

    DataDirectoryBusyException(Path directory, DirectoryLock.Holder holder) {
        super(
                directory + " is in use by " + holder
                        + ": talk to it with --url, or stop it first; nothing was changed",
                null);
        this.directory = directory.toString();
        this.pid = holder.pid();
    }

    public Path directory() {
        return Path.of(directory);
    }

    /** The holder's process id; empty in the instant in which it has the lock and hasn't written its name yet. */
    public OptionalLong pid() {
        return pid > 0 ? OptionalLong.of(pid) : OptionalLong.empty();
    }
}
