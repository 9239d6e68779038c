package io.tollgate.queue.pull;

import io.tollgate.credits.ledger.HmacSha256;
import io.tollgate.queue.job.JobId;
import io.tollgate.queue.job.RunId;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import java.util.UUID;

/**
 * Makes and checks what workers show for a run that was handed to them: the id of its job and an HMAC-SHA256 (RFC 2104)
 * over that and the run's id. Nothing is kept, so tokens hold over restarts. A run has one token, and is handed out
 * once: its id is the fence. Safe for use by many threads.
 */
public final class RunTokens {
    private static final String PREFIX = "tw_";
    private static final int ID = 16;

    private final HmacSha256 hmac;

    /** @param secret at least 32 bytes that nobody else knows and that stay the same over restarts */
    public RunTokens(byte[] secret) {
        if (secret.length < HmacSha256.BYTES) {
            throw new IllegalArgumentException("the secret has at least 32 bytes, not " + secret.length);
        }
        this.hmac = new HmacSha256(secret);
    }

    /** The token of a run. */
    public String of(JobId job, RunId run) {
        ByteBuffer token = ByteBuffer.allocate(ID + HmacSha256.BYTES)
                .put(bytes(job.value()))
                .put(hmac(job, run));
        return PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(token.array());
    }

    /** The job that a run is for, if this is the run's token. */
    public Optional<JobId> check(String token, RunId run) {
        if (!token.startsWith(PREFIX)) {
            return Optional.empty();
        }
        byte[] told;
        try {
            told = Base64.getUrlDecoder().decode(token.substring(PREFIX.length()));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
        if (told.length != ID + HmacSha256.BYTES) {
            return Optional.empty();
        }
        ByteBuffer id = ByteBuffer.wrap(told, 0, ID);
        JobId job = new JobId(new UUID(id.getLong(), id.getLong()));
        return MessageDigest.isEqual(Arrays.copyOfRange(told, ID, told.length), hmac(job, run))
                ? Optional.of(job)
                : Optional.empty();
    }

    private byte[] hmac(JobId job, RunId run) {
        return hmac.of(bytes(job.value()), bytes(run.value()));
    }

    private static byte[] bytes(UUID id) {
        return ByteBuffer.allocate(ID)
                .putLong(id.getMostSignificantBits())
                .putLong(id.getLeastSignificantBits())
                .array();
    }
}
