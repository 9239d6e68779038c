package io.tollgate.java2d;

import io.tollgate.queue.job.AssetId;
import io.tollgate.queue.job.Failure;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.geom.Path2D;
import java.awt.geom.Rectangle2D;
import java.awt.geom.RoundRectangle2D;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Puts a photo into a frame, with a caption. Inputs: {@code image}; {@code style} classic, polaroid, film or gallery,
 * classic; {@code caption} of at most 120 characters, empty; {@code color} auto, a name or {@code #rrggbb}, auto: of
 * the frame, what the card lies on, the light behind the film or the wall. The photo is scaled to a longer side of 640
 * to 4096 pixels.
 */
final class FrameRecipe implements Recipe {
    private static final int SHORTEST_SIDE = 640;
    private static final int LONGEST_SIDE = 4096;
    private static final int MAX_CAPTION = 120;
    private static final double THINNEST = 0.2; // 1:5; what is longer is cut off
    private static final int STRIP = 64;
    private static final int WHITE = 0xffffff;
    private static final Map<String, Integer> COLORS = Map.ofEntries(
            Map.entry("black", 0x1b1b1d),
            Map.entry("white", 0xf7f6f3),
            Map.entry("gray", 0x8d8f92),
            Map.entry("silver", 0xc4c7ca),
            Map.entry("gold", 0xb8924a),
            Map.entry("walnut", 0x5a3e2b),
            Map.entry("oak", 0xb08a5b),
            Map.entry("red", 0xa33a34),
            Map.entry("orange", 0xd0813a),
            Map.entry("yellow", 0xe2c15a),
            Map.entry("green", 0x4d7358),
            Map.entry("teal", 0x3f7c80),
            Map.entry("blue", 0x3d5f92),
            Map.entry("navy", 0x25324a),
            Map.entry("purple", 0x6a4f86),
            Map.entry("pink", 0xd9a3ad),
            Map.entry("cream", 0xf1e8d6));

    @Override
    public String name() {
        return "image-frame";
    }

    @Override
    public Render plan(Parameters parameters) throws Refusal {
        AssetId image = parameters.asset("image");
        String style = parameters.choice("style", "classic", List.of("classic", "polaroid", "film", "gallery"));
        String caption = parameters.text("caption", "", MAX_CAPTION);
        Optional<Integer> color = color(parameters.text("color", "auto", 20));
        return bench -> {
            Picture source = bench.read(image).flatten(WHITE, bench.stop());
            Picture photo = sized(source, bench.stop());
            Layout layout = switch (style) {
                case "polaroid" -> Layout.polaroid(photo, caption, color.orElse(0xcfc8bd));
                case "film" -> Layout.film(photo, caption, color.orElse(0xf3eee2));
                case "gallery" -> Layout.gallery(photo, caption, color.orElse(0xdedad3));
                default -> Layout.classic(photo, caption, color.orElse(0x5a3e2b));
            };
            Picture framed = layout.paint(bench.stop());
            write(bench, framed);
        };
    }

    private static Optional<Integer> color(String text) throws Refusal {
        String word = text.strip().toLowerCase(Locale.ROOT);
        if (word.isEmpty() || word.equals("auto")) {
            return Optional.empty();
        }
        if (COLORS.containsKey(word)) {
            return Optional.of(COLORS.get(word));
        }
        if (word.matches("#[0-9a-f]{6}")) {
            return Optional.of(Integer.parseInt(word.substring(1), 16));
        }
        if (word.matches("#[0-9a-f]{3}")) {
            int r = Character.digit(word.charAt(1), 16) * 17;
            int g = Character.digit(word.charAt(2), 16) * 17;
            int b = Character.digit(word.charAt(3), 16) * 17;
            return Optional.of(r << 16 | g << 8 | b);
        }
        throw new Refusal(
                Failure.Kind.BAD_INPUT,
                "color must be auto, #rrggbb or one of "
                        + String.join(", ", COLORS.keySet().stream().sorted().toList()) + ": " + text);
    }

    private static Picture sized(Picture source, StopSign stop) throws IOException {
        int width = source.width();
        int height = source.height();
        int cutWidth = (int) Math.min(width, Math.max(1, Math.round(height / THINNEST)));
        int cutHeight = (int) Math.min(height, Math.max(1, Math.round(width / THINNEST)));
        Picture cut = source.cut((width - cutWidth) / 2, (height - cutHeight) / 2, cutWidth, cutHeight);
        int longer = Math.max(cutWidth, cutHeight);
        if (longer >= SHORTEST_SIDE) {
            return cut.fit(LONGEST_SIDE, stop);
        }
        double scale = (double) SHORTEST_SIDE / longer;
        return cut.scale(
                (int) Math.max(1, Math.round(cutWidth * scale)),
                (int) Math.max(1, Math.round(cutHeight * scale)),
                stop);
    }

    private void write(Workbench bench, Picture picture) throws IOException {
        int strips = (picture.height() + STRIP - 1) / STRIP;
        bench.expect(strips + 1);
        bench.step("frame");
        try (OutputStream out = bench.create(name() + ".png", "image/png")) {
            PngWriter.write(picture.rows(), out, y -> {
                bench.stop().check();
                if (y % STRIP == STRIP - 1 || y == picture.height() - 1) {
                    bench.step("frame");
                }
            });
        }
    }

    /** Where things are in one style, in pixels of the result. */
    private abstract static class Layout {
        final Picture photo;
        final double unit; // about a hundredth of the photo's side
        int width;
        int height;
        int photoX;
        int photoY;

        Layout(Picture photo) {
            this.photo = photo;
            double mean = Math.sqrt((double) photo.width() * photo.height());
            unit = Math.min(mean, 1.6 * Math.min(photo.width(), photo.height())) / 100;
        }

        final int units(double count) {
            return (int) Math.round(count * unit);
        }

        final void margins(int left, int top, int right, int bottom) {
            width = left + photo.width() + right;
            height = top + photo.height() + bottom;
            photoX = left;
            photoY = top;
        }

        final Optional<Lettering.Block> caption(
                String text, Lettering.Style style, double size, double spacing, double maxWidth) {
            return Lettering.set(text, style, (float) (size * unit), (float) spacing, maxWidth);
        }

        abstract void below(Canvas canvas) throws IOException;

        abstract void above(Canvas canvas) throws IOException;

        final Picture paint(StopSign stop) throws IOException {
            Canvas canvas = new Canvas(width, height, stop);
            below(canvas);
            canvas.place(photo, photoX, photoY);
            above(canvas);
            return canvas.picture();
        }

        /** A wooden frame with shaded sides around a mat with a fine inner line. */
        static Layout classic(Picture photo, String text, int color) {
            return new Layout(photo) {
                private final int wood = units(4.2);
                private final int mat = units(7);
                private final Optional<Lettering.Block> caption =
                        caption(text, Lettering.Style.REGULAR, 3.4, 0.02, photo.width() * 0.94);
                private final int foot = caption.map(block -> units(6) + (int) Math.ceil(block.height()))
                        .orElse(mat);

                {
                    margins(wood + mat, wood + mat, wood + mat, wood + Math.max(mat, foot + units(1)));
                }

                @Override
                void below(Canvas canvas) throws IOException {
                    canvas.fill(0, 0, width, height, 0xf4efe6);
                    canvas.innerShadow(wood, wood, width - 2 * wood, height - 2 * wood, unit * 1.1, 0.34);
                }

                @Override
                void above(Canvas canvas) throws IOException {
                    Graphics2D g = canvas.graphics();
                    // the cut of the mat: lit from above, so its upper edge is in shade
                    double bevel = Math.max(1, unit * 0.32);
                    Rectangle2D hole = new Rectangle2D.Double(photoX, photoY, photo.width(), photo.height());
                    canvas.band(grown(hole, bevel), hole, new int[] {0xd8d2c6, 0xe6e1d7, 0xffffff, 0xefebe2});
                    double gap = unit * 1.25;
                    Rectangle2D line = grown(hole, gap);
                    canvas.ring(grown(line, Math.max(1, unit * 0.14)), line, shade(color, 1.0), 0.55);
                    Rectangle2D outer = new Rectangle2D.Double(0, 0, width, height);
                    Rectangle2D inner = grown(outer, -wood);
                    canvas.band(outer, inner, new int[] {
                        shade(color, 1.16), shade(color, 0.94), shade(color, 0.78), shade(color, 1.02)
                    });
                    canvas.grain(outer, inner);
                    Rectangle2D lip = grown(inner, wood * 0.2);
                    canvas.band(lip, inner, new int[] {
                        shade(color, 0.7), shade(color, 0.86), shade(color, 1.3), shade(color, 1.08)
                    });
                    Rectangle2D ridge = grown(outer, -wood * 0.18);
                    canvas.ring(ridge, grown(ridge, -Math.max(1, unit * 0.12)), shade(color, 1.45), 0.45);
                    caption.ifPresent(block -> {
                        double room = height - wood - (photoY + photo.height());
                        double top = photoY + photo.height() + (room - block.height()) / 2 + unit * 0.3;
                        block.draw(g, width / 2.0, top, new Color(0x453c33));
                    });
                    g.dispose();
                }
            };
        }

        /** A white card with a broad foot, lying on a table. */
        static Layout polaroid(Picture photo, String text, int color) {
            return new Layout(photo) {
                private final int border = units(5.5);
                private final int table = units(8);
                private final Optional<Lettering.Block> caption =
                        caption(text, Lettering.Style.ITALIC, 6, 0.01, photo.width() * 0.96);
                private final int foot = Math.max(
                        units(18),
                        caption.map(block -> units(10) + (int) Math.ceil(block.height()))
                                .orElse(0));

                {
                    margins(table + border, table + border, table + border, table + foot);
                }

                @Override
                void below(Canvas canvas) throws IOException {
                    canvas.glow(color, 0.06);
                    double w = width - 2.0 * table;
                    double h = height - 2.0 * table;
                    canvas.shadow(table, table + unit * 1.6, w, h, unit * 2.2, 0.30);
                    canvas.shadow(table, table + unit * 0.3, w, h, unit * 0.5, 0.22);
                    canvas.fill(table, table, (int) w, (int) h, 0xfbfaf6);
                }

                @Override
                void above(Canvas canvas) throws IOException {
                    canvas.innerShadow(photoX, photoY, photo.width(), photo.height(), unit * 0.5, 0.28);
                    Graphics2D g = canvas.graphics();
                    caption.ifPresent(block -> {
                        double room = height - table - (photoY + photo.height());
                        double top = photoY + photo.height() + (room - block.height()) / 2 - unit * 0.4;
                        block.draw(g, width / 2.0, top, new Color(0x33363d));
                    });
                    g.dispose();
                }
            };
        }

        /** A piece of film with holes that light falls through. */
        static Layout film(Picture photo, String text, int color) {
            return new Layout(photo) {
                private final int band = units(13.5);
                private final int side = units(3.2);
                private final Optional<Lettering.Block> caption =
                        caption(text, Lettering.Style.REGULAR, 3, 0.03, photo.width() * 0.94);
                private final int line = caption.map(block -> units(4.4) + (int) Math.ceil(block.height()))
                        .orElse(0);

                {
                    margins(side, band, side, band + line);
                }

                @Override
                void below(Canvas canvas) throws IOException {
                    canvas.fill(0, 0, width, height, 0x17130f);
                }

                @Override
                void above(Canvas canvas) throws IOException {
                    Graphics2D g = canvas.graphics();
                    canvas.ring(
                            grown(new Rectangle2D.Double(photoX, photoY, photo.width(), photo.height()), unit * 0.25),
                            new Rectangle2D.Double(photoX, photoY, photo.width(), photo.height()),
                            0x3a2f24,
                            1);
                    double holeWidth = unit * 4.4;
                    double holeHeight = unit * 5.6;
                    double pitch = unit * 7.6;
                    int count = (int) Math.max(2, Math.round(width / pitch));
                    double step = (double) width / count;
                    double upper = band * 0.31;
                    double lower = height - upper - holeHeight;
                    for (int i = 0; i < count; i++) {
                        double x = (i + 0.5) * step - holeWidth / 2;
                        hole(g, x, upper, holeWidth, holeHeight);
                        hole(g, x, lower, holeWidth, holeHeight);
                    }
                    Color amber = new Color(0xe0a24a);
                    double small = upper * 0.5;
                    mark(g, "TOLLGATE 400", width * 0.2, upper * 0.26, small, amber);
                    mark(g, "▸ 12", width * 0.8, upper * 0.26, small, amber);
                    mark(g, "12A", width * 0.2, height - upper * 0.26 - small * 0.72, small, amber);
                    mark(g, "SAFETY FILM", width * 0.8, height - upper * 0.26 - small * 0.72, small, amber);
                    caption.ifPresent(block -> {
                        double top = photoY + photo.height() + (line + unit * 1.6 - block.height()) / 2;
                        block.draw(g, width / 2.0, top, new Color(0xefd7a8));
                    });
                    g.dispose();
                }

                private void hole(Graphics2D g, double x, double y, double w, double h) {
                    g.setColor(new Color(shade(color, 0.55)));
                    g.fill(new RoundRectangle2D.Double(x, y, w, h, unit * 1.5, unit * 1.5));
                    double rim = Math.max(0.7, unit * 0.18);
                    g.setColor(new Color(color));
                    g.fill(new RoundRectangle2D.Double(
                            x + rim * 0.5, y + rim, w - rim, h - rim, unit * 1.4, unit * 1.4));
                }

                private void mark(Graphics2D g, String words, double x, double y, double size, Color ink) {
                    Lettering.set(words, Lettering.Style.REGULAR, (float) size, 0.12f, width * 0.45)
                            .ifPresent(block -> block.draw(g, x, y, ink));
                }
            };
        }

        /** A thin frame with a wide white mat on a wall, and a label below it. */
        static Layout gallery(Picture photo, String text, int color) {
            return new Layout(photo) {
                private final int wall = units(16);
                private final int bar = Math.max(2, units(1.5));
                private final int mat = units(10);
                private final Optional<Lettering.Block> caption =
                        caption(text, Lettering.Style.REGULAR, 2.6, 0.03, photo.width() * 0.86);
                private final int foot = caption.map(block -> wall + units(9) + (int) Math.ceil(block.height()))
                        .orElse(wall + units(2));

                {
                    margins(wall + bar + mat, wall + bar + mat, wall + bar + mat, foot + bar + mat);
                }

                @Override
                void below(Canvas canvas) throws IOException {
                    canvas.glow(color, 0.10);
                    double w = width - 2.0 * wall;
                    double h = height - (double) wall - foot;
                    canvas.shadow(wall, wall + unit * 2.4, w, h, unit * 2.6, 0.34);
                    canvas.shadow(wall, wall + unit * 0.4, w, h, unit * 0.6, 0.25);
                    canvas.fill(wall, wall, (int) w, (int) h, 0xfcfbf9);
                    canvas.innerShadow(wall + bar, wall + bar, (int) w - 2 * bar, (int) h - 2 * bar, unit * 0.9, 0.3);
                }

                @Override
                void above(Canvas canvas) throws IOException {
                    Rectangle2D outer =
                            new Rectangle2D.Double(wall, wall, width - 2.0 * wall, height - (double) wall - foot);
                    canvas.band(outer, grown(outer, -bar), new int[] {0x3a3835, 0x2a2826, 0x1d1c1a, 0x2e2c29});
                    Rectangle2D hole = new Rectangle2D.Double(photoX, photoY, photo.width(), photo.height());
                    double bevel = Math.max(1, unit * 0.3);
                    canvas.band(grown(hole, bevel), hole, new int[] {0xcfcbc4, 0xdfdcd6, 0xf8f7f4, 0xe9e6e1});
                    Lettering.Block block = caption.orElse(null);
                    if (block == null) {
                        return;
                    }
                    double labelWidth = block.width() + unit * 5;
                    double labelHeight = block.height() + unit * 3.6;
                    double left = (width - labelWidth) / 2;
                    double bottom = outer.getMaxY();
                    double top = bottom + (height - bottom - labelHeight) / 2 + unit * 0.8;
                    canvas.shadow(left, top + unit * 0.4, labelWidth, labelHeight, unit * 0.6, 0.3);
                    Graphics2D g = canvas.graphics();
                    g.setColor(new Color(0xfdfcfa));
                    g.fill(new RoundRectangle2D.Double(left, top, labelWidth, labelHeight, unit * 0.3, unit * 0.3));
                    block.draw(g, width / 2.0, top + (labelHeight - block.height()) / 2, new Color(0x35322e));
                    g.dispose();
                }
            };
        }
    }

    private static Rectangle2D grown(Rectangle2D r, double by) {
        return new Rectangle2D.Double(r.getX() - by, r.getY() - by, r.getWidth() + 2 * by, r.getHeight() + 2 * by);
    }

    static int shade(int rgb, double factor) {
        int result = 0;
        for (int shift = 16; shift >= 0; shift -= 8) {
            int value = (rgb >> shift) & 255;
            double shaded = factor <= 1 ? value * factor : value + (255 - value) * (factor - 1);
            result |= (int) Math.round(Math.max(0, Math.min(255, shaded))) << shift;
        }
        return result;
    }

    /** What a frame is painted on. Large areas are done row by row, so that it can be stopped, and are dithered. */
    private static final class Canvas {
        private final Picture picture;
        private final StopSign stop;

        Canvas(int width, int height, StopSign stop) {
            picture = Picture.empty(width, height);
            this.stop = stop;
        }

        Picture picture() {
            return picture;
        }

        Graphics2D graphics() throws IOException {
            stop.check();
            return PictureReader.graphics(picture.image());
        }

        void place(Picture photo, int x, int y) throws IOException {
            for (int row = 0; row < photo.height(); row++) {
                stop.check();
                System.arraycopy(
                        photo.pixels(),
                        row * photo.width(),
                        picture.pixels(),
                        (y + row) * picture.width() + x,
                        photo.width());
            }
        }

        void fill(int x, int y, int w, int h, int rgb) throws IOException {
            for (int row = y; row < y + h; row++) {
                stop.check();
                int start = row * picture.width() + x;
                Arrays.fill(picture.pixels(), start, start + w, Picture.OPAQUE | rgb);
            }
        }

        /** A color that is a little lighter above the middle and darker in the corners. */
        void glow(int rgb, double strength) throws IOException {
            double cx = picture.width() / 2.0;
            double cy = picture.height() * 0.4;
            double reach = Math.hypot(cx, picture.height() - cy);
            for (int y = 0; y < picture.height(); y++) {
                stop.check();
                for (int x = 0; x < picture.width(); x++) {
                    double distance = Math.hypot(x - cx, y - cy) / reach;
                    double factor = 1 + strength * (0.5 - 2.2 * distance * distance);
                    set(x, y, rgb, factor);
                }
            }
        }

        /** The soft shadow of a rectangle: a Gaussian blur of it is a product of two error functions. */
        void shadow(double x, double y, double w, double h, double blur, double strength) throws IOException {
            float[] across = blurred(picture.width(), x, x + w, blur);
            float[] down = blurred(picture.height(), y, y + h, blur);
            for (int row = 0; row < picture.height(); row++) {
                stop.check();
                darken(row, 0, across, (float) (down[row] * strength));
            }
        }

        private void darken(int row, int from, float[] across, float strength) {
            if (strength < 0.001) {
                return;
            }
            for (int x = from; x < across.length; x++) {
                float dark = across[x] * strength;
                if (dark > 0.001) {
                    set(x, row, picture.pixels()[row * picture.width() + x], 1 - dark);
                }
            }
        }

        /** The shadow that an opening's edge throws into it, mostly from above. */
        void innerShadow(int x, int y, int w, int h, double blur, double strength) throws IOException {
            float[] across = blurred(picture.width(), x + blur * 0.4, x + w - blur * 0.4, blur);
            float[] down = blurred(picture.height(), y + blur, y + h + blur * 0.3, blur);
            for (int row = y; row < y + h; row++) {
                stop.check();
                for (int column = x; column < x + w; column++) {
                    double dark = strength * (1 - across[column] * down[row]);
                    if (dark > 0.001) {
                        set(column, row, picture.pixels()[row * picture.width() + column], 1 - dark);
                    }
                }
            }
        }

        private static float[] blurred(int length, double from, double to, double blur) {
            float[] values = new float[length];
            for (int i = 0; i < length; i++) {
                values[i] = (float) (step((i + 0.5 - from) / blur) - step((i + 0.5 - to) / blur));
            }
            return values;
        }

        /** The normal distribution, by a logistic curve; off by at most 0.0095. */
        private static double step(double x) {
            return 1 / (1 + Math.exp(-1.702 * x));
        }

        /** The room between two rectangles as four mitered bars: top, right, bottom, left. */
        void band(Rectangle2D outer, Rectangle2D inner, int[] colors) throws IOException {
            Graphics2D g = graphics();
            double[] ox = {outer.getMinX(), outer.getMaxX(), outer.getMaxX(), outer.getMinX()};
            double[] oy = {outer.getMinY(), outer.getMinY(), outer.getMaxY(), outer.getMaxY()};
            double[] ix = {inner.getMinX(), inner.getMaxX(), inner.getMaxX(), inner.getMinX()};
            double[] iy = {inner.getMinY(), inner.getMinY(), inner.getMaxY(), inner.getMaxY()};
            for (int i = 0; i < 4; i++) {
                int next = (i + 1) % 4;
                Path2D bar = new Path2D.Double();
                bar.moveTo(ox[i], oy[i]);
                bar.lineTo(ox[next], oy[next]);
                bar.lineTo(ix[next], iy[next]);
                bar.lineTo(ix[i], iy[i]);
                bar.closePath();
                g.setColor(new Color(colors[i]));
                g.fill(bar);
            }
            g.dispose();
        }

        void ring(Rectangle2D outer, Rectangle2D inner, int rgb, double opacity) throws IOException {
            Graphics2D g = graphics();
            Path2D ring = new Path2D.Double(Path2D.WIND_EVEN_ODD);
            ring.append(outer, false);
            ring.append(inner, false);
            g.setColor(new Color((rgb >> 16) & 255, (rgb >> 8) & 255, rgb & 255, (int) Math.round(255 * opacity)));
            g.fill(ring);
            g.dispose();
        }

        /** Fine streaks along a frame's bars. */
        void grain(Rectangle2D outer, Rectangle2D inner) throws IOException {
            for (int y = 0; y < picture.height(); y++) {
                stop.check();
                for (int x = 0; x < picture.width(); x++) {
                    if (inner.contains(x, y) || !outer.contains(x, y)) {
                        continue;
                    }
                    double toSide = Math.min(x, picture.width() - 1 - x);
                    double toEnd = Math.min(y, picture.height() - 1 - y);
                    boolean upright = toSide < toEnd;
                    double along = upright ? y : x;
                    double over = upright ? x : y;
                    double wave = noise(along / 90, over / 1.7) * 0.6 + noise(along / 25 + 70, over / 0.9) * 0.4;
                    set(x, y, picture.pixels()[y * picture.width() + x], 1 + 0.10 * (wave - 0.5));
                }
            }
        }

        private static double noise(double x, double y) {
            int ix = (int) Math.floor(x);
            int iy = (int) Math.floor(y);
            double fx = x - ix;
            double fy = y - iy;
            fx = fx * fx * (3 - 2 * fx);
            fy = fy * fy * (3 - 2 * fy);
            double top = hash(ix, iy) * (1 - fx) + hash(ix + 1, iy) * fx;
            double bottom = hash(ix, iy + 1) * (1 - fx) + hash(ix + 1, iy + 1) * fx;
            return top * (1 - fy) + bottom * fy;
        }

        private static double hash(int x, int y) {
            int h = x * 0x27d4eb2d + y * 0x165667b1;
            h = (h ^ h >>> 15) * 0x2c1b3c6d;
            h = (h ^ h >>> 12) * 0x297a2d39;
            return ((h ^ h >>> 15) & 0xffff) / 65536.0;
        }

        /** Dithered by a fraction of a step, so that soft shades show no bands. */
        private void set(int x, int y, int rgb, double factor) {
            double noise = hash(x, y);
            int result = Picture.OPAQUE;
            for (int shift = 16; shift >= 0; shift -= 8) {
                double value = ((rgb >> shift) & 255) * factor + noise;
                result |= Math.max(0, Math.min(255, (int) value)) << shift;
            }
            picture.pixels()[y * picture.width() + x] = result;
        }
    }
}
