package io.tollgate.sql;

import io.tollgate.sql.DatabaseUnavailableException.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * The right to write in a data directory: a lock that the operating system keeps on {@code tollgate.lock} and drops
 * when the process ends, however it ends. The file says who has it; it stays behind, and means nothing without the
 * lock.
 *
 * <p>Safe for use by many threads.
 */
final class DirectoryLock implements AutoCloseable {
    static final String FILE = "tollgate.lock";

    /*
     * POSIX drops a process's locks on a file as soon as it closes ANY descriptor of that file. So a second attempt
     * inside this process must not even open it: this map answers first. Keyed by real path.
     */
    private static final ConcurrentMap<Path, Holder> HELD = new ConcurrentHashMap<>();

    /* Far behind the text, so that others can read it where locks are mandatory, as on Windows. */
    private static final long LOCKED_BYTE = Long.MAX_VALUE - 1;
    private static final int MAX_TEXT_BYTES = 4096;

    private final Path key;
    private final FileChannel channel;

    private DirectoryLock(Path key, FileChannel channel) {
        this.key = key;
        this.channel = channel;
    }

    /**
     * Takes the lock at once or not at all.
     *
     * @param directory exists
     * @param command what the holder is, for the message that others get; no secrets
     * @throws DataDirectoryBusyException if another has it
     * @throws DatabaseUnavailableException if the lock file can't be written
     */
    static DirectoryLock acquire(Path directory, String command) {
        Path file = directory.resolve(FILE);
        try {
            Path key = directory.toRealPath();
            Holder self = Holder.self(command);
            Holder other = HELD.putIfAbsent(key, self);
            if (other != null) {
                throw new DataDirectoryBusyException(directory, other);
            }
            try {
                return new DirectoryLock(key, lock(directory, file, self));
            } catch (Throwable e) {
                HELD.remove(key);
                throw e;
            }
        } catch (AccessDeniedException e) {
            throw new DatabaseUnavailableException(
                    Reason.READ_ONLY, directory + " may not be written by this user: " + e.getMessage(), e);
        } catch (FileSystemException e) {
            Reason reason = String.valueOf(e.getReason()).contains("Read-only") ? Reason.READ_ONLY : Reason.CANNOT_OPEN;
            throw new DatabaseUnavailableException(reason, "can't lock " + directory + ": " + e.getMessage(), e);
        } catch (IOException e) {
            throw new DatabaseUnavailableException(Reason.IO, "can't lock " + directory + ": " + e, e);
        }
    }

    private static FileChannel lock(Path directory, Path file, Holder self) throws IOException {
        FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        try {
            FileLock lock = channel.tryLock(LOCKED_BYTE, 1, false);
            if (lock == null) {
                throw new DataDirectoryBusyException(directory, Holder.read(channel));
            }
            channel.truncate(0);
            ByteBuffer text = StandardCharsets.UTF_8.encode(self.text());
            while (text.hasRemaining()) {
                channel.write(text);
            }
            return channel;
        } catch (Throwable e) {
            channel.close();
            throw e;
        }
    }

    /** Gives the lock back. Twice is fine. */
    @Override
    public void close() {
        if (!channel.isOpen()) {
            return;
        }
        try {
            channel.close();
        } catch (IOException e) {
            throw new DatabaseUnavailableException(Reason.IO, "can't unlock " + key + ": " + e.getMessage(), e);
        } finally {
            HELD.remove(key);
        }
    }

    /**
     * Who has the lock.
     *
     * @param pid 0 if not known
     */
    record Holder(long pid, String started, String command) {
        private static final Holder UNKNOWN = new Holder(0, "", "");

        static Holder self(String command) {
            ProcessHandle process = ProcessHandle.current();
            String started =
                    process.info().startInstant().map(Instant::toString).orElse("");
            return new Holder(
                    process.pid(), started, command.lines().findFirst().orElse(""));
        }

        String text() {
            return "pid " + pid + "\nstarted " + started + "\ncommand " + command + "\n";
        }

        static Holder read(FileChannel channel) throws IOException {
            ByteBuffer bytes = ByteBuffer.allocate(MAX_TEXT_BYTES);
            int read = 0;
            while (bytes.hasRemaining() && read >= 0) {
                read = channel.read(bytes, bytes.position());
            }
            return parse(StandardCharsets.UTF_8.decode(bytes.flip()).toString());
        }

        private static Holder parse(String text) {
            String[] lines = text.split("\n", -1);
            if (lines.length < 4 || !lines[0].matches("pid \\d{1,18}")) {
                return UNKNOWN;
            }
            return new Holder(
                    Long.parseLong(lines[0].substring("pid ".length())),
                    lines[1].replaceFirst("^started ", ""),
                    lines[2].replaceFirst("^command ", ""));
        }

        @Override
        public String toString() {
            if (pid == 0) {
                return "another process";
            }
            return "process " + pid + " ("
                    + (command.isEmpty() ? "" : command + ", ")
                    + "started " + (started.isEmpty() ? "at an unknown time" : started) + ")";
        }
    }
}
