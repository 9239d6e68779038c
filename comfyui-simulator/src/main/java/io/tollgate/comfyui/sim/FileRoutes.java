package io.tollgate.comfyui.sim;

import com.fasterxml.jackson.databind.JsonNode;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** {@code /view} and {@code /upload}: files going out and in. */
final class FileRoutes {

    private static final Map<String, String> TYPES = Map.ofEntries(
            Map.entry("png", "image/png"),
            Map.entry("jpg", "image/jpeg"),
            Map.entry("jpeg", "image/jpeg"),
            Map.entry("webp", "image/webp"),
            Map.entry("gif", "image/gif"),
            Map.entry("svg", "image/svg+xml"),
            Map.entry("mp4", "video/mp4"),
            Map.entry("webm", "video/webm"),
            Map.entry("flac", "audio/x-flac"),
            Map.entry("mp3", "audio/mpeg"),
            Map.entry("wav", "audio/x-wav"),
            Map.entry("txt", "text/plain"),
            Map.entry("json", "application/json"));
    private static final Pattern RANGE = Pattern.compile("bytes=(\\d*)-(\\d*)");

    private final FileRoom files;
    private final ComfyVersion version;

    FileRoutes(FileRoom files, ComfyVersion version) {
        this.files = files;
        this.version = version;
    }

    Reply view(Call call) throws IOException {
        @Nullable String asked = call.query("filename");
        if (asked == null) {
            return Reply.empty(404);
        }
        FileRoom.Annotated annotated = FileRoom.Annotated.of(asked);
        String name = annotated.name();
        if (name.isEmpty() || name.startsWith("/") || name.contains("..")) {
            return Reply.empty(400);
        }
        @Nullable String type = annotated.type() == null ? call.query("type") : annotated.type();
        Optional<Path> top = files.folder(type == null ? "output" : type);
        if (top.isEmpty()) {
            return Reply.empty(400);
        }
        @Nullable String subfolder = call.query("subfolder");
        if ((subfolder + name).indexOf('\0') >= 0) {
            return Reply.empty(404);
        }
        Optional<Path> folder = FileRoom.below(top.get(), subfolder == null ? "" : subfolder);
        if (folder.isEmpty()) {
            return Reply.empty(403);
        }
        String baseName = name.substring(name.lastIndexOf('/') + 1);
        Path file = folder.get().resolve(baseName);
        if (!Files.isRegularFile(file)) {
            return Reply.empty(404);
        }
        String disposition = "filename=\"" + baseName + "\"";
        @Nullable String preview = call.query("preview");
        if (preview != null) {
            return preview(file, preview).with("Content-Disposition", disposition);
        }
        @Nullable String channel = call.query("channel");
        if (channel != null && !channel.equals("rgba")) {
            return channel(file, channel).with("Content-Disposition", disposition);
        }
        return whole(call, file, disposition);
    }

    /** A preview. Java writes no WebP, so one that was asked for comes as PNG, and says so. */
    private static Reply preview(Path file, String wanted) throws IOException {
        BufferedImage image = read(file);
        return wanted.startsWith("jpeg")
                ? Reply.bytes(200, "image/jpeg", Pictures.encoded(Pictures.rgb(image), "jpg"))
                : Reply.bytes(200, "image/png", Pictures.encoded(image, "png"));
    }

    private static Reply channel(Path file, String channel) throws IOException {
        BufferedImage image = read(file);
        BufferedImage out = channel.equals("rgb")
                ? Pictures.rgb(image)
                : Pictures.withAlphaOf(Pictures.filled(image.getWidth(), image.getHeight(), 0), image);
        return Reply.bytes(200, "image/png", Pictures.encoded(out, "png"));
    }

    private static BufferedImage read(Path file) throws IOException {
        return Pictures.read(Files.readAllBytes(file), file.toString()).get(0);
    }

    private Reply whole(Call call, Path file, String disposition) throws IOException {
        long size = Files.size(file);
        FileTime changed = Files.getLastModifiedTime(file);
        String etag = "\"" + Long.toHexString(changed.to(TimeUnit.NANOSECONDS)) + "-" + Long.toHexString(size) + "\"";
        String lastModified = DateTimeFormatter.RFC_1123_DATE_TIME.format(
                changed.toInstant().truncatedTo(ChronoUnit.SECONDS).atOffset(ZoneOffset.UTC));
        String name = file.getFileName().toString();
        String ending = name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
        boolean active = List.of("html", "htm", "js", "css", "svg", "xml").contains(ending);
        String type = TYPES.getOrDefault(ending, "application/octet-stream");
        Reply reply = new Reply(200, Map.of(), Bytes.NONE, new Reply.FilePart(file, 0, size), false)
                .with("Content-Disposition", disposition)
                .with("Content-Type", type);
        if (active && version.sendsActiveTypesAsAttachment()) {
            reply = reply.with("Content-Disposition", "attachment; " + disposition)
                    .with("Content-Type", "application/octet-stream")
                    .with("X-Content-Type-Options", "nosniff");
        }
        Matcher range = RANGE.matcher(String.valueOf(call.header("range")));
        boolean ranged = range.matches() && !(range.group(1) + range.group(2)).isEmpty();
        long from = 0;
        long to = size - 1;
        if (ranged) {
            boolean tail = range.group(1).isEmpty();
            from = tail ? Math.max(0, size - Long.parseLong(range.group(2))) : Long.parseLong(range.group(1));
            to = tail || range.group(2).isEmpty() ? size - 1 : Math.min(size - 1, Long.parseLong(range.group(2)));
            if (from > to) {
                return new Reply(416, reply.headers(), Bytes.NONE, null, true).with("Content-Range", "bytes */" + size);
            }
        }
        reply = reply.with("Etag", etag).with("Last-Modified", lastModified);
        if (etag.equals(call.header("if-none-match")) || notModified(call, changed)) {
            return new Reply(304, reply.headers(), Bytes.NONE, null, false);
        }
        reply = reply.with("Accept-Ranges", "bytes");
        if (ranged) {
            return new Reply(206, reply.headers(), Bytes.NONE, new Reply.FilePart(file, from, to - from + 1), false)
                    .with("Content-Range", "bytes " + from + "-" + to + "/" + size);
        }
        return reply;
    }

    private static boolean notModified(Call call, FileTime changed) {
        @Nullable String since = call.header("if-modified-since");
        if (since == null || call.header("if-none-match") != null) {
            return false;
        }
        try {
            Instant known = Instant.from(DateTimeFormatter.RFC_1123_DATE_TIME.parse(since));
            return !changed.toInstant().truncatedTo(ChronoUnit.SECONDS).isAfter(known);
        } catch (DateTimeParseException e) {
            return false;
        }
    }

    Reply upload(Call call, boolean mask) throws IOException {
        Map<String, Multipart.Part> parts =
                Multipart.parts(call.header("content-type"), call.body().array());
        Multipart.@Nullable Part image = parts.get("image");
        if (image == null) {
            return Reply.empty(400);
        }
        String name = image.fileName();
        if (name == null || name.startsWith("/")) {
            return Reply.broken();
        }
        if (name.isEmpty()) {
            return Reply.empty(400);
        }
        String type = parts.containsKey("type") ? parts.get("type").text() : "input";
        Optional<Path> top = files.folder(type);
        if (top.isEmpty()) {
            return Reply.broken();
        }
        String subfolder =
                parts.containsKey("subfolder") ? parts.get("subfolder").text() : "";
        Optional<Path> target = FileRoom.below(top.get(), subfolder, name);
        if (target.isEmpty() || target.get().equals(top.get())) {
            return Reply.empty(400);
        }
        Path folder = top.get().resolve(subfolder).normalize();
        Files.createDirectories(folder);
        @Nullable Path parent = target.get().getParent();
        if (parent == null || !Files.isDirectory(parent)) {
            return Reply.broken();
        }
        byte[] content = mask ? masked(parts, image) : image.content().array();
        String overwrite =
                parts.containsKey("overwrite") ? parts.get("overwrite").text() : "";
        String finalName = name;
        if (!overwrite.equals("true") && !overwrite.equals("1")) {
            finalName = freeName(folder, name, content);
        }
        Files.write(folder.resolve(finalName), content);
        return Reply.json(
                Json.object().put("name", finalName).put("subfolder", subfolder).put("type", type));
    }

    /** The name itself, or with a number behind it, until it is free or has the same bytes. */
    private static String freeName(Path folder, String name, byte[] content) throws IOException {
        int dot = name.lastIndexOf('.');
        String stem = dot > 0 ? name.substring(0, dot) : name;
        String ending = dot > 0 ? name.substring(dot) : "";
        String free = name;
        for (int i = 1; Files.exists(folder.resolve(free)); i++) {
            if (Arrays.equals(Files.readAllBytes(folder.resolve(free)), content)) {
                break;
            }
            free = stem + " (" + i + ")" + ending;
        }
        return free;
    }

    private byte[] masked(Map<String, Multipart.Part> parts, Multipart.Part mask) throws IOException {
        if (!parts.containsKey("original_ref")) {
            throw new PythonError("KeyError", "'original_ref'");
        }
        JsonNode reference = Json.read(parts.get("original_ref").content().array());
        String type = reference.path("type").asText("output");
        Optional<Path> original = files.folder(type)
                .flatMap(top -> FileRoom.below(
                        top,
                        reference.path("subfolder").asText(""),
                        reference.path("filename").asText()))
                .filter(Files::isRegularFile);
        if (original.isEmpty()) {
            return mask.content().array();
        }
        BufferedImage alpha = Pictures.read(mask.content().array(), "mask").get(0);
        return Pictures.encoded(Pictures.withAlphaOf(read(original.get()), alpha), "png");
    }
}
