package io.tollgate.queue.media;

import io.tollgate.credits.account.UserId;
import io.tollgate.queue.job.AssetId;
import io.tollgate.queue.job.ContentHash;
import io.tollgate.queue.job.JobId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32;

/**
 * The small file that says what an asset is: one {@code key=value} a line, always the same keys in the same order, and
 * a checksum at the end that finds what was cut or overwritten. Names have no line breaks, so nothing is quoted.
 */
final class AssetFile {
    private static final String VERSION = "tollgate-asset=2";
    private static final List<String> KEYS =
            List.of("id", "owner", "name", "content-type", "size", "hash", "created", "expires", "job", "tags");
    private static final String CHECK = "crc32=";
    private static final String NEVER = "never";
    private static final String NONE = "none";
    private static final String BETWEEN_TAGS = "\t"; // no tag has one

    private AssetFile() {}

    static String format(Asset asset) {
        List<String> values = List.of(
                asset.id().toString(),
                asset.owner().value(),
                asset.name(),
                asset.contentType(),
                Long.toString(asset.sizeBytes()),
                asset.hash().toString(),
                asset.createdAt().toString(),
                asset.expiresAt().map(Instant::toString).orElse(NEVER),
                asset.job().map(JobId::toString).orElse(NONE),
                String.join(BETWEEN_TAGS, asset.tags()));
        StringBuilder text = new StringBuilder(VERSION).append('\n');
        for (int i = 0; i < KEYS.size(); i++) {
            text.append(KEYS.get(i)).append('=').append(values.get(i)).append('\n');
        }
        String crc32 = crc32(text.toString());
        return text.append(CHECK).append(crc32).append('\n').toString();
    }

    /**
     * Reads what {@link #format} wrote.
     *
     * @param file where it was read, for the message
     * @throws DamagedFileException names the file if it is anything else
     */
    static Asset parse(byte[] bytes, Path file) throws IOException {
        try {
            // strict: a lenient decoder would turn damage into other characters
            return parse(StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString());
        } catch (CharacterCodingException | IllegalArgumentException | DateTimeException e) {
            throw new DamagedFileException(file, String.valueOf(e.getMessage()), e);
        }
    }

    private static Asset parse(String text) {
        int check = text.lastIndexOf(CHECK);
        if (check < 0 || !text.substring(check).equals(CHECK + crc32(text.substring(0, check)) + "\n")) {
            throw new IllegalArgumentException("its checksum is missing or wrong");
        }
        String[] lines = text.substring(0, check).split("\n", -1);
        if (lines.length != KEYS.size() + 2 || !lines[0].equals(VERSION)) {
            throw new IllegalArgumentException("it does not have the lines of " + VERSION);
        }
        String expires = value(lines, 7);
        String job = value(lines, 8);
        String tags = value(lines, 9);
        return new Asset(
                AssetId.parse(value(lines, 0)),
                new UserId(value(lines, 1)),
                value(lines, 2),
                value(lines, 3),
                Long.parseLong(value(lines, 4)),
                ContentHash.parse(value(lines, 5)),
                Instant.parse(value(lines, 6)),
                expires.equals(NEVER) ? Optional.empty() : Optional.of(Instant.parse(expires)),
                job.equals(NONE) ? Optional.empty() : Optional.of(JobId.parse(job)),
                tags.isEmpty() ? List.of() : List.of(tags.split(BETWEEN_TAGS, -1)));
    }

    private static String value(String[] lines, int key) {
        String prefix = KEYS.get(key) + "=";
        String line = lines[key + 1];
        if (!line.startsWith(prefix)) {
            throw new IllegalArgumentException("it has no " + KEYS.get(key));
        }
        return line.substring(prefix.length());
    }

    private static String crc32(String text) {
        CRC32 crc = new CRC32();
        crc.update(text.getBytes(StandardCharsets.UTF_8));
        return String.format("%08x", crc.getValue());
    }
}
