package io.tollgate.webhook;

import java.io.IOException;

/** A host turned out to be where webhooks must not go. Nothing was sent, and nothing was connected to. */
final class ForbiddenTargetException extends IOException {
    ForbiddenTargetException(String message) {
        super(message);
    }
}
