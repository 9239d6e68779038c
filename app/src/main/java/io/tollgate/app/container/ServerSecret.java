package io.tollgate.app.container;

import io.tollgate.credits.ledger.HmacSha256;
import java.nio.charset.StandardCharsets;

/** What only this server knows, over restarts too. For each use another secret is derived from it. Immutable. */
final class ServerSecret {
    private final byte[] bytes;

    ServerSecret(byte[] bytes) {
        this.bytes = bytes.clone();
    }

    /** The secret itself, which API keys are hashed with. */
    byte[] bytes() {
        return bytes.clone();
    }

    /** 32 bytes for a use of that name, from which nobody can tell the others. */
    byte[] derive(String use) {
        return new HmacSha256(bytes).of(use.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public String toString() {
        return "ServerSecret[hidden]";
    }
}
