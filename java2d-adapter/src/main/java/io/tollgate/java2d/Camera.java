package io.tollgate.java2d;

/** Where each point of a film looks at a picture, frame by frame. Confined to one thread. */
abstract sealed class Camera {
    private final Film film;

    private Camera(Film film) {
        this.film = film;
    }

    /** The size of a film, in pixels. */
    record Film(int width, int height) {
        double aspect() {
            return (double) width / height;
        }
    }

    /** How much it enlarges the picture at most, at least 1. */
    abstract double closest();

    /**
     * Goes to a time.
     *
     * @param through from 0, the first frame, to 1, the last
     * @param round the same for a film that starts again without a jump: the last frame comes before 1
     */
    abstract void at(double through, double round);

    /** Finds the points of the picture that row {@code y} of the film shows; from 0 to 1 across and down. */
    abstract void look(int y, float[] u, float[] v);

    final Film film() {
        return film;
    }

    /** Starts and stops softly and is even in between: the integral of a trapezoid with rounded shoulders. */
    static double ease(double t) {
        double soft = t * t * t * (t * (t * 6 - 15) + 10);
        double even = 0.5 - 0.5 * Math.cos(Math.PI * t);
        return 0.35 * soft + 0.65 * even;
    }

    /** Shows a part of the picture, upright. */
    private abstract static sealed class Flat extends Camera {
        private double left;
        private double top;
        private double part;

        Flat(Film film) {
            super(film);
        }

        final void show(double centerX, double centerY, double shown) {
            part = shown;
            left = centerX - shown / 2;
            top = centerY - shown / 2;
        }

        @Override
        final void look(int y, float[] u, float[] v) {
            float row = (float) (top + part * (y + 0.5) / film().height());
            for (int x = 0; x < u.length; x++) {
                u[x] = (float) (left + part * (x + 0.5) / u.length);
                v[x] = row;
            }
        }
    }

    /** Moves along. */
    static final class Pan extends Flat {
        private final double shown;
        private final int dx;
        private final int dy;

        Pan(Film film, double amount, String direction) {
            super(film);
            shown = 1 / (1 + amount);
            dx = direction.equals("right") ? 1 : direction.equals("left") ? -1 : 0;
            dy = direction.equals("down") ? 1 : direction.equals("up") ? -1 : 0;
        }

        @Override
        double closest() {
            return 1 / shown;
        }

        @Override
        void at(double through, double round) {
            double way = (1 - shown) * (ease(through) - 0.5);
            show(0.5 + dx * way, 0.5 + dy * way, shown);
        }
    }

    /** Comes closer or goes back. */
    static final class Zoom extends Flat {
        private final double most;
        private final boolean closer;

        Zoom(Film film, double amount, boolean closer) {
            super(film);
            most = 1 + amount;
            this.closer = closer;
        }

        @Override
        double closest() {
            return most;
        }

        @Override
        void at(double through, double round) {
            double eased = closer ? ease(through) : 1 - ease(through);
            show(0.5, 0.5, Math.pow(most, -eased)); // by equal factors, which looks even
        }
    }

    /** Flies an ellipse in front of the picture and always looks at its middle. */
    static final class Orbit extends Camera {
        private static final double DISTANCE = 3;
        private static final double WIDEST_TURN = Math.toRadians(44);
        private static final int STEPS = 64;

        private final double yaw;
        private final double pitch;
        private final double zoom;
        private double[] place = new double[3];
        private double[] right = new double[3];
        private double[] up = new double[3];

        Orbit(Film film, double amount, boolean clockwise) {
            super(film);
            yaw = (clockwise ? 1 : -1) * WIDEST_TURN * amount;
            pitch = WIDEST_TURN * amount * 0.45;
            zoom = zoomThatFills();
        }

        @Override
        double closest() {
            return zoom * 1.15; // its near side is a little closer
        }

        @Override
        void at(double through, double round) {
            double angle = 2 * Math.PI * round;
            double h = yaw * Math.sin(angle);
            double e = pitch * Math.cos(angle);
            place = new double[] {
                DISTANCE * Math.sin(h) * Math.cos(e), DISTANCE * Math.sin(e), DISTANCE * Math.cos(h) * Math.cos(e)
            };
            right = new double[] {Math.cos(h), 0, -Math.sin(h)};
            up = new double[] {-Math.sin(h) * Math.sin(e), Math.cos(e), -Math.cos(h) * Math.sin(e)};
        }

        @Override
        void look(int y, float[] u, float[] v) {
            double sy = 1 - 2 * (y + 0.5) / film().height();
            double[] point = new double[2];
            for (int x = 0; x < u.length; x++) {
                hit((2 * (x + 0.5) / u.length - 1) * film().aspect(), sy, zoom, point);
                u[x] = (float) (0.5 + point[0] / (2 * film().aspect()));
                v[x] = (float) (0.5 - point[1] / 2);
            }
        }

        /** Where the ray through a point of the screen meets the picture, which is 2 high and lies in z = 0. */
        private void hit(double sx, double sy, double zoomed, double[] point) {
            double focal = DISTANCE * zoomed;
            double dx = -place[0] / DISTANCE * focal + right[0] * sx + up[0] * sy;
            double dy = -place[1] / DISTANCE * focal + right[1] * sx + up[1] * sy;
            double dz = -place[2] / DISTANCE * focal + right[2] * sx + up[2] * sy;
            double t = -place[2] / dz;
            point[0] = place[0] + t * dx;
            point[1] = place[1] + t * dy;
        }

        /** The least zoom at which no frame shows what lies beside the picture. */
        private double zoomThatFills() {
            double low = 1;
            double high = 3;
            for (int i = 0; i < 30; i++) {
                double middle = (low + high) / 2;
                if (fills(middle)) {
                    high = middle;
                } else {
                    low = middle;
                }
            }
            return high;
        }

        private boolean fills(double zoomed) {
            double aspect = film().aspect();
            double[] point = new double[2];
            for (int step = 0; step < STEPS; step++) {
                at(0, (double) step / STEPS);
                for (int corner = 0; corner < 4; corner++) {
                    hit(corner % 2 == 0 ? aspect : -aspect, corner < 2 ? 1 : -1, zoomed, point);
                    if (Math.abs(point[0]) > aspect || Math.abs(point[1]) > 1) {
                        return false;
                    }
                }
            }
            return true;
        }
    }
}
