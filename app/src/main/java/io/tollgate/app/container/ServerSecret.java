package io.tollgate.app.container;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** What only this server knows, over restarts too. For each use another secret is derived from it. Immutable. */
final class ServerSecret {
    private static final String ALGORITHM = "HmacSHA256";

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
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(new SecretKeySpec(bytes, ALGORITHM));
            return mac.doFinal(use.getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has " + ALGORITHM, e);
        }
    }

    @Override
    public String toString() {
        return "ServerSecret[hidden]";
    }
}
