package io.tollgate.queue.media;

import io.tollgate.queue.job.ContentHash;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * How content is hashed. A store is given one for what it takes in. Safe for use by many threads; what it starts is of
 * one thread.
 */
public interface Hashing {
    /** SHA-256, which every JDK has. */
    Hashing SHA256 = new Hashing() {
        @Override
        public ContentHash.Function function() {
            return ContentHash.Function.SHA256;
        }

        @Override
        public Running start() {
            MessageDigest digest = sha256();
            return new Running() {
                @Override
                public void update(byte[] bytes, int from, int length) {
                    digest.update(bytes, from, length);
                }

                @Override
                public byte[] digest() {
                    return digest.digest();
                }
            };
        }
    };

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** What it computes, always the same. */
    ContentHash.Function function();

    /** Begins with no bytes. */
    Running start();

    /** The hash of bytes that come piece by piece. */
    interface Running {
        /** Takes {@code length} bytes in, from an index on. */
        void update(byte[] bytes, int from, int length);

        /** The digest of what was taken in, {@value ContentHash#BYTES} bytes. Ends this one. */
        byte[] digest();
    }
}
