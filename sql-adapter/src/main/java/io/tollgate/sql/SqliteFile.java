package io.tollgate.sql;

import io.tollgate.sql.DatabaseUnavailableException.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.Collections;
import java.util.Set;
import org.sqlite.SQLiteConfig;

/**
 * A database file seen from outside: what it is, before it is opened in a way that could change it or lay a log beside
 * it.
 *
 * <p>The header's fields are at fixed places: <a href="https://sqlite.org/fileformat.html#the_database_header">the
 * database header</a>.
 */
record SqliteFile(Path path) {
    /** "Toll" in ASCII. */
    static final int APPLICATION_ID = 0x546f6c6c;

    private static final byte[] MAGIC = "SQLite format 3\0".getBytes(StandardCharsets.US_ASCII);
    private static final int HEADER_BYTES = 100;
    private static final int USER_VERSION_AT = 60;
    private static final int APPLICATION_ID_AT = 68;

    Path log() {
        return path.resolveSibling(path.getFileName() + "-wal");
    }

    /** True if there are committed pages that are not in the file itself. */
    boolean hasLog() {
        try {
            return Files.exists(log()) && Files.size(log()) > 0;
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    /** Its address for the driver; {@code parameters} as in SQLite's file URIs. */
    String url(String parameters) {
        return "jdbc:sqlite:" + path.toAbsolutePath().toUri() + parameters;
    }

    /** Makes an empty database that is ours. It appears whole or not at all. */
    void create() {
        if (Files.exists(log())) {
            throw new DatabaseCorruptException(
                    log() + " is there without " + path.getFileName() + ": put that back or move both away", null);
        }
        SqliteFile fresh = new SqliteFile(path.resolveSibling(path.getFileName() + ".new"));
        try {
            fresh.delete();
            SQLiteConfig config = new SQLiteConfig();
            config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
            try (Connection connection = config.createConnection(fresh.url(""));
                    Statement statement = connection.createStatement()) {
                statement.execute("PRAGMA application_id = " + APPLICATION_ID);
                statement.execute("PRAGMA journal_mode = WAL");
            }
            Files.move(fresh.path(), path, StandardCopyOption.ATOMIC_MOVE);
            syncDirectory();
        } catch (SQLException e) {
            throw SqlErrors.translate("can't create " + path, e);
        } catch (IOException e) {
            throw new DatabaseUnavailableException(Reason.CANNOT_OPEN, "can't create " + path + ": " + e, e);
        }
    }

    void delete() throws IOException {
        Files.deleteIfExists(path);
        for (String suffix : new String[] {"-journal", "-wal", "-shm"}) {
            Files.deleteIfExists(path.resolveSibling(path.getFileName() + suffix));
        }
    }

    /** Makes the file's content durable. */
    void sync() throws IOException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
    }

    /** Makes the file's name durable, where directories can be opened, as they can't on Windows. */
    void syncDirectory() throws IOException {
        Path directory = path.toAbsolutePath().getParent();
        if (directory == null || path.getFileSystem().getSeparator().equals("\\")) {
            return;
        }
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    /**
     * Looks whether the file is a sound database of ours, without changing anything.
     *
     * @param knownVersion the newest schema that this program knows
     * @throws NotTollgateDatabaseException if it is something else
     * @throws NewerSchemaException if it is newer
     * @throws DatabaseCorruptException if it is damaged so that it can't be opened
     */
    void check(int knownVersion) {
        ByteBuffer header = ByteBuffer.wrap(header());
        if (header.limit() < HEADER_BYTES || !Arrays.equals(MAGIC, Arrays.copyOf(header.array(), MAGIC.length))) {
            throw new NotTollgateDatabaseException(path, "it is no SQLite file");
        }
        if (header.getInt(APPLICATION_ID_AT) != APPLICATION_ID) {
            throw new NotTollgateDatabaseException(path, "another program made it");
        }
        checkVersion(header.getInt(USER_VERSION_AT), knownVersion);
        // Without a log the file is all there is, and "immutable" keeps SQLite from making one.
        String parameters = hasLog() ? "" : "?immutable=1";
        try (Connection connection = readOnly().createConnection(url(parameters));
                Statement statement = connection.createStatement()) {
            try (ResultSet tables = statement.executeQuery("SELECT count(*), max(length(sql)) FROM sqlite_master")) {
                tables.next();
            }
            try (ResultSet version = statement.executeQuery("PRAGMA user_version")) {
                checkVersion(version.next() ? version.getInt(1) : 0, knownVersion);
            }
        } catch (SQLException e) {
            throw SqlErrors.translate("can't read " + path, e);
        }
    }

    private void checkVersion(int found, int known) {
        if (found > known) {
            throw new NewerSchemaException(path.toString(), found, known);
        }
    }

    static SQLiteConfig readOnly() {
        SQLiteConfig config = new SQLiteConfig();
        config.setReadOnly(true);
        return config;
    }

    private byte[] header() {
        try (InputStream in = Files.newInputStream(path)) {
            return in.readNBytes(HEADER_BYTES);
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    private DatabaseUnavailableException unreadable(IOException e) {
        return new DatabaseUnavailableException(Reason.CANNOT_OPEN, "can't read " + path + ": " + e, e);
    }

    /**
     * Whether it may be written. One that nobody may write, by its permissions, was protected on purpose: a privileged
     * user could write it all the same, but doesn't.
     */
    boolean isWritable() {
        try {
            Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(path);
            return Files.isWritable(path)
                    && !Collections.disjoint(
                            permissions,
                            Set.of(
                                    PosixFilePermission.OWNER_WRITE,
                                    PosixFilePermission.GROUP_WRITE,
                                    PosixFilePermission.OTHERS_WRITE));
        } catch (UnsupportedOperationException | IOException e) {
            return Files.isWritable(path); // a file system without such permissions
        }
    }
}
