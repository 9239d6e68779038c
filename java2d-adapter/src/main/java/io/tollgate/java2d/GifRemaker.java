package io.tollgate.java2d;

import java.awt.AlphaComposite;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.function.Consumer;
import javax.imageio.ImageReader;
import javax.imageio.metadata.IIOMetadataNode;
import org.jspecify.annotations.Nullable;

/** Decodes an animated GIF frame by frame, has something drawn on each, and writes it again with colors of its own. */
final class GifRemaker {
    private static final int MAX_FRAMES = 2000;
    private static final int COLORS = 255; // and one for what is transparent
    private static final int DEFAULT_DELAY = 10;

    private GifRemaker() {}

    static void remake(byte[] file, Java2dLimits limits, Consumer<BufferedImage> change, OutputStream out)
            throws IOException {
        PictureHeader header = PictureHeader.parse(file);
        PictureReader.checkSize(header, limits);
        StopSign never = new StopSign();
        ImageReader reader = PictureReader.reader(PictureFormat.GIF);
        int width = header.width();
        int height = header.height();
        BufferedImage canvas = new BufferedImage(width, height, BufferedImage.TYPE_INT_ARGB);
        try (PartsInput in = new PartsInput(file, header.parts(), never)) {
            reader.setInput(in, false, false);
            GifWriter writer = null;
            for (int index = 0; index < MAX_FRAMES; index++) {
                BufferedImage frame;
                IIOMetadataNode root;
                try {
                    frame = reader.read(index);
                    root = (IIOMetadataNode) reader.getImageMetadata(index).getAsTree("javax_imageio_gif_image_1.0");
                } catch (IndexOutOfBoundsException end) {
                    break;
                }
                int left = number(root, "ImageDescriptor", "imageLeftPosition", 0);
                int top = number(root, "ImageDescriptor", "imageTopPosition", 0);
                String disposal = text(root, "GraphicControlExtension", "disposalMethod");
                BufferedImage before = "restoreToPrevious".equals(disposal) ? copy(canvas) : null;
                Graphics2D g = canvas.createGraphics();
                g.drawImage(frame, left, top, null);
                BufferedImage shown = copy(canvas);
                change.accept(shown);
                if (writer == null) {
                    writer = new GifWriter(out, width, height, new int[] {0});
                }
                int delay = number(root, "GraphicControlExtension", "delayTime", DEFAULT_DELAY);
                add(writer, shown, delay);
                if ("restoreToBackgroundColor".equals(disposal)) {
                    g.setComposite(AlphaComposite.Clear);
                    g.fillRect(left, top, frame.getWidth(), frame.getHeight());
                }
                g.dispose();
                canvas = before == null ? canvas : before;
            }
            if (writer == null) {
                throw new BadPictureException("the GIF file has no pictures");
            }
            writer.close();
        } catch (BadPictureException e) {
            throw e;
        } catch (RuntimeException e) {
            throw new BadPictureException("the GIF file is cut off or damaged", e);
        } finally {
            reader.dispose();
        }
    }

    private static void add(GifWriter writer, BufferedImage image, int delay) throws IOException {
        int width = image.getWidth();
        int[] pixels = image.getRGB(0, 0, width, image.getHeight(), null, 0, width);
        int[] seen = Arrays.stream(pixels).filter(pixel -> pixel >>> 24 > 127).toArray();
        Palette palette = new Palette.Builder().add(seen, 1).build(COLORS);
        int[] colors = Arrays.copyOf(palette.colors(), COLORS + 1);
        byte[] indexes = new byte[pixels.length];
        for (int i = 0; i < pixels.length; i++) {
            indexes[i] = pixels[i] >>> 24 > 127 ? palette.index(pixels[i]) : (byte) COLORS;
        }
        writer.add(indexes, colors, seen.length < pixels.length ? COLORS : -1, delay);
    }

    private static BufferedImage copy(BufferedImage image) {
        BufferedImage copy = new BufferedImage(image.getWidth(), image.getHeight(), BufferedImage.TYPE_INT_ARGB);
        image.copyData(copy.getRaster());
        return copy;
    }

    private static int number(IIOMetadataNode root, String node, String attribute, int otherwise) {
        String text = text(root, node, attribute);
        return text == null || text.isEmpty() ? otherwise : Integer.parseInt(text);
    }

    private static @Nullable String text(IIOMetadataNode root, String node, String attribute) {
        return root.getElementsByTagName(node).getLength() == 0
                ? null
                : ((IIOMetadataNode) root.getElementsByTagName(node).item(0)).getAttribute(attribute);
    }
}
