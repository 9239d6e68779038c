package io.tollgate.comfyui.sim;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The fields of a {@code multipart/form-data} body (RFC 7578), as far as ComfyUI's clients send them. */
final class Multipart {

    private static final Pattern BOUNDARY = Pattern.compile("boundary=\"?([^\";]+)\"?");
    private static final Pattern NAME = Pattern.compile("[; ]name=\"([^\"]*)\"");
    private static final Pattern FILE_NAME = Pattern.compile("filename=\"([^\"]*)\"");

    private Multipart() {}

    /** One field: a file if it has a file name. */
    record Part(Bytes content, @Nullable String fileName) {
        String text() {
            return new String(content.array(), StandardCharsets.UTF_8);
        }
    }

    /** The parts by name; none at all if it is no such body. */
    static Map<String, Part> parts(@Nullable String contentType, byte[] body) {
        Map<String, Part> parts = new LinkedHashMap<>();
        Matcher boundary = BOUNDARY.matcher(contentType == null ? "" : contentType);
        if (contentType == null || !contentType.startsWith("multipart/") || !boundary.find()) {
            return parts;
        }
        // ISO 8859-1 keeps each byte as one char, so that offsets in the text are offsets in the body.
        String text = new String(body, StandardCharsets.ISO_8859_1);
        String mark = "--" + boundary.group(1);
        int at = text.indexOf(mark);
        while (at >= 0) {
            int head = at + mark.length() + 2;
            int next = text.indexOf("\r\n" + mark, head - 2);
            int start = text.indexOf("\r\n\r\n", head);
            if (next < 0 || start < 0 || start + 4 > next) {
                break;
            }
            String header = new String(
                    text.substring(head, start).getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
            Matcher name = NAME.matcher(header);
            Matcher fileName = FILE_NAME.matcher(header);
            if (name.find()) {
                byte[] content = text.substring(start + 4, next).getBytes(StandardCharsets.ISO_8859_1);
                parts.put(name.group(1), new Part(Bytes.of(content), fileName.find() ? fileName.group(1) : null));
            }
            at = next + 2;
        }
        return parts;
    }
}
