package io.tollgate.java2d;

import java.awt.AlphaComposite;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.Shape;
import java.awt.geom.AffineTransform;
import java.awt.geom.Path2D;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import java.util.Optional;

/**
 * A small sign with words for the lower right corner of a picture: white with a soft dark edge, so that it can be read
 * on anything. Its size follows the picture's diagonal, and it keeps away from the border.
 */
final class Mark {
    private static final double LETTERS = 0.018;
    private static final double SMALLEST = 9;
    private static final double WIDEST = 0.6;

    private final String text;

    Mark(String text) {
        this.text = text;
    }

    /** Draws it on a picture. */
    void draw(BufferedImage image) {
        int width = image.getWidth();
        int height = image.getHeight();
        double size = Math.max(SMALLEST, Math.hypot(width, height) * LETTERS);
        size = Math.min(size, height / 4.0);
        Path2D shape = new Path2D.Double(Path2D.WIND_EVEN_ODD);
        double sign = size * 0.95;
        shape.append(gate(sign), false);
        Optional<Lettering.Block> words = Lettering.set(
                text, Lettering.Style.REGULAR, (float) size, 0.01f, Math.max(1, width * WIDEST - sign * 1.4));
        boolean readable = words.isPresent() && words.get().height() >= SMALLEST * 0.5 && width >= 120;
        if (readable) {
            Lettering.Block block = words.get();
            double left = sign * 1.4 + block.width() / 2;
            shape.append(
                    AffineTransform.getTranslateInstance(
                                    left, (sign - Math.min(block.height(), size * 0.72)) / 2 + sign * 0.02)
                            .createTransformedShape(block.shape()),
                    false);
        }
        Rectangle2D bounds = shape.getBounds2D();
        double margin = size * 0.9;
        Shape placed = AffineTransform.getTranslateInstance(
                        width - margin - bounds.getMaxX(), height - margin - bounds.getMaxY())
                .createTransformedShape(shape);
        Graphics2D g = PictureReader.graphics(image);
        g.setColor(Color.BLACK);
        for (int ring = 3; ring >= 1; ring--) {
            g.setComposite(AlphaComposite.getInstance(AlphaComposite.SRC_OVER, 0.16f));
            g.setStroke(new BasicStroke((float) (size * 0.07 * ring), BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
            g.draw(placed);
        }
        g.setComposite(AlphaComposite.getInstance(AlphaComposite.SRC_OVER, 0.82f));
        g.setColor(Color.WHITE);
        g.fill(placed);
        g.dispose();
    }

    /** A gate with its bar half raised, as high as wide. */
    private static Shape gate(double size) {
        Path2D gate = new Path2D.Double();
        double u = size / 10;
        gate.append(new Rectangle2D.Double(0, 2.2 * u, 2 * u, 7.8 * u), false);
        gate.moveTo(2.6 * u, 5.2 * u);
        gate.lineTo(9.4 * u, 0.2 * u);
        gate.lineTo(10 * u, 1.9 * u);
        gate.lineTo(2.6 * u, 7.2 * u);
        gate.closePath();
        return gate;
    }
}
