package io.tollgate.comfyui.sim;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * What each node class does. Picture nodes do the real thing in a simple way; samplers paint colors by their seed.
 *
 * <p>Files that Java can't write are honest fakes: SaveAnimatedWEBP, SaveWEBM and SaveVideo write the bytes of an
 * animated PNG, SaveAudio those of a silent WAV, each under the name that the real node would give.
 */
final class Nodes {

    private static final int MAX_TEXT = 16 * 1024 * 1024;

    private Nodes() {}

    /** The code of a node class. */
    interface Body {
        NodeResult run(NodeCall call);
    }

    private static final Map<String, Body> BODIES = Map.ofEntries(
            Map.entry("SleepProgress", Nodes::sleepProgress),
            Map.entry("SleepBlind", Nodes::sleepBlind),
            Map.entry("SleepSink", Nodes::sleepSink),
            Map.entry("Raise", Nodes::raise),
            Map.entry("SimFile", Nodes::simFile),
            Map.entry("EmptyImage", Nodes::emptyImage),
            Map.entry("LoadImage", Nodes::loadImage),
            Map.entry("LoadImageMask", Nodes::loadImageMask),
            Map.entry("SaveImage", call -> saveImages(call, "output", call.text("filename_prefix"))),
            Map.entry("PreviewImage", call -> saveImages(call, "temp", "ComfyUI_temp_" + call.tempSuffix())),
            Map.entry("ImageScale", Nodes::imageScale),
            Map.entry("ImageScaleBy", Nodes::imageScaleBy),
            Map.entry(
                    "ImageCrop",
                    call -> each(
                            call,
                            image -> Pictures.cropped(
                                    image,
                                    call.whole("x"),
                                    call.whole("y"),
                                    call.whole("width"),
                                    call.whole("height")))),
            Map.entry(
                    "ImageSharpen",
                    call -> each(
                            call,
                            image -> Pictures.sharpened(
                                    image,
                                    call.whole("sharpen_radius"),
                                    call.decimal("sigma"),
                                    call.decimal("alpha")))),
            Map.entry(
                    "ImageBlur",
                    call -> each(
                            call, image -> Pictures.blurred(image, call.whole("blur_radius"), call.decimal("sigma")))),
            Map.entry("ImageInvert", call -> each(call, Pictures::inverted)),
            Map.entry("ImagePadForOutpaint", Nodes::pad),
            Map.entry("ImageBatch", Nodes::imageBatch),
            Map.entry("RepeatImageBatch", Nodes::repeatImageBatch),
            Map.entry("ImageFromBatch", Nodes::imageFromBatch),
            Map.entry("RebatchImages", Nodes::rebatch),
            Map.entry("ImageCompositeMasked", Nodes::composite),
            Map.entry(
                    "SolidMask",
                    call -> NodeResult.of(new NodeValue.Masks(
                            List.of(Pictures.gray(call.whole("width"), call.whole("height"), call.decimal("value")))))),
            Map.entry("MaskToImage", call -> NodeResult.of(new NodeValue.Images(call.masks("mask")))),
            Map.entry(
                    "ImageToMask",
                    call -> NodeResult.of(new NodeValue.Masks(
                            mapped(call.images("image"), image -> Pictures.channel(image, call.text("channel")))))),
            Map.entry("SaveAnimatedWEBP", call -> saveMovie(call, call.images("images"), call.decimal("fps"), "webp")),
            Map.entry("SaveAnimatedPNG", call -> saveMovie(call, call.images("images"), call.decimal("fps"), "png")),
            Map.entry("SaveWEBM", call -> saveMovie(call, call.images("images"), call.decimal("fps"), "webm")),
            Map.entry(
                    "CreateVideo",
                    call -> NodeResult.of(new NodeValue.Video(call.images("images"), call.decimal("fps")))),
            Map.entry("SaveVideo", Nodes::saveVideo),
            Map.entry(
                    "EmptyAudio",
                    call -> NodeResult.of(new NodeValue.Audio(
                            call.decimal("duration"), call.whole("sample_rate"), call.whole("channels")))),
            Map.entry("SaveAudio", Nodes::saveAudio),
            Map.entry("PreviewAny", call -> shownText(described(call.value("source")))),
            Map.entry("SaveText", Nodes::saveText),
            Map.entry("CheckpointLoaderSimple", Nodes::loadCheckpoint),
            Map.entry(
                    "LoraLoader",
                    call -> NodeResult.of(
                            token(described(call.value("model")) + "+" + call.text("lora_name")), call.value("clip"))),
            Map.entry("VAELoader", call -> NodeResult.of(token(call.text("vae_name")))),
            Map.entry("CLIPTextEncode", call -> NodeResult.of(token(call.text("text")))),
            Map.entry("EmptyLatentImage", Nodes::emptyLatent),
            Map.entry("KSampler", Nodes::sample),
            Map.entry("VAEDecode", Nodes::decode),
            Map.entry("VAEEncode", call -> NodeResult.of(new NodeValue.Latent(call.images("pixels"), false))));

    static NodeResult run(String type, NodeCall call) {
        Body body = BODIES.get(type);
        if (body == null) {
            throw new PythonError("NotImplementedError", "the simulator can't run " + type);
        }
        return body.run(call);
    }

    /** The classes that can be run. */
    static Iterable<String> types() {
        return BODIES.keySet();
    }

    private static NodeResult sleepProgress(NodeCall call) {
        int steps = call.whole("steps");
        boolean preview = call.flag("preview");
        for (int step = 1; step <= steps; step++) {
            call.sleep(call.decimal("seconds") / steps);
            int shade = 40 * step % 256;
            Supplier<byte[]> image = () -> Pictures.preview(Pictures.filled(64, 64, shade << 16 | shade << 8 | shade));
            call.progress(step, steps, preview ? image : null);
        }
        return imageOrBlank(call);
    }

    private static NodeResult sleepBlind(NodeCall call) {
        call.sleep(call.decimal("seconds"));
        return imageOrBlank(call);
    }

    private static NodeResult sleepSink(NodeCall call) {
        call.sleep(call.decimal("seconds"));
        ObjectNode ui = Json.object();
        ui.putArray("text").add("slept " + call.decimal("seconds"));
        return NodeResult.shown(ui);
    }

    private static NodeResult raise(NodeCall call) {
        String kind = call.text("kind");
        throw new PythonError(kind.equals("OOM") ? "torch.OutOfMemoryError" : kind, call.text("message"));
    }

    private static NodeResult imageOrBlank(NodeCall call) {
        return NodeResult.of(
                call.has("image") ? call.value("image") : new NodeValue.Images(List.of(Pictures.filled(64, 64, 0))));
    }

    private static NodeResult simFile(NodeCall call) {
        String media = call.text("media");
        long bytes = call.bits("bytes");
        if (media.equals("text")) {
            return shownText("x".repeat((int) Math.min(bytes, MAX_TEXT)));
        }
        FileRoom.SavePlace place = call.files().savePlace(call.text("filename_prefix"), "output", 0, 0);
        String name = place.name(0, call.text("extension"));
        try (RandomAccessFile file =
                new RandomAccessFile(place.folder().resolve(name).toFile(), "rw")) {
            file.setLength(bytes);
            byte[] head = ("tollgate sim file " + name + "\n").getBytes(StandardCharsets.UTF_8);
            file.write(head, 0, (int) Math.min(head.length, bytes));
        } catch (IOException e) {
            throw new PythonError("OSError", String.valueOf(e.getMessage()), e);
        }
        call.files().saved(place, 1);
        ObjectNode ui = Json.object();
        ui.putArray(media).add(reference(name, place));
        return NodeResult.shown(ui);
    }

    private static NodeResult emptyImage(NodeCall call) {
        BufferedImage image = Pictures.filled(call.whole("width"), call.whole("height"), call.whole("color"));
        return NodeResult.of(new NodeValue.Images(repeated(List.of(image), call.whole("batch_size"))));
    }

    private static NodeResult loadImage(NodeCall call) {
        List<BufferedImage> frames = loaded(call);
        List<BufferedImage> masks = new ArrayList<>();
        for (BufferedImage frame : frames) {
            masks.add(
                    frame.getColorModel().hasAlpha()
                            ? Pictures.inverted(Pictures.channel(frame, "alpha"))
                            : Pictures.gray(64, 64, 0));
        }
        return NodeResult.of(new NodeValue.Images(mapped(frames, Pictures::rgb)), new NodeValue.Masks(masks));
    }

    private static NodeResult loadImageMask(NodeCall call) {
        String channel = call.text("channel");
        return NodeResult.of(new NodeValue.Masks(mapped(loaded(call), frame -> {
            BufferedImage mask = Pictures.channel(frame, channel);
            return channel.equals("alpha") ? Pictures.inverted(mask) : mask;
        })));
    }

    private static List<BufferedImage> loaded(NodeCall call) {
        String name = call.text("image");
        Path file = call.files()
                .annotated(name)
                .orElseThrow(
                        () -> new PythonError("FileNotFoundError", "[Errno 2] No such file or directory: " + name));
        try {
            return Pictures.read(Files.readAllBytes(file), file.toString());
        } catch (IOException e) {
            throw new PythonError("OSError", String.valueOf(e.getMessage()), e);
        }
    }

    private static NodeResult saveImages(NodeCall call, String type, String prefix) {
        List<BufferedImage> images = call.images("images");
        BufferedImage first = images.get(0);
        FileRoom.SavePlace place = call.files().savePlace(prefix, type, first.getWidth(), first.getHeight());
        ObjectNode ui = Json.object();
        ArrayNode list = ui.putArray("images");
        for (int i = 0; i < images.size(); i++) {
            String name = place.name(i, "png");
            written(place.folder().resolve(name), Pictures.png(images.get(i), call.pngTexts()));
            list.add(reference(name, place));
        }
        call.files().saved(place, images.size());
        Object[] slots = call.settings().catalog().outputs("SaveImage").isEmpty() || type.equals("temp")
                ? new Object[0]
                : new Object[] {call.value("images")};
        return NodeResult.shown(ui, slots);
    }

    private static NodeResult saveMovie(NodeCall call, List<BufferedImage> frames, double fps, String ending) {
        FileRoom.SavePlace place = call.files()
                .savePlace(
                        call.text("filename_prefix"),
                        "output",
                        frames.get(0).getWidth(),
                        frames.get(0).getHeight());
        String name = place.name(0, ending);
        written(place.folder().resolve(name), Pictures.animatedPng(frames, fps));
        call.files().saved(place, 1);
        ObjectNode ui = Json.object();
        ui.putArray("images").add(reference(name, place));
        ui.putArray("animated").add(true);
        return NodeResult.shown(ui);
    }

    private static NodeResult saveVideo(NodeCall call) {
        if (call.value("video") instanceof NodeValue.Video video) {
            return saveMovie(call, video.frames(), video.fps(), "mp4");
        }
        throw new PythonError("AttributeError", "'video' is no video");
    }

    private static NodeResult saveAudio(NodeCall call) {
        if (!(call.value("audio") instanceof NodeValue.Audio audio)) {
            throw new PythonError("AttributeError", "'audio' is no audio");
        }
        FileRoom.SavePlace place = call.files().savePlace(call.text("filename_prefix"), "output", 0, 0);
        String name = place.name(0, "flac");
        written(place.folder().resolve(name), silence(audio));
        call.files().saved(place, 1);
        ObjectNode ui = Json.object();
        ui.putArray("audio").add(reference(name, place));
        return NodeResult.shown(ui);
    }

    /** A WAV of 8 bit silence, at most ten seconds of it. */
    private static byte[] silence(NodeValue.Audio audio) {
        int frames = (int) (Math.min(10, audio.seconds()) * audio.sampleRate());
        int size = frames * audio.channels();
        ByteBuffer wav = ByteBuffer.allocate(44 + size).order(ByteOrder.LITTLE_ENDIAN);
        wav.put("RIFF".getBytes(StandardCharsets.US_ASCII)).putInt(36 + size);
        wav.put("WAVEfmt ".getBytes(StandardCharsets.US_ASCII)).putInt(16).putShort((short) 1);
        wav.putShort((short) audio.channels()).putInt(audio.sampleRate()).putInt(audio.sampleRate() * audio.channels());
        wav.putShort((short) audio.channels()).putShort((short) 8);
        wav.put("data".getBytes(StandardCharsets.US_ASCII)).putInt(size);
        while (wav.hasRemaining()) {
            wav.put((byte) 0x80);
        }
        return wav.array();
    }

    private static NodeResult saveText(NodeCall call) {
        String text = call.text("text");
        FileRoom.SavePlace place = call.files().savePlace(call.text("filename_prefix"), "output", 0, 0);
        written(
                place.folder().resolve(place.name(0, call.text("format").isEmpty() ? "txt" : call.text("format"))),
                text.getBytes(StandardCharsets.UTF_8));
        call.files().saved(place, 1);
        return shownText(text);
    }

    private static NodeResult shownText(String text) {
        ObjectNode ui = Json.object();
        ui.putArray("text").add(text);
        return NodeResult.shown(ui, TextNode.valueOf(text));
    }

    private static NodeResult imageScale(NodeCall call) {
        boolean smooth = !call.text("upscale_method").equals("nearest-exact");
        return each(call, image -> {
            int width = call.whole("width");
            int height = call.whole("height");
            if (width == 0 && height == 0) {
                return image;
            }
            double ratio = image.getWidth() / (double) image.getHeight();
            int w = width == 0 ? Math.max(1, (int) Math.round(height * ratio)) : width;
            int h = height == 0 ? Math.max(1, (int) Math.round(width / ratio)) : height;
            BufferedImage part = image;
            if (call.text("crop").equals("center")) {
                double wanted = w / (double) h;
                int cutWidth = ratio > wanted ? (int) Math.round(image.getHeight() * wanted) : image.getWidth();
                int cutHeight = ratio > wanted ? image.getHeight() : (int) Math.round(image.getWidth() / wanted);
                part = Pictures.cropped(
                        image,
                        (image.getWidth() - cutWidth) / 2,
                        (image.getHeight() - cutHeight) / 2,
                        Math.max(1, cutWidth),
                        Math.max(1, cutHeight));
            }
            return Pictures.scaled(part, w, h, smooth);
        });
    }

    private static NodeResult imageScaleBy(NodeCall call) {
        double by = call.decimal("scale_by");
        boolean smooth = !call.text("upscale_method").equals("nearest-exact");
        return each(
                call,
                image -> Pictures.scaled(
                        image,
                        Math.max(1, (int) Math.round(image.getWidth() * by)),
                        Math.max(1, (int) Math.round(image.getHeight() * by)),
                        smooth));
    }

    private static NodeResult pad(NodeCall call) {
        int left = call.whole("left");
        int top = call.whole("top");
        int right = call.whole("right");
        int bottom = call.whole("bottom");
        List<BufferedImage> images = call.images("image");
        return NodeResult.of(
                new NodeValue.Images(mapped(images, image -> Pictures.padded(image, left, top, right, bottom))),
                new NodeValue.Masks(
                        List.of(Pictures.padMask(images.get(0), left, top, right, bottom, call.whole("feathering")))));
    }

    private static NodeResult imageBatch(NodeCall call) {
        List<BufferedImage> batch = new ArrayList<>(call.images("image1"));
        BufferedImage first = batch.get(0);
        for (BufferedImage image : call.images("image2")) {
            boolean same = image.getWidth() == first.getWidth() && image.getHeight() == first.getHeight();
            batch.add(same ? image : Pictures.scaled(image, first.getWidth(), first.getHeight(), true));
        }
        return NodeResult.of(new NodeValue.Images(batch));
    }

    private static NodeResult repeatImageBatch(NodeCall call) {
        return NodeResult.of(new NodeValue.Images(repeated(call.images("image"), call.whole("amount"))));
    }

    private static NodeResult imageFromBatch(NodeCall call) {
        List<BufferedImage> batch = call.images("image");
        int from = Math.min(batch.size() - 1, call.whole("batch_index"));
        int to = Math.min(batch.size(), from + call.whole("length"));
        return NodeResult.of(new NodeValue.Images(batch.subList(from, to)));
    }

    /** Takes and gives lists: the batches of all its inputs, cut anew. */
    private static NodeResult rebatch(NodeCall call) {
        List<BufferedImage> all = new ArrayList<>();
        for (Object batch : (List<?>) call.value("images")) {
            if (batch instanceof NodeValue.Images images) {
                all.addAll(images.frames());
            }
        }
        int size = ((List<?>) call.value("batch_size")).get(0) instanceof JsonNode number ? number.asInt() : 1;
        List<Object> batches = new ArrayList<>();
        for (int at = 0; at < all.size(); at += size) {
            batches.add(new NodeValue.Images(all.subList(at, Math.min(all.size(), at + size))));
        }
        return NodeResult.of(batches);
    }

    private static NodeResult composite(NodeCall call) {
        List<BufferedImage> sources = call.images("source");
        boolean masked = call.has("mask");
        List<BufferedImage> out = new ArrayList<>();
        List<BufferedImage> destinations = call.images("destination");
        for (int i = 0; i < destinations.size(); i++) {
            BufferedImage destination = destinations.get(i);
            BufferedImage source = sources.get(i % sources.size());
            if (call.flag("resize_source")) {
                source = Pictures.scaled(source, destination.getWidth(), destination.getHeight(), true);
            }
            BufferedImage mask =
                    masked ? call.masks("mask").get(i % call.masks("mask").size()) : source;
            out.add(Pictures.composed(destination, source, call.whole("x"), call.whole("y"), mask, masked));
        }
        return NodeResult.of(new NodeValue.Images(out));
    }

    private static NodeResult loadCheckpoint(NodeCall call) {
        String name = call.text("ckpt_name");
        return NodeResult.of(token(name), token(name), token(name));
    }

    private static NodeResult emptyLatent(NodeCall call) {
        BufferedImage blank = Pictures.filled(call.whole("width"), call.whole("height"), 0);
        return NodeResult.of(new NodeValue.Latent(repeated(List.of(blank), call.whole("batch_size")), true));
    }

    private static NodeResult sample(NodeCall call) {
        if (!(call.value("latent_image") instanceof NodeValue.Latent latent)) {
            throw new PythonError("AttributeError", "'latent_image' is no latent");
        }
        int steps = call.whole("steps");
        double stepSeconds = call.settings().samplerStep().toNanos() / 1e9;
        long seed = call.bits("seed") * 31 + described(call.value("positive")).hashCode();
        BufferedImage first = latent.frames().get(0);
        for (int step = 1; step <= steps; step++) {
            call.sleep(stepSeconds);
            double done = step / (double) steps;
            int width = Math.min(first.getWidth(), 256);
            int height = Math.max(1, first.getHeight() * width / first.getWidth());
            call.progress(step, steps, () -> Pictures.preview(Pictures.painted(width, height, seed, done)));
        }
        List<BufferedImage> out = new ArrayList<>();
        for (int i = 0; i < latent.frames().size(); i++) {
            BufferedImage below = latent.frames().get(i);
            BufferedImage paint = Pictures.painted(below.getWidth(), below.getHeight(), seed + i, 1);
            out.add(latent.blank() ? paint : Pictures.mixed(below, paint, call.decimal("denoise")));
        }
        return NodeResult.of(new NodeValue.Latent(out, false));
    }

    private static NodeResult decode(NodeCall call) {
        if (call.value("samples") instanceof NodeValue.Latent latent) {
            return NodeResult.of(new NodeValue.Images(latent.frames()));
        }
        throw new PythonError("AttributeError", "'samples' is no latent");
    }

    private static NodeResult each(NodeCall call, UnaryOperator<BufferedImage> change) {
        return NodeResult.of(new NodeValue.Images(mapped(call.images("image"), change)));
    }

    private static List<BufferedImage> mapped(List<BufferedImage> images, UnaryOperator<BufferedImage> change) {
        return images.stream().map(change).toList();
    }

    private static List<BufferedImage> repeated(List<BufferedImage> images, int times) {
        List<BufferedImage> all = new ArrayList<>();
        for (int i = 0; i < times; i++) {
            all.addAll(images);
        }
        return all;
    }

    private static NodeValue.Token token(String text) {
        return new NodeValue.Token(text);
    }

    private static String described(Object value) {
        if (value instanceof JsonNode json) {
            return Json.str(json);
        }
        if (value instanceof NodeValue.Token token) {
            return token.text();
        }
        return value.getClass().getSimpleName().toLowerCase(Locale.ROOT);
    }

    private static ObjectNode reference(String name, FileRoom.SavePlace place) {
        return Json.object()
                .put("filename", name)
                .put("subfolder", place.subfolder())
                .put("type", place.type());
    }

    private static void written(Path file, byte[] content) {
        try {
            Files.write(file, content);
        } catch (IOException e) {
            throw new PythonError("OSError", String.valueOf(e.getMessage()), e);
        }
    }
}
