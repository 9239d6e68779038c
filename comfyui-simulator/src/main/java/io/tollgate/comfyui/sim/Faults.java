package io.tollgate.comfyui.sim;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The faults of a simulator: ordered for the next matching call, or drawn at random. They and what happened outlive a
 * restart. Safe for use by many threads.
 */
public final class Faults {

    /** The most events that are kept; older ones are forgotten. */
    public static final int MAX_EVENTS = 100_000;

    /** There are about so many frames to a call, so each is so much less likely to be hit at random. */
    private static final int FRAMES_PER_CALL = 50;

    private final ReentrantLock lock = new ReentrantLock();
    private final List<Order> orders = new ArrayList<>();
    private final List<FaultEvent> happened = new ArrayList<>();
    private List<FaultKind> randomKinds = List.of();
    private double rate;
    private Random random = new Random(0);
    private Duration delay = Duration.ofMillis(200);

    Faults() {}

    private record Order(Route route, FaultKind kind) {}

    /** Orders a fault for the next call at {@code route}. Orders for one place are served in the order they came. */
    public void next(Route route, FaultKind kind) {
        next(route, kind, 1);
    }

    /**
     * Orders a fault for the next so many calls at {@code route}.
     *
     * @throws IllegalArgumentException if that kind can't happen there
     */
    public void next(Route route, FaultKind kind, int times) {
        if (!kind.fits(route)) {
            throw new IllegalArgumentException(kind + " can't happen at " + route);
        }
        lock.lock();
        try {
            for (int i = 0; i < times; i++) {
                orders.add(new Order(route, kind));
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Lets faults happen at random from now on, besides those that are ordered.
     *
     * @param chance how likely a call or a node is to be hit, from 0 to 1; a frame is hit 50 times less often
     * @param seed the same seed and the same calls in the same order give the same faults
     * @param kinds what may happen; one that can't happen at a place is not drawn there
     */
    public void random(double chance, long seed, FaultKind... kinds) {
        if (!(chance >= 0 && chance <= 1)) {
            throw new IllegalArgumentException("chance must be from 0 to 1: " + chance);
        }
        lock.lock();
        try {
            rate = chance;
            random = new Random(seed);
            randomKinds = List.of(kinds);
        } finally {
            lock.unlock();
        }
    }

    /** Cancels all orders and ends random faults. Sockets that fell silent stay silent. */
    public void calm() {
        lock.lock();
        try {
            orders.clear();
            rate = 0;
        } finally {
            lock.unlock();
        }
    }

    /** Sets how long {@link FaultKind#DELAY} takes; 200 ms unless said. */
    public void delay(Duration howLong) {
        lock.lock();
        try {
            delay = howLong;
        } finally {
            lock.unlock();
        }
    }

    /** Every fault that happened so far, oldest first. */
    public List<FaultEvent> happened() {
        lock.lock();
        try {
            return List.copyOf(happened);
        } finally {
            lock.unlock();
        }
    }

    Duration delay() {
        lock.lock();
        try {
            return delay;
        } finally {
            lock.unlock();
        }
    }

    Optional<FaultKind> onFrame(@Nullable String promptId) {
        return draw(Route.FRAME, promptId);
    }

    Optional<FaultKind> draw(Route route, @Nullable String promptId) {
        lock.lock();
        try {
            if (orders.isEmpty() && rate == 0) {
                return Optional.empty();
            }
            Optional<FaultKind> kind = ordered(route).or(() -> drawn(route));
            kind.ifPresent(what -> {
                if (happened.size() == MAX_EVENTS) {
                    happened.remove(0);
                }
                happened.add(new FaultEvent(System.nanoTime(), route, what, Optional.ofNullable(promptId)));
            });
            return kind;
        } finally {
            lock.unlock();
        }
    }

    private Optional<FaultKind> ordered(Route route) {
        for (Iterator<Order> all = orders.iterator(); all.hasNext(); ) {
            Order order = all.next();
            if (order.route() == route) {
                all.remove();
                return Optional.of(order.kind());
            }
        }
        return Optional.empty();
    }

    private Optional<FaultKind> drawn(Route route) {
        List<FaultKind> possible =
                randomKinds.stream().filter(kind -> kind.fits(route)).toList();
        double chance = route == Route.FRAME ? rate / FRAMES_PER_CALL : rate;
        if (possible.isEmpty() || random.nextDouble() >= chance) {
            return Optional.empty();
        }
        return Optional.of(possible.get(random.nextInt(possible.size())));
    }
}
