package io.tollgate.sql;

import io.tollgate.credits.ledger.Revocation;
import io.tollgate.queue.job.Failure;
import io.tollgate.queue.job.Lane;
import io.tollgate.queue.job.OrderKey;
import io.tollgate.queue.job.Origin;
import io.tollgate.queue.job.QueueSwitch;
import java.util.Locale;

/** The numbers and words of enums that have none of their own for stores. Never reused. Stateless. */
final class Codes {
    private Codes() {}

    static int lane(Lane lane) {
        return OrderKey.rankOf(lane);
    }

    static Lane lane(int code) {
        return switch (code) {
            case OrderKey.VIP -> Lane.VIP;
            case OrderKey.REGULAR -> Lane.REGULAR;
            case OrderKey.RELAXED -> Lane.RELAXED;
            default -> throw new IllegalArgumentException("no lane has the code " + code);
        };
    }

    static int mode(QueueSwitch.Mode mode) {
        return switch (mode) {
            case OPEN -> 0;
            case PAUSED -> 1;
            case DRAINING -> 2;
        };
    }

    static QueueSwitch.Mode mode(int code) {
        return switch (code) {
            case 0 -> QueueSwitch.Mode.OPEN;
            case 1 -> QueueSwitch.Mode.PAUSED;
            case 2 -> QueueSwitch.Mode.DRAINING;
            default -> throw new IllegalArgumentException("no queue mode has the code " + code);
        };
    }

    static int origin(Origin.Kind kind) {
        return switch (kind) {
            case RETRY -> 0;
            case RERUN -> 1;
        };
    }

    static Origin.Kind origin(int code) {
        return switch (code) {
            case 0 -> Origin.Kind.RETRY;
            case 1 -> Origin.Kind.RERUN;
            default -> throw new IllegalArgumentException("no origin has the code " + code);
        };
    }

    /** Whether a grant is taken back for now or for good; NULL if it isn't. */
    static int revocation(Revocation revocation) {
        return revocation.last() ? 2 : 1;
    }

    /** By its {@link Failure.Kind#code word}. */
    static Failure.Kind failure(String word) {
        return Failure.Kind.valueOf(word.toUpperCase(Locale.ROOT));
    }
}
