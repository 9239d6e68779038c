package io.tollgate.java2d;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.tollgate.queue.media.MediaInspector;
import io.tollgate.queue.media.MediaInspectorContract;
import io.tollgate.queue.media.PixelSize;
import java.util.Map;

final class PictureInspectorTest extends MediaInspectorContract {
    @Override
    protected MediaInspector inspector() {
        return new PictureInspector(new Java2dLimits(320 * 200, 1000, 1000));
    }

    @Override
    protected Map<String, byte[]> sound() {
        return Map.of(
                "image/jpeg", Photos.jpeg(320, 200),
                "image/png", Photos.png(320, 200),
                "image/gif", Photos.gif(320, 200));
    }

    @Override
    protected Map<String, PixelSize> sizes() {
        PixelSize size = new PixelSize(320, 200);
        return Map.of("image/jpeg", size, "image/png", size, "image/gif", size);
    }

    @Override
    protected Map<String, byte[]> unfit() {
        return Map.of(
                "image/jpeg", Photos.jpeg(321, 200),
                "image/png", "\u0089PNG\r\n\u001A\n????".getBytes(ISO_8859_1),
                "image/gif", Photos.gif(320, 201));
    }
}
