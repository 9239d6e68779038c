package io.tollgate.queue.delivery;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;

/**
 * What messages to one receiver are signed with: a secret, and for a while after a rotation the one before it too, so
 * that the receiver can change over without losing a message. Instants are kept to the millisecond.
 *
 * @param previous the secret before the last rotation
 * @param previousUntil how long it still signs; there if and only if {@code previous} is
 */
public record SigningSecrets(SigningSecret current, Optional<SigningSecret> previous, Optional<Instant> previousUntil) {
    /** How long the secret before a rotation still signs. */
    public static final Duration OVERLAP = Duration.ofHours(24);

    public SigningSecrets {
        if (previous.isPresent() != previousUntil.isPresent()) {
            throw new IllegalArgumentException("a previous secret and its end go together");
        }
        previousUntil = previousUntil.map(until -> until.truncatedTo(ChronoUnit.MILLIS));
    }

    /** One secret, and none before it. */
    public static SigningSecrets of(SigningSecret current) {
        return new SigningSecrets(current, Optional.empty(), Optional.empty());
    }

    /** Those that sign now, the newest first. */
    public List<SigningSecret> at(Instant now) {
        boolean both = previousUntil.filter(now::isBefore).isPresent();
        return both ? List.of(current, previous.orElseThrow()) : List.of(current);
    }

    /** With a new secret, beside which the present one signs for a while. The one before it is over at once. */
    public SigningSecrets rotated(SigningSecret next, Instant now) {
        return new SigningSecrets(next, Optional.of(current), Optional.of(now.plus(OVERLAP)));
    }
}
