package io.tollgate.app.container;

import io.tollgate.app.config.ConfigException;
import io.tollgate.app.config.Problem;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The file with what API keys are hashed with, {@code key.secret} in the data directory: 32 random bytes as hex digits,
 * made once, for its owner's eyes. Without it no key is recognized any more. Used by whoever holds the directory's
 * lock.
 */
final class KeySecretFile {
    static final String NAME = "key.secret";

    private static final int BYTES = 32;
    private static final Pattern SHAPE = Pattern.compile("[0-9a-f]{" + 2 * BYTES + "}");
    private static final Set<PosixFilePermission> OWNERS =
            EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);

    private final Path file;

    KeySecretFile(Path dataDirectory) {
        this.file = dataDirectory.resolve(NAME);
    }

    /**
     * The bytes, made if the file isn't there.
     *
     * @throws ConfigException if something else stands in it
     * @throws UncheckedIOException if it can't be read or written
     */
    byte[] readOrMake(SecureRandom random) {
        try {
            if (!Files.exists(file)) {
                make(random);
            }
            String text = Files.readString(file, StandardCharsets.ISO_8859_1).strip();
            if (!SHAPE.matcher(text).matches()) {
                throw new ConfigException(List.of(new Problem(
                        file.toString(),
                        "must have " + 2 * BYTES
                                + " hex digits; put it back from a backup, or remove it and make all API"
                                + " keys anew")));
            }
            return HexFormat.of().parseHex(text);
        } catch (IOException e) {
            throw new UncheckedIOException("can't read or write " + file + ": " + e, e);
        }
    }

    /** Whole or not at all: a half would lock everybody out. */
    private void make(SecureRandom random) throws IOException {
        Files.createDirectories(file.toAbsolutePath().getParent());
        Path partial = file.resolveSibling(NAME + ".partial");
        Files.deleteIfExists(partial);
        byte[] secret = new byte[BYTES];
        random.nextBytes(secret);
        boolean posix = Files.getFileStore(file.toAbsolutePath().getParent()).supportsFileAttributeView("posix");
        FileAttribute<?>[] owners =
                posix ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(OWNERS)} : new FileAttribute<?>[0];
        try (FileChannel channel =
                FileChannel.open(partial, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), owners)) {
            ByteBuffer text =
                    ByteBuffer.wrap((HexFormat.of().formatHex(secret) + "\n").getBytes(StandardCharsets.ISO_8859_1));
            while (text.hasRemaining()) {
                channel.write(text);
            }
            channel.force(true);
        }
        Files.move(partial, file, StandardCopyOption.ATOMIC_MOVE);
    }
}
