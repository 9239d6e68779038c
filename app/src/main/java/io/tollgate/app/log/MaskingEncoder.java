package io.tollgate.app.log;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.encoder.Encoder;
import ch.qos.logback.core.encoder.EncoderBase;
import io.tollgate.app.config.Secret;
import io.tollgate.app.config.SecretText;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Encodes as another encoder does, and takes out of each line the secrets that are known, and whatever looks like one.
 * Safe for use by many threads if the other is.
 */
final class MaskingEncoder extends EncoderBase<ILoggingEvent> {
    private static final byte[] NOTHING = {};

    private final Encoder<ILoggingEvent> encoder;
    private final List<String> secrets;

    MaskingEncoder(Encoder<ILoggingEvent> encoder, List<Secret> secrets) {
        this.encoder = encoder;
        this.secrets = secrets.stream().map(Secret::reveal).toList();
    }

    @Override
    public byte[] headerBytes() {
        return NOTHING;
    }

    @Override
    public byte[] encode(ILoggingEvent event) {
        String line = new String(encoder.encode(event), StandardCharsets.UTF_8);
        for (String secret : secrets) {
            line = line.replace(secret, Secret.HIDDEN).replace(escaped(secret), Secret.HIDDEN);
        }
        return SecretText.hide(line).getBytes(StandardCharsets.UTF_8);
    }

    /** As it stands inside of a JSON string. */
    private static String escaped(String secret) {
        return secret.replace("\\", "\\\\").replace("\"", "\\\"");
    }

    @Override
    public byte[] footerBytes() {
        return NOTHING;
    }

    @Override
    public void start() {
        encoder.start();
        super.start();
    }

    @Override
    public void stop() {
        super.stop();
        encoder.stop();
    }
}
