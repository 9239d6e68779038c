package io.tollgate.http;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.QuotedQualityCSV;
import org.eclipse.jetty.server.Request;

/**
 * Compresses documents (RFC 1952) for those who want it. What is answered lies there as a whole, so that its length
 * says at once whether it is worth it: a short answer costs a comparison, and streams and files never come here. A
 * handler around all calls would have to look at each of them, and hold back a part of it to know.
 */
final class Gzip {
    /** What is shorter is sent as it is. */
    static final int MIN_BYTES = 1024;

    private static final List<String> TYPES =
            List.of("application/json", "application/yaml", "text/html", "text/plain");

    private Gzip() {}

    /** Whether such an answer is compressed for those who want it. */
    static boolean isWorthIt(String contentType, int bytes) {
        return bytes >= MIN_BYTES && TYPES.stream().anyMatch(contentType::startsWith);
    }

    /** Whether a caller prefers it compressed to as it is (RFC 9110, section 12.5.3). */
    static boolean isWanted(Request request) {
        List<String> accepted = request.getHeaders().getValuesList(HttpHeader.ACCEPT_ENCODING);
        if (accepted.isEmpty()) {
            return false;
        }
        QuotedQualityCSV encodings = new QuotedQualityCSV();
        accepted.forEach(encodings::addValue);
        for (String encoding : encodings.getValues()) { // the best first, none that is refused
            if (encoding.equalsIgnoreCase("gzip") || encoding.equalsIgnoreCase("x-gzip")) {
                return true;
            } else if (encoding.equalsIgnoreCase("identity")) {
                return false;
            }
        }
        return false;
    }

    static byte[] compressed(byte[] bytes) {
        ByteArrayOutputStream compressed = new ByteArrayOutputStream(bytes.length / 4 + 64);
        try (OutputStream out = new Fast(compressed)) {
            out.write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException("memory can be written to", e);
        }
        return compressed.toByteArray();
    }

    /** With the quickest of the levels: a caller waits for it. */
    private static final class Fast extends GZIPOutputStream {
        Fast(OutputStream out) throws IOException {
            super(out, 8 * 1024);
            def.setLevel(Deflater.BEST_SPEED);
        }
    }
}
