package io.tollgate.java2d;

import io.tollgate.queue.job.AssetId;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.List;

/**
 * Makes a short film of a photo: the camera moves, smoothly and by fractions of a pixel. Inputs: {@code image};
 * {@code seconds} 2 to 6, 4; {@code fps} 8 to 30, 24 (12 for a GIF); {@code amount} 0.05 to 0.5, 0.25; {@code size} of
 * the longer side 160 to 1920, 1280 (480 for a GIF); {@code format} mp4 or gif, mp4; and {@code direction}, see
 * {@link Move}.
 */
final class MotionRecipe implements Recipe {
    private static final int WHITE = 0xffffff;
    private static final double WIDEST = 3; // 3:1; what is longer is cut off
    private static final double DENSITY = 1.4;
    private static final double MOST_TEXTURE = 16e6;
    private static final int PALETTE_FRAMES = 6;
    private static final int COLORS = 255;

    private final Move move;

    MotionRecipe(Move move) {
        this.move = move;
    }

    /** How the camera moves. */
    enum Move {
        /** Along the picture: right, left, up or down. */
        PAN("video-pan", "right left up down"),
        /** Towards the picture or away from it: in or out. */
        ZOOM("video-zoom", "in out"),
        /** Once around its middle, as if the picture hung in a room: right or left. Ends as it began. */
        ORBIT("video-orbit", "right left");

        private final String recipe;
        private final String directions;

        Move(String recipe, String directions) {
            this.recipe = recipe;
            this.directions = directions;
        }

        List<String> directions() {
            return List.of(directions.split(" "));
        }
    }

    @Override
    public String name() {
        return move.recipe;
    }

    @Override
    public Render plan(Parameters parameters) throws Refusal {
        AssetId image = parameters.asset("image");
        boolean gif = parameters.choice("format", "mp4", List.of("mp4", "gif")).equals("gif");
        double seconds = parameters.decimal("seconds", 4, 2, 6);
        int fps = parameters.whole("fps", gif ? 12 : 24, 8, 30);
        double amount = parameters.decimal("amount", 0.25, 0.05, 0.5);
        int size = parameters.whole("size", gif ? 480 : 1280, 160, 1920);
        String direction = parameters.choice("direction", move.directions().get(0), move.directions());
        int frames = (int) Math.round(seconds * fps);
        return bench -> {
            bench.expect(frames + (gif ? PALETTE_FRAMES : 0) + 1);
            Picture source = bench.read(image);
            Camera.Film film = film(source.width(), source.height(), size);
            Camera camera = switch (move) {
                case PAN -> new Camera.Pan(film, amount, direction);
                case ZOOM -> new Camera.Zoom(film, amount, direction.equals("in"));
                case ORBIT -> new Camera.Orbit(film, amount, direction.equals("right"));
            };
            Picture texture = texture(source.flatten(WHITE, bench.stop()), film, camera.closest(), bench.stop());
            bench.step("prepare");
            Shooting shooting = new Shooting(texture, film, camera, frames, bench.stop());
            if (gif) {
                gif(bench, shooting, fps);
            } else {
                mp4(bench, shooting, fps);
            }
        };
    }

    private void mp4(Workbench bench, Shooting shooting, int fps) throws IOException {
        Path path = bench.createFile(name() + ".mp4", "video/mp4");
        Camera.Film film = shooting.film;
        try (Mp4Writer writer = new Mp4Writer(path, film.width(), film.height(), fps, bench.stop())) {
            for (int frame = 0; frame < shooting.frames; frame++) {
                writer.add(shooting.shoot(frame));
                bench.step("film");
            }
            writer.finish();
        }
    }

    private void gif(Workbench bench, Shooting shooting, int fps) throws IOException {
        Palette.Builder colors = new Palette.Builder();
        for (int i = 0; i < PALETTE_FRAMES; i++) {
            colors.add(shooting.shoot(i * (shooting.frames - 1) / (PALETTE_FRAMES - 1)), 1);
            bench.step("choose colors");
        }
        Palette palette = colors.build(COLORS);
        Camera.Film film = shooting.film;
        byte[] indexes = new byte[film.width() * film.height()];
        try (OutputStream out = bench.create(name() + ".gif", "image/gif");
                GifWriter writer = new GifWriter(
                        new Stoppable(out, bench.stop()), film.width(), film.height(), palette.colors())) {
            for (int frame = 0; frame < shooting.frames; frame++) {
                int[] pixels = shooting.shoot(frame);
                for (int i = 0; i < indexes.length; i++) {
                    indexes[i] = palette.dithered(pixels[i], i % film.width(), i / film.width());
                }
                // so that rounding to hundredths doesn't add up
                int delay = Math.round((frame + 1) * 100f / fps) - Math.round(frame * 100f / fps);
                writer.add(indexes, new int[0], -1, delay);
                bench.step("film");
            }
        }
    }

    /** The size of the film: that of the picture, but not too narrow, and even as H.264 wants it. */
    private static Camera.Film film(int width, int height, int size) {
        double aspect = Math.max(1 / WIDEST, Math.min(WIDEST, (double) width / height));
        double longer = size;
        double w = aspect >= 1 ? longer : longer * aspect;
        double h = aspect >= 1 ? longer / aspect : longer;
        return new Camera.Film(even(w), even(h));
    }

    private static int even(double length) {
        return (int) Math.max(1, Math.round(length / 2)) * 2;
    }

    /** The middle of the picture in the film's shape, as fine as the camera comes close. */
    private static Picture texture(Picture source, Camera.Film film, double closest, StopSign stop) throws IOException {
        double fine = DENSITY * closest;
        double most = Math.sqrt(MOST_TEXTURE / ((double) film.width() * film.height()));
        double factor = Math.min(fine, most);
        int width = (int) Math.ceil(film.width() * factor);
        int height = (int) Math.ceil(film.height() * factor);
        double aspect = (double) film.width() / film.height();
        int cutWidth = (int) Math.min(source.width(), Math.max(1, Math.round(source.height() * aspect)));
        int cutHeight = (int) Math.min(source.height(), Math.max(1, Math.round(source.width() / aspect)));
        return source.cut((source.width() - cutWidth) / 2, (source.height() - cutHeight) / 2, cutWidth, cutHeight)
                .scale(width, height, stop);
    }

    /** Takes the frames of one film. Reuses one frame's memory. */
    private static final class Shooting {
        private final Picture texture;
        private final Camera.Film film;
        private final Camera camera;
        private final int frames;
        private final StopSign stop;
        private final int[] pixels;

        Shooting(Picture texture, Camera.Film film, Camera camera, int frames, StopSign stop) {
            this.texture = texture;
            this.film = film;
            this.camera = camera;
            this.frames = frames;
            this.stop = stop;
            pixels = new int[film.width() * film.height()];
        }

        int[] shoot(int frame) throws IOException {
            camera.at((double) frame / (frames - 1), (double) frame / frames);
            float[] u = new float[film.width()];
            float[] v = new float[film.width()];
            for (int y = 0; y < film.height(); y++) {
                stop.check();
                camera.look(y, u, v);
                sample(u, v, y * film.width());
            }
            return pixels;
        }

        /** Bilinear; the texture is fine enough for no more. {@code u} and {@code v} go from 0 to 1. */
        private void sample(float[] u, float[] v, int at) {
            int width = texture.width();
            int height = texture.height();
            int[] from = texture.pixels();
            for (int x = 0; x < u.length; x++) {
                float tx = Math.max(0, Math.min(width - 1.001f, u[x] * width - 0.5f));
                float ty = Math.max(0, Math.min(height - 1.001f, v[x] * height - 0.5f));
                int column = (int) tx;
                int row = (int) ty;
                int fx = (int) ((tx - column) * 256);
                int fy = (int) ((ty - row) * 256);
                int corner = row * width + column;
                int below = row + 1 < height ? corner + width : corner;
                int right = column + 1 < width ? 1 : 0;
                pixels[at + x] =
                        mix(mix(from[corner], from[corner + right], fx), mix(from[below], from[below + right], fx), fy);
            }
        }

        /** Red and blue at once, then green. */
        private static int mix(int a, int b, int part) {
            int rest = 256 - part;
            int outer = ((a & 0xff00ff) * rest + (b & 0xff00ff) * part + 0x800080) >>> 8 & 0xff00ff;
            int middle = ((a & 0xff00) * rest + (b & 0xff00) * part + 0x8000) >>> 8 & 0xff00;
            return Picture.OPAQUE | outer | middle;
        }
    }
}
