package io.tollgate.queue.delivery;

import java.util.List;

/** Where a message goes now. */
public sealed interface Recipient {
    /**
     * There.
     *
     * @param secrets what the message is signed with, the newest first
     */
    record At(String url, List<SigningSecret> secrets) implements Recipient {
        public At {
            secrets = List.copyOf(secrets);
        }
    }

    /**
     * Nowhere at the moment, or never again.
     *
     * @param permanent whether it stays so
     */
    record Nowhere(String reason, boolean permanent) implements Recipient {}
}
