package io.tollgate.java2d;

import java.awt.Color;
import java.awt.Font;
import java.awt.FontFormatException;
import java.awt.Graphics2D;
import java.awt.Shape;
import java.awt.font.FontRenderContext;
import java.awt.font.TextAttribute;
import java.awt.font.TextLayout;
import java.awt.geom.AffineTransform;
import java.awt.geom.Path2D;
import java.awt.geom.Rectangle2D;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Text as shapes, set in the bundled Open Sans, so that it looks the same everywhere; in the system's font where that
 * lacks the letters, and without letters that no font has. A system that has not even the means to read a font draws no
 * text. Safe for use by many threads.
 */
final class Lettering {
    private static final FontRenderContext CONTEXT = new FontRenderContext(new AffineTransform(), true, true);
    private static final @Nullable Font REGULAR = load("OpenSans-Regular.ttf");
    private static final @Nullable Font ITALIC = load("OpenSans-Italic.ttf");
    private static final float SMALLEST = 0.6f;
    private static final String MORE = "…";

    private Lettering() {}

    /** The styles of letters. */
    enum Style {
        REGULAR,
        ITALIC
    }

    private static @Nullable Font load(String resource) {
        try (InputStream in = Lettering.class.getResourceAsStream(resource)) {
            return in == null ? null : Font.createFont(Font.TRUETYPE_FONT, in);
        } catch (IOException | FontFormatException | RuntimeException | Error e) {
            // a bare server may lack fontconfig or freetype, and Java says so in any of these ways
            return null;
        }
    }

    /** Set text: lines of shapes with their tops at 0 and their middles at 0. */
    record Block(Shape shape, double width, double height) {
        /** Draws it with its top in the middle at (x, y). */
        void draw(Graphics2D g, double x, double y, Color color) {
            g.setColor(color);
            g.fill(AffineTransform.getTranslateInstance(x, y).createTransformedShape(shape));
        }
    }

    /**
     * Sets a caption: on one line if it fits, smaller if need be, else on two; too long ones end with an ellipsis.
     *
     * @param size the letters' size in pixels
     * @param spacing between letters, in parts of the size
     * @return nothing for blank text, or if no text can be drawn here
     */
    static Optional<Block> set(String text, Style style, float size, float spacing, double maxWidth) {
        Font base = style == Style.REGULAR ? REGULAR : ITALIC;
        if (base == null) {
            return Optional.empty();
        }
        try {
            Font font = fontFor(text, base);
            String clean = drawable(text, font);
            return clean.isEmpty() ? Optional.empty() : Optional.of(set(clean, font, size, spacing, maxWidth));
        } catch (RuntimeException | LinkageError | InternalError e) {
            return Optional.empty(); // the system's fonts are broken; a picture without a caption is better than none
        }
    }

    private static Font fontFor(String text, Font bundled) {
        if (bundled.canDisplayUpTo(text) < 0) {
            return bundled;
        }
        Font system = new Font(Font.SANS_SERIF, Font.PLAIN, 1);
        return drawable(text, system).length() > drawable(text, bundled).length() ? system : bundled;
    }

    /** The text with spaces put in order and without what can't be drawn. */
    private static String drawable(String text, Font font) {
        StringBuilder clean = new StringBuilder();
        text.codePoints()
                .map(c -> Character.isWhitespace(c) || Character.isSpaceChar(c) ? ' ' : c)
                .filter(c -> c == ' ' || (!Character.isISOControl(c) && font.canDisplay(c)))
                .forEach(clean::appendCodePoint);
        return clean.toString().strip().replaceAll(" +", " ");
    }

    private static Block set(String text, Font font, float size, float spacing, double maxWidth) {
        double width = width(text, font.deriveFont(size), spacing);
        if (width <= maxWidth) {
            return block(List.of(text), font.deriveFont(size), spacing);
        }
        float fitting = (float) (size * maxWidth / width);
        if (fitting >= size * SMALLEST) {
            return block(List.of(text), font.deriveFont(fitting), spacing);
        }
        Font small = font.deriveFont(size * SMALLEST * 1.15f);
        List<String> lines = new ArrayList<>();
        int cut = breakPoint(text, small, spacing);
        String first = text.substring(0, cut).strip();
        String second = text.substring(cut).strip();
        float widest = (float) Math.max(width(first, small, spacing), width(second, small, spacing));
        if (widest > maxWidth) {
            float shrink = (float) Math.max(0.75, maxWidth / widest);
            small = small.deriveFont(small.getSize2D() * shrink);
        }
        lines.add(shorten(first, small, spacing, maxWidth));
        if (!second.isEmpty() && !lines.get(0).endsWith(MORE)) {
            lines.add(shorten(second, small, spacing, maxWidth));
        }
        return block(lines, small, spacing);
    }

    /** The space nearest to the middle, or the middle. */
    private static int breakPoint(String text, Font font, float spacing) {
        double half = width(text, font, spacing) / 2;
        int best = -1;
        double least = Double.MAX_VALUE;
        for (int i = 1; i < text.length() - 1; i++) {
            if (text.charAt(i) == ' ') {
                double distance = Math.abs(width(text.substring(0, i), font, spacing) - half);
                if (distance < least) {
                    least = distance;
                    best = i;
                }
            }
        }
        int middle = text.offsetByCodePoints(0, text.codePointCount(0, text.length()) / 2);
        return best < 0 ? middle : best;
    }

    private static String shorten(String line, Font font, float spacing, double maxWidth) {
        if (width(line, font, spacing) <= maxWidth) {
            return line;
        }
        int end = line.length();
        while (end > 1 && width(line.substring(0, end).strip() + MORE, font, spacing) > maxWidth) {
            end = line.offsetByCodePoints(end, -1);
        }
        return line.substring(0, end).strip() + MORE;
    }

    private static double width(String line, Font font, float spacing) {
        return line.isEmpty() ? 0 : layout(line, font, spacing).getAdvance();
    }

    private static TextLayout layout(String line, Font font, float spacing) {
        Font spaced = spacing == 0 ? font : font.deriveFont(Map.of(TextAttribute.TRACKING, (Object) spacing));
        return new TextLayout(line, spaced, CONTEXT);
    }

    private static Block block(List<String> lines, Font font, float spacing) {
        Path2D path = new Path2D.Double(Path2D.WIND_NON_ZERO);
        double lineHeight = font.getSize2D() * 1.35;
        double capHeight = font.getSize2D() * 0.72;
        double widest = 0;
        for (int i = 0; i < lines.size(); i++) {
            TextLayout layout = layout(lines.get(i), font, spacing);
            Rectangle2D bounds = layout.getBounds();
            double left = -bounds.getX() - bounds.getWidth() / 2;
            path.append(
                    layout.getOutline(AffineTransform.getTranslateInstance(left, capHeight + i * lineHeight)), false);
            widest = Math.max(widest, bounds.getWidth());
        }
        return new Block(path, widest, capHeight + (lines.size() - 1) * lineHeight);
    }
}
