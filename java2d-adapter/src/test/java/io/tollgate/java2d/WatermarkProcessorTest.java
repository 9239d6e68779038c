package io.tollgate.java2d;

import io.tollgate.queue.delivery.MediaProcessor;
import io.tollgate.queue.delivery.MediaProcessorContract;
import java.util.Map;

final class WatermarkProcessorTest extends MediaProcessorContract {
    @Override
    protected MediaProcessor processor() {
        return new WatermarkProcessor(WatermarkProcessor.DEFAULT_TEXT, Java2dLimits.DEFAULT);
    }

    @Override
    protected Map<String, byte[]> files() {
        return Map.of(
                "image/jpeg", Photos.jpeg(320, 200),
                "image/png", Photos.png(320, 200),
                "image/gif", Photos.gif(320, 200));
    }
}
