package io.tollgate.queue.media;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;

/**
 * Tells what a file is from how it begins, whatever its name or its sender says. It knows pictures, films and sounds
 * that browsers show; everything else is {@value #UNKNOWN}. That a file begins like a picture doesn't mean that it is a
 * sound one.
 */
public final class ContentTypes {
    /** The type of what isn't known. */
    public static final String UNKNOWN = "application/octet-stream";

    /** How many bytes from the start are looked at. */
    public static final int HEAD = 64;

    private static final Map<String, String> EXTENSIONS = Map.ofEntries(
            Map.entry("image/jpeg", ".jpg"),
            Map.entry("image/png", ".png"),
            Map.entry("image/webp", ".webp"),
            Map.entry("image/gif", ".gif"),
            Map.entry("video/mp4", ".mp4"),
            Map.entry("video/webm", ".webm"),
            Map.entry("audio/wav", ".wav"),
            Map.entry("audio/mpeg", ".mp3"),
            Map.entry("audio/ogg", ".ogg"));

    /** Major brands of MP4 films, from https://mp4ra.org; other brands are sounds, stills (HEIC, AVIF) or QuickTime. */
    private static final Set<String> MP4_BRANDS = Set.of(
            "isom", "iso2", "iso3", "iso4", "iso5", "iso6", "iso7", "iso8", "iso9", "mp41", "mp42", "avc1", "dash",
            "MSNV", "M4V ", "M4VH", "M4VP");

    private ContentTypes() {}

    /**
     * The media type of a file that begins with these bytes.
     *
     * @param head the first {@value #HEAD} bytes, or all if there are fewer; more don't matter
     */
    public static String sniff(byte[] head) {
        // Latin-1 maps bytes to chars one to one
        String start = new String(head, 0, Math.min(head.length, HEAD), StandardCharsets.ISO_8859_1);
        if (start.startsWith("\u00FF\u00D8\u00FF")) {
            return "image/jpeg";
        }
        if (start.startsWith("\u0089PNG\r\n\u001A\n")) {
            return "image/png";
        }
        if (start.startsWith("GIF87a") || start.startsWith("GIF89a")) {
            return "image/gif";
        }
        if (start.startsWith("RIFF")) {
            return start.startsWith("WEBP", 8) ? "image/webp" : start.startsWith("WAVE", 8) ? "audio/wav" : UNKNOWN;
        }
        if (start.startsWith("ftyp", 4) && start.length() >= 12) {
            return MP4_BRANDS.contains(start.substring(8, 12)) ? "video/mp4" : UNKNOWN;
        }
        if (start.startsWith("\u001AE\u00DF\u00A3")) {
            // EBML: the document type is element 42 82, with its length; Matroska says "matroska" here
            return start.contains("B\u0082\u0084webm") ? "video/webm" : UNKNOWN;
        }
        if (start.startsWith("OggS")) {
            return isOggAudio(start) ? "audio/ogg" : UNKNOWN;
        }
        return start.startsWith("ID3") || isMp3Frame(start) ? "audio/mpeg" : UNKNOWN;
    }

    /**
     * The media type of what {@code bytes} will give; nothing is taken from it.
     *
     * @param bytes a stream that supports {@link InputStream#mark}
     */
    public static String sniff(InputStream bytes) throws IOException {
        if (!bytes.markSupported()) {
            throw new IllegalArgumentException("need a stream that supports mark: " + bytes);
        }
        bytes.mark(HEAD);
        byte[] head = bytes.readNBytes(HEAD);
        bytes.reset();
        return sniff(head);
    }

    /** The usual end of a file name of that type, with its dot; {@code .bin} for an unknown one. */
    public static String extension(String contentType) {
        return EXTENSIONS.getOrDefault(contentType, ".bin");
    }

    /** The first packet, behind the page's header of 27 bytes and one byte of lengths, names the codec. */
    private static boolean isOggAudio(String start) {
        return start.startsWith("\u0001vorbis", 28)
                || start.startsWith("OpusHead", 28)
                || start.startsWith("Speex   ", 28)
                || start.startsWith("\u007FFLAC", 28);
    }

    /** The header of an MPEG frame of layer III: 11 set bits, then fields none of which has its forbidden value. */
    private static boolean isMp3Frame(String start) {
        if (start.length() < 4) {
            return false;
        }
        char second = start.charAt(1);
        char third = start.charAt(2);
        return start.charAt(0) == 0xFF
                && (second & 0xE0) == 0xE0
                && (second & 0x18) != 0x08
                && (second & 0x06) == 0x02
                && (third & 0xF0) != 0xF0
                && (third & 0xF0) != 0
                && (third & 0x0C) != 0x0C;
    }
}
