package io.tollgate.java2d;

/**
 * A stop sign that counts how often it is looked at, notes the longest time between two looks, and goes up by itself at
 * a given look, as if somebody had canceled just then. Confined to the render's thread.
 */
final class CountedSign extends StopSign {
    private final long raiseAt;
    private final Runnable onRaise;
    private long looks;
    private long lastLook;
    private long longestNanos;

    private CountedSign(long raiseAt, Runnable onRaise) {
        this.raiseAt = raiseAt;
        this.onRaise = onRaise;
    }

    /** One that stays down. */
    static CountedSign down() {
        return new CountedSign(Long.MAX_VALUE, () -> {});
    }

    /** One that goes up at its {@code look}th look, from 1, which sees it. */
    static CountedSign raisedAt(long look, Runnable onRaise) {
        return new CountedSign(look, onRaise);
    }

    @Override
    boolean isRaised() {
        long now = System.nanoTime();
        if (looks > 0 && now - lastLook > longestNanos) {
            longestNanos = now - lastLook;
        }
        lastLook = now;
        looks++;
        if (looks == raiseAt) {
            onRaise.run();
            raise();
        }
        return super.isRaised();
    }

    long looks() {
        return looks;
    }

    /** The longest time between two looks, and until now: so long a cancel may take. */
    long longestNanos() {
        return Math.max(longestNanos, System.nanoTime() - lastLook);
    }
}
