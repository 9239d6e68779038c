package io.tollgate.java2d;

import java.awt.image.BufferedImage;
import java.awt.image.DataBufferByte;
import java.io.IOException;
import java.io.OutputStream;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/** Writes rows as a JPEG, and nothing but pixels. Holds the whole result, 3 bytes a pixel. */
final class JpegWriter {
    static final float QUALITY = 0.92f;

    private JpegWriter() {}

    /** @param rows opaque ones: alpha is dropped */
    static void write(Rows rows, OutputStream out, StopSign stop, PngWriter.Watcher watcher) throws IOException {
        int width = rows.width();
        int height = rows.height();
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_3BYTE_BGR);
        byte[] bytes = ((DataBufferByte) image.getRaster().getDataBuffer()).getData();
        int[] row = new int[width];
        int at = 0;
        for (int y = 0; y < height; y++) {
            rows.next(row);
            for (int pixel : row) {
                bytes[at++] = (byte) pixel;
                bytes[at++] = (byte) (pixel >> 8);
                bytes[at++] = (byte) (pixel >> 16);
            }
            watcher.wrote(y);
        }
        write(image, out, stop);
    }

    static void write(BufferedImage image, OutputStream out, StopSign stop) throws IOException {
        ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
        try (MemoryCacheImageOutputStream stream = new MemoryCacheImageOutputStream(new Stoppable(out, stop))) {
            ImageWriteParam settings = writer.getDefaultWriteParam();
            settings.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
            settings.setCompressionQuality(QUALITY);
            writer.setOutput(stream);
            writer.addIIOWriteProgressListener(new WriteWatch(stop));
            writer.write(null, new IIOImage(image, null, null), settings);
            stop.check();
        } finally {
            writer.dispose();
        }
    }
}
