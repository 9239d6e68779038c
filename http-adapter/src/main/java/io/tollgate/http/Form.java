package io.tollgate.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.MultiPart;
import org.eclipse.jetty.http.MultiPartConfig;
import org.eclipse.jetty.http.MultiPartFormData;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.util.Promise;
import org.jspecify.annotations.Nullable;

/** A form with files, as browsers and curl send it: files lie on disk, and are gone when this is closed. */
final class Form implements AutoCloseable {
    private static final int MAX_PARTS = 32;
    private static final int IN_MEMORY = 16 * 1024;
    private static final int MAX_HEADERS = 8 * 1024;

    private final MultiPartFormData.Parts parts;

    private Form(MultiPartFormData.Parts parts) {
        this.parts = parts;
    }

    /**
     * Reads one, on no thread while it comes.
     *
     * @param executor does what follows; it may block
     */
    static CompletableFuture<Form> read(Call call, Path directory, long maxBytes, Executor executor) {
        return read(call, directory, maxBytes, maxBytes, MAX_PARTS, executor);
    }

    /**
     * Reads one with many files.
     *
     * @param maxBytes the largest file
     * @param maxInAll the most bytes of all files together
     * @param maxParts the most files and fields
     */
    static CompletableFuture<Form> read(
            Call call, Path directory, long maxBytes, long maxInAll, int maxParts, Executor executor) {
        String type = call.header(HttpHeader.CONTENT_TYPE.asString()).orElse("");
        Request request = call.request();
        if (!type.toLowerCase(Locale.ROOT).startsWith("multipart/form-data")
                || MultiPart.extractBoundary(type) == null) {
            throw new ProblemException(Problem.of(
                    415,
                    "unsupported_media_type",
                    "the body must be multipart/form-data with its files as parts, such as 'file'"));
        }
        long most = maxInAll + (long) maxParts * IN_MEMORY;
        if (request.getLength() > most) {
            throw new ProblemException(tooLarge(maxBytes));
        }
        MultiPartConfig config = new MultiPartConfig.Builder()
                .location(directory)
                .maxParts(maxParts)
                .maxMemoryPartSize(IN_MEMORY)
                .maxPartSize(maxBytes)
                .maxSize(most)
                .maxHeadersSize(MAX_HEADERS)
                .useFilesForPartsWithoutFileName(false)
                .build();
        CompletableFuture<MultiPartFormData.Parts> whole = new CompletableFuture<>();
        MultiPartFormData.onParts(request, request, type, config, Promise.Invocable.toPromise(whole));
        return whole.handleAsync(
                (parts, problem) -> {
                    if (problem != null) {
                        // or Jetty asks for the parts once more when the answer is written, and stumbles
                        request.removeAttribute(MultiPartFormData.class.getName());
                        throw new ProblemException(told(problem, maxBytes));
                    }
                    return new Form(parts);
                },
                executor);
    }

    private static Problem tooLarge(long maxBytes) {
        return Problem.of(413, "payload_too_large", "a file has at most " + maxBytes + " bytes");
    }

    private static Problem told(Throwable problem, long maxBytes) {
        for (Throwable cause = problem; cause != null; cause = cause.getCause()) {
            boolean large = cause instanceof HttpException http && http.getCode() == 413;
            if (large || String.valueOf(cause.getMessage()).contains("max")) { // as Jetty's parser says
                return tooLarge(maxBytes);
            }
        }
        return Problem.of(400, "bad_request", "the form is not well formed, or did not come to its end");
    }

    /** The first part of that name; others may have none. */
    private MultiPart.@Nullable Part first(String name) {
        for (MultiPart.Part part : parts) {
            if (name.equals(part.getName())) {
                return part;
            }
        }
        return null;
    }

    /** A field's text, at most so long; empty if it isn't there. */
    Optional<String> text(String name, int maxLength) {
        MultiPart.Part part = first(name);
        if (part == null) {
            return Optional.empty();
        }
        if (part.getFileName() != null || part.getLength() > 4L * maxLength) { // a file is not read into memory
            throw new ProblemException(Problem.invalid(name, "must be a text of at most " + maxLength + " characters"));
        }
        String text;
        try (InputStream bytes = new Upload(part).open()) {
            text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes.readAllBytes()))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new ProblemException(Problem.invalid(name, "must be a text in UTF-8"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (text.length() > maxLength) {
            throw new ProblemException(Problem.invalid(name, "must be at most " + maxLength + " characters"));
        }
        return text.isBlank() ? Optional.empty() : Optional.of(text.strip());
    }

    /** The file of that name. */
    Optional<Upload> file(String name) {
        MultiPart.Part part = first(name);
        return part == null ? Optional.empty() : Optional.of(new Upload(part));
    }

    /** All files, in their order; parts without a file's name are none. */
    List<Upload> files() {
        List<Upload> files = new ArrayList<>();
        for (MultiPart.Part part : parts) {
            if (part.getFileName() != null) {
                files.add(new Upload(part));
            }
        }
        return files;
    }

    /** A file of the form. */
    static final class Upload {
        private final MultiPart.Part part;

        Upload(MultiPart.Part part) {
            this.part = part;
        }

        /** What its sender calls it; anything. */
        Optional<String> name() {
            return Optional.ofNullable(part.getFileName());
        }

        /** What its sender says it is, or that nobody knows. */
        String contentType() {
            String told = part.getHeaders().get(HttpHeader.CONTENT_TYPE);
            return told == null || !told.matches("[a-z0-9.+-]{1,60}/[a-z0-9.+-]{1,60}")
                    ? "application/octet-stream"
                    : told;
        }

        /** Its bytes, as often as asked. */
        InputStream open() throws IOException {
            return Content.Source.asInputStream(part.createContentSource());
        }
    }

    @Override
    public void close() {
        parts.close();
    }
}
