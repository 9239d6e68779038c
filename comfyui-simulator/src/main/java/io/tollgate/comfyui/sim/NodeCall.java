package io.tollgate.comfyui.sim;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.awt.image.BufferedImage;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** One call of one node: its inputs, and what it may do to the server. Used by the worker only. */
final class NodeCall {

    private final Map<String, Object> inputs;
    private final Settings settings;
    private final Pauses pauses;
    private final Progress progress;
    private final Map<String, String> pngTexts;
    private final String tempSuffix;

    NodeCall(
            Map<String, Object> inputs,
            Settings settings,
            Pauses pauses,
            Progress progress,
            Map<String, String> pngTexts,
            String tempSuffix) {
        this.inputs = inputs;
        this.settings = settings;
        this.pauses = pauses;
        this.progress = progress;
        this.pngTexts = pngTexts;
        this.tempSuffix = tempSuffix;
    }

    /** Hears how far a node is. */
    interface Progress {
        void at(long value, long total, @Nullable Supplier<byte[]> preview);
    }

    boolean has(String name) {
        return inputs.containsKey(name);
    }

    Object value(String name) {
        @Nullable Object value = inputs.get(name);
        if (value == null) {
            throw new PythonError("TypeError", "run() missing 1 required positional argument: '" + name + "'");
        }
        return value;
    }

    private JsonNode literal(String name) {
        return inputs.get(name) instanceof JsonNode node ? node : MissingNode.getInstance();
    }

    double decimal(String name) {
        return literal(name).asDouble();
    }

    int whole(String name) {
        return literal(name).asInt();
    }

    long bits(String name) {
        return literal(name).isNumber() ? literal(name).bigIntegerValue().longValue() : 0;
    }

    boolean flag(String name) {
        return literal(name).asBoolean();
    }

    String text(String name) {
        return literal(name).isMissingNode() ? "" : Json.str(literal(name));
    }

    List<BufferedImage> images(String name) {
        Object value = value(name);
        if (value instanceof NodeValue.Images images) {
            return images.frames();
        }
        throw new PythonError("AttributeError", "'" + name + "' is no image");
    }

    List<BufferedImage> masks(String name) {
        Object value = value(name);
        if (value instanceof NodeValue.Masks masks) {
            return masks.frames();
        }
        throw new PythonError("AttributeError", "'" + name + "' is no mask");
    }

    Settings settings() {
        return settings;
    }

    FileRoom files() {
        return settings.files();
    }

    Map<String, String> pngTexts() {
        return pngTexts;
    }

    String tempSuffix() {
        return tempSuffix;
    }

    void sleep(double seconds) {
        pauses.sleep(Pauses.nanos(seconds * settings.timeScale().getAsDouble()));
    }

    /** Tells how far the node is, and looks at the interrupt flag as the real progress bar does. */
    void progress(long value, long total, @Nullable Supplier<byte[]> preview) {
        progress.at(value, total, preview);
    }
}
