package io.tollgate.java2d;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.queue.media.MediaInspector;
import io.tollgate.queue.media.MediaInspectorContract;
import io.tollgate.queue.media.PixelSize;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FilmInspectorTest extends MediaInspectorContract {
    @TempDir
    private Path films;

    @Override
    protected MediaInspector inspector() {
        return new FilmInspector();
    }

    @Override
    protected Map<String, byte[]> sound() throws IOException {
        Path film = films.resolve("film.mp4");
        try (Mp4Writer writer = new Mp4Writer(film, 320, 240, 10, new StopSign())) {
            writer.add(Picture.empty(320, 240).pixels());
            writer.finish();
        }
        return Map.of(
                "video/mp4",
                Files.readAllBytes(film),
                "video/quicktime",
                box("moov", box("trak", tkhd(0, 0)), box("trak", tkhd(1920, 1080)), box("trak", tkhd(64, 64))));
    }

    @Override
    protected Map<String, PixelSize> sizes() {
        return Map.of("video/mp4", new PixelSize(320, 240), "video/quicktime", new PixelSize(1920, 1080));
    }

    @Override
    protected Map<String, byte[]> unfit() {
        return Map.of();
    }

    @Test
    void pixels_ofManyOrEndlessBoxes_areNotLookedForForever() throws IOException {
        ByteBuffer many = ByteBuffer.allocate(8 * 5_000);
        while (many.hasRemaining()) {
            many.put(box("free"));
        }
        Path file = Files.write(films.resolve("many.mp4"), many.array());
        try (var appended = Files.newOutputStream(file, java.nio.file.StandardOpenOption.APPEND)) {
            appended.write(box("moov", box("trak", tkhd(10, 10))));
        }

        assertThat(inspector().pixels(file, "video/mp4")).isEmpty();
        assertThat(inspector()
                        .pixels(
                                Files.write(file, box("moov", new byte[] {0, 0, 0, 1, 'm', 'o', 'o', 'v'})),
                                "video/mp4"))
                .isEmpty();
    }

    private static byte[] tkhd(int width, int height) {
        return box(
                "tkhd",
                ByteBuffer.allocate(84)
                        .putInt(76, width << 16)
                        .putInt(80, height << 16)
                        .array());
    }

    private static byte[] box(String type, byte[]... content) {
        int length = 8;
        for (byte[] part : content) {
            length += part.length;
        }
        ByteBuffer box = ByteBuffer.allocate(length).putInt(length).put(type.getBytes(StandardCharsets.US_ASCII));
        for (byte[] part : content) {
            box.put(part);
        }
        return box.array();
    }
}
