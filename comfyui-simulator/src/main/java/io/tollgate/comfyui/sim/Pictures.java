package io.tollgate.comfyui.sim;

import java.awt.AlphaComposite;
import java.awt.Color;
import java.awt.GradientPaint;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.awt.image.ConvolveOp;
import java.awt.image.Kernel;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.zip.CRC32;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/** Pictures: simple but real operations, and files of them. Masks are gray pictures. No method changes its input. */
final class Pictures {

    private static final byte[] PNG_SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
    private static final int PREVIEW_EDGE = 512;

    private Pictures() {}

    static BufferedImage filled(int width, int height, int rgb) {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        Graphics2D g = image.createGraphics();
        g.setColor(new Color(rgb));
        g.fillRect(0, 0, width, height);
        g.dispose();
        return image;
    }

    static BufferedImage gray(int width, int height, double value) {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_BYTE_GRAY);
        int level = (int) Math.round(Math.min(1, Math.max(0, value)) * 255);
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                image.getRaster().setSample(x, y, 0, level);
            }
        }
        return image;
    }

    static BufferedImage scaled(BufferedImage image, int width, int height, boolean smooth) {
        BufferedImage out = new BufferedImage(width, height, typeOf(image));
        Graphics2D g = out.createGraphics();
        g.setRenderingHint(
                RenderingHints.KEY_INTERPOLATION,
                smooth
                        ? RenderingHints.VALUE_INTERPOLATION_BICUBIC
                        : RenderingHints.VALUE_INTERPOLATION_NEAREST_NEIGHBOR);
        g.drawImage(image, 0, 0, width, height, null);
        g.dispose();
        return out;
    }

    /** Cuts out what is inside of the picture; at least one pixel. */
    static BufferedImage cropped(BufferedImage image, int x, int y, int width, int height) {
        int left = Math.min(x, image.getWidth() - 1);
        int top = Math.min(y, image.getHeight() - 1);
        int w = Math.min(width, image.getWidth() - left);
        int h = Math.min(height, image.getHeight() - top);
        return copied(image.getSubimage(left, top, w, h));
    }

    static BufferedImage copied(BufferedImage image) {
        BufferedImage out = new BufferedImage(image.getWidth(), image.getHeight(), typeOf(image));
        Graphics2D g = out.createGraphics();
        g.drawImage(image, 0, 0, null);
        g.dispose();
        return out;
    }

    static BufferedImage inverted(BufferedImage image) {
        BufferedImage out = copied(image);
        for (int y = 0; y < out.getHeight(); y++) {
            for (int x = 0; x < out.getWidth(); x++) {
                out.setRGB(x, y, image.getRGB(x, y) ^ 0xFFFFFF);
            }
        }
        return out;
    }

    /** Blurs; a negative amount of blur is what sharpening adds back. */
    static BufferedImage blurred(BufferedImage image, int radius, double sigma) {
        int edge = 2 * radius + 1;
        float[] weights = new float[edge * edge];
        float sum = 0;
        for (int i = 0; i < weights.length; i++) {
            double dx = i % edge - radius;
            int row = i / edge;
            double dy = row - radius;
            weights[i] = (float) Math.exp(-(dx * dx + dy * dy) / (2 * sigma * sigma));
            sum += weights[i];
        }
        for (int i = 0; i < weights.length; i++) {
            weights[i] /= sum;
        }
        BufferedImage out = new BufferedImage(image.getWidth(), image.getHeight(), BufferedImage.TYPE_INT_RGB);
        return new ConvolveOp(new Kernel(edge, edge, weights), ConvolveOp.EDGE_NO_OP, null).filter(rgb(image), out);
    }

    static BufferedImage sharpened(BufferedImage image, int radius, double sigma, double alpha) {
        BufferedImage soft = blurred(image, radius, sigma);
        BufferedImage out = rgb(image);
        for (int y = 0; y < out.getHeight(); y++) {
            for (int x = 0; x < out.getWidth(); x++) {
                int sharp = image.getRGB(x, y);
                int blunt = soft.getRGB(x, y);
                int mixed = 0;
                for (int shift = 0; shift <= 16; shift += 8) {
                    int a = sharp >> shift & 0xFF;
                    int b = blunt >> shift & 0xFF;
                    mixed |= (int) Math.max(0, Math.min(255, a + (a - b) * alpha)) << shift;
                }
                out.setRGB(x, y, mixed);
            }
        }
        return out;
    }

    static BufferedImage padded(BufferedImage image, int left, int top, int right, int bottom) {
        BufferedImage out = filled(image.getWidth() + left + right, image.getHeight() + top + bottom, 0x808080);
        Graphics2D g = out.createGraphics();
        g.drawImage(image, left, top, null);
        g.dispose();
        return out;
    }

    /** The mask that goes with {@link #padded}: white where there is nothing yet, soft at the seam. */
    static BufferedImage padMask(BufferedImage image, int left, int top, int right, int bottom, int feather) {
        int width = image.getWidth() + left + right;
        int height = image.getHeight() + top + bottom;
        BufferedImage mask = gray(width, height, 1);
        for (int y = 0; y < image.getHeight(); y++) {
            for (int x = 0; x < image.getWidth(); x++) {
                int seam = Math.min(
                        Math.min(left == 0 ? Integer.MAX_VALUE : x, top == 0 ? Integer.MAX_VALUE : y),
                        Math.min(
                                right == 0 ? Integer.MAX_VALUE : image.getWidth() - x,
                                bottom == 0 ? Integer.MAX_VALUE : image.getHeight() - y));
                double soft = feather == 0 || seam >= feather ? 0 : Math.pow((feather - seam) / (double) feather, 2);
                mask.getRaster().setSample(x + left, y + top, 0, (int) Math.round(soft * 255));
            }
        }
        return mask;
    }

    /** Lays {@code source} over {@code destination}; where the mask is black nothing is laid. */
    static BufferedImage composed(
            BufferedImage destination, BufferedImage source, int x, int y, BufferedImage mask, boolean masked) {
        BufferedImage out = rgb(destination);
        BufferedImage over = new BufferedImage(source.getWidth(), source.getHeight(), BufferedImage.TYPE_INT_ARGB);
        BufferedImage fitted = masked ? scaled(mask, source.getWidth(), source.getHeight(), true) : mask;
        for (int row = 0; row < source.getHeight(); row++) {
            for (int column = 0; column < source.getWidth(); column++) {
                int alpha = masked ? fitted.getRaster().getSample(column, row, 0) : 255;
                over.setRGB(column, row, (alpha << 24) | (source.getRGB(column, row) & 0xFFFFFF));
            }
        }
        Graphics2D g = out.createGraphics();
        g.setComposite(AlphaComposite.SrcOver);
        g.drawImage(over, x, y, null);
        g.dispose();
        return out;
    }

    /** One channel as a mask: red, green, blue, or alpha (1 where the picture is opaque). */
    static BufferedImage channel(BufferedImage image, String channel) {
        int shift = switch (channel) {
            case "red" -> 16;
            case "green" -> 8;
            case "blue" -> 0;
            default -> 24;
        };
        BufferedImage mask = new BufferedImage(image.getWidth(), image.getHeight(), BufferedImage.TYPE_BYTE_GRAY);
        for (int y = 0; y < image.getHeight(); y++) {
            for (int x = 0; x < image.getWidth(); x++) {
                mask.getRaster().setSample(x, y, 0, image.getRGB(x, y) >> shift & 0xFF);
            }
        }
        return mask;
    }

    static BufferedImage rgb(BufferedImage image) {
        BufferedImage out = new BufferedImage(image.getWidth(), image.getHeight(), BufferedImage.TYPE_INT_RGB);
        Graphics2D g = out.createGraphics();
        g.drawImage(image, 0, 0, null);
        g.dispose();
        return out;
    }

    /** Takes the transparency of {@code mask} for {@code image}. */
    static BufferedImage withAlphaOf(BufferedImage image, BufferedImage mask) {
        BufferedImage fitted = scaled(mask, image.getWidth(), image.getHeight(), false);
        BufferedImage out = new BufferedImage(image.getWidth(), image.getHeight(), BufferedImage.TYPE_INT_ARGB);
        for (int y = 0; y < image.getHeight(); y++) {
            for (int x = 0; x < image.getWidth(); x++) {
                out.setRGB(x, y, (fitted.getRGB(x, y) & 0xFF000000) | (image.getRGB(x, y) & 0xFFFFFF));
            }
        }
        return out;
    }

    /** What a sampler without a model paints: a sky of the seed's colors, the further on the clearer. */
    static BufferedImage painted(int width, int height, long seed, double progress) {
        Random random = new Random(seed);
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        Graphics2D g = image.createGraphics();
        g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        Color first = Color.getHSBColor(random.nextFloat(), 0.5f, 0.95f);
        Color second = Color.getHSBColor(random.nextFloat(), 0.6f, 0.5f);
        g.setPaint(new GradientPaint(0, 0, first, width, height, second));
        g.fillRect(0, 0, width, height);
        for (int i = 0; i < 12; i++) {
            Color color = Color.getHSBColor(random.nextFloat(), 0.5f, 1f);
            g.setColor(new Color(color.getRed(), color.getGreen(), color.getBlue(), (int) (110 * progress)));
            int edge =
                    Math.max(1, Math.min(width, height) / 8 + random.nextInt(Math.max(1, Math.min(width, height) / 3)));
            g.fillOval(random.nextInt(width) - edge / 2, random.nextInt(height) - edge / 2, edge, edge);
        }
        g.dispose();
        return image;
    }

    static BufferedImage mixed(BufferedImage below, BufferedImage above, double share) {
        BufferedImage out = rgb(below);
        Graphics2D g = out.createGraphics();
        g.setComposite(AlphaComposite.getInstance(AlphaComposite.SRC_OVER, (float) Math.max(0, Math.min(1, share))));
        g.drawImage(above, 0, 0, out.getWidth(), out.getHeight(), null);
        g.dispose();
        return out;
    }

    /**
     * All frames of an image file. WebP can't be read unless a reader for it is on the class path.
     *
     * @throws PythonError if it is no image that can be read
     */
    static List<BufferedImage> read(byte[] file, String shownPath) {
        try (ImageInputStream in = new MemoryCacheImageInputStream(new ByteArrayInputStream(file))) {
            Iterator<ImageReader> readers = ImageIO.getImageReaders(in);
            if (readers.hasNext()) {
                ImageReader reader = readers.next();
                try {
                    reader.setInput(in);
                    List<BufferedImage> frames = new ArrayList<>();
                    int count = reader.getNumImages(true);
                    for (int i = 0; i < count; i++) {
                        frames.add(reader.read(i));
                    }
                    if (!frames.isEmpty()) {
                        return frames;
                    }
                } finally {
                    reader.dispose();
                }
            }
        } catch (IOException | IllegalArgumentException | IndexOutOfBoundsException e) {
            throw new PythonError("PIL.UnidentifiedImageError", unidentified(shownPath), e);
        }
        throw new PythonError("PIL.UnidentifiedImageError", unidentified(shownPath));
    }

    private static String unidentified(String path) {
        return "cannot identify image file '" + path + "'";
    }

    static byte[] encoded(BufferedImage image, String format) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (MemoryCacheImageOutputStream stream = new MemoryCacheImageOutputStream(out)) {
            if (!ImageIO.write(image, format, stream)) {
                throw new IllegalArgumentException("no writer for " + format);
            }
            stream.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    /** A small JPEG, as previews are. */
    static byte[] preview(BufferedImage image) {
        double scale = Math.min(1, PREVIEW_EDGE / (double) Math.max(image.getWidth(), image.getHeight()));
        int width = Math.max(1, (int) (image.getWidth() * scale));
        int height = Math.max(1, (int) (image.getHeight() * scale));
        return encoded(scale < 1 ? scaled(rgb(image), width, height, false) : rgb(image), "jpg");
    }

    /** A PNG with text chunks, where the real server keeps the prompt and the workflow. */
    static byte[] png(BufferedImage image, Map<String, String> texts) {
        byte[] plain = encoded(image, "png");
        if (texts.isEmpty()) {
            return plain;
        }
        try {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            DataOutputStream out = new DataOutputStream(bytes);
            out.write(PNG_SIGNATURE);
            for (Chunk chunk : chunks(plain)) {
                write(out, chunk.type(), chunk.content().array());
                if (chunk.type().equals("IHDR")) {
                    for (Map.Entry<String, String> text : texts.entrySet()) {
                        write(out, "tEXt", latin1(text.getKey() + '\0' + text.getValue()));
                    }
                }
            }
            return bytes.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The texts of a PNG, by key. */
    static Map<String, String> texts(byte[] png) {
        Map<String, String> texts = new LinkedHashMap<>();
        for (Chunk chunk : chunks(png)) {
            if (chunk.type().equals("tEXt")) {
                String text = new String(chunk.content().array(), StandardCharsets.ISO_8859_1);
                texts.put(text.substring(0, text.indexOf('\0')), text.substring(text.indexOf('\0') + 1));
            }
        }
        return texts;
    }

    /** An animated PNG of frames that all have the size of the first. */
    static byte[] animatedPng(List<BufferedImage> frames, double fps) {
        try {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            DataOutputStream out = new DataOutputStream(bytes);
            out.write(PNG_SIGNATURE);
            int width = frames.get(0).getWidth();
            int height = frames.get(0).getHeight();
            int sequence = 0;
            for (int i = 0; i < frames.size(); i++) {
                BufferedImage frame = rgb(frames.get(i));
                if (frame.getWidth() != width || frame.getHeight() != height) {
                    frame = scaled(frame, width, height, true);
                }
                for (Chunk chunk : chunks(encoded(frame, "png"))) {
                    if (chunk.type().equals("IHDR")) {
                        if (i == 0) {
                            write(out, "IHDR", chunk.content().array());
                            byte[] control = ByteBuffer.allocate(8)
                                    .putInt(frames.size())
                                    .putInt(0)
                                    .array();
                            write(out, "acTL", control);
                        }
                        ByteBuffer control = ByteBuffer.allocate(26)
                                .putInt(sequence++)
                                .putInt(width)
                                .putInt(height);
                        control.putInt(0)
                                .putInt(0)
                                .putShort((short) Math.round(1000 / fps))
                                .putShort((short) 1000);
                        write(out, "fcTL", control.array());
                    } else if (chunk.type().equals("IDAT") && i == 0) {
                        write(out, "IDAT", chunk.content().array());
                    } else if (chunk.type().equals("IDAT")) {
                        byte[] data = chunk.content().array();
                        write(
                                out,
                                "fdAT",
                                ByteBuffer.allocate(4 + data.length)
                                        .putInt(sequence++)
                                        .put(data)
                                        .array());
                    }
                }
            }
            write(out, "IEND", new byte[0]);
            return bytes.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private record Chunk(String type, Bytes content) {}

    private static List<Chunk> chunks(byte[] png) {
        List<Chunk> chunks = new ArrayList<>();
        ByteBuffer in = ByteBuffer.wrap(png);
        in.position(PNG_SIGNATURE.length);
        while (in.remaining() >= 12) {
            byte[] data = new byte[in.getInt()];
            byte[] type = new byte[4];
            in.get(type).get(data).getInt();
            chunks.add(new Chunk(new String(type, StandardCharsets.ISO_8859_1), Bytes.of(data)));
        }
        return chunks;
    }

    private static void write(DataOutputStream out, String type, byte[] data) throws IOException {
        byte[] name = latin1(type);
        CRC32 crc = new CRC32();
        crc.update(name);
        crc.update(data);
        out.writeInt(data.length);
        out.write(name);
        out.write(data);
        out.writeInt((int) crc.getValue());
    }

    private static byte[] latin1(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static int typeOf(BufferedImage image) {
        if (image.getType() == BufferedImage.TYPE_BYTE_GRAY) {
            return BufferedImage.TYPE_BYTE_GRAY;
        }
        return image.getColorModel().hasAlpha() ? BufferedImage.TYPE_INT_ARGB : BufferedImage.TYPE_INT_RGB;
    }
}
