package io.tollgate.comfyui;

import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * The tags by which a graph says what a server must have, and a server what it has: {@code node:KSampler},
 * {@code model:base.safetensors}. A tag never has {@code &}, {@code |} or a bare {@code %}: they are percent-encoded,
 * since needs are written with them in between.
 */
public final class Tags {
    private static final Set<String> MODEL_ENDINGS =
            Set.of(".safetensors", ".ckpt", ".pt", ".pth", ".bin", ".gguf", ".sft", ".onnx");
    private static final int LONGEST = 200;
    private static final String NODE = "node:";
    private static final String MODEL = "model:";

    private Tags() {}

    /** The tag for nodes of a class. */
    public static String node(String classType) {
        return NODE + encoded(classType);
    }

    /** The tag for a model file, named as the server lists it. */
    public static String model(String file) {
        return MODEL + encoded(file);
    }

    /** What a person reads in a tag: {@code node KSampler}; a tag of another kind as it is. */
    public static String described(String tag) {
        if (tag.startsWith(NODE)) {
            return "node " + decoded(tag.substring(NODE.length()));
        }
        return tag.startsWith(MODEL) ? "model " + decoded(tag.substring(MODEL.length())) : tag;
    }

    /** The class of the nodes that a tag is about; empty if it is about something else. */
    public static Optional<String> nodeClass(String tag) {
        return tag.startsWith(NODE) ? Optional.of(decoded(tag.substring(NODE.length()))) : Optional.empty();
    }

    /** The model file that a tag is about; empty if it is about something else. */
    public static Optional<String> modelFile(String tag) {
        return tag.startsWith(MODEL) ? Optional.of(decoded(tag.substring(MODEL.length()))) : Optional.empty();
    }

    /** Whether a text is the name of a model file, by its ending. */
    public static boolean isModelFile(String text) {
        int dot = text.lastIndexOf('.');
        return dot > 0
                && text.chars().noneMatch(Character::isISOControl)
                && MODEL_ENDINGS.contains(text.substring(dot).toLowerCase(Locale.ROOT));
    }

    /** Whether a tag is one that a workflow may require. */
    static boolean fits(String tag) {
        return tag.length() <= LONGEST && tag.chars().noneMatch(Character::isISOControl);
    }

    private static String encoded(String word) {
        return word.replace("%", "%25").replace("&", "%26").replace("|", "%7C");
    }

    private static String decoded(String word) {
        return word.replace("%7C", "|").replace("%26", "&").replace("%25", "%");
    }
}
