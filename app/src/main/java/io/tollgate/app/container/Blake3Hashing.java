package io.tollgate.app.container;

import io.tollgate.queue.job.ContentHash;
import io.tollgate.queue.media.Hashing;
import org.apache.commons.codec.digest.Blake3;

/** BLAKE3, as its authors define it, https://github.com/BLAKE3-team/BLAKE3-specs. Safe for use by many threads. */
public final class Blake3Hashing implements Hashing {
    @Override
    public ContentHash.Function function() {
        return ContentHash.Function.BLAKE3;
    }

    @Override
    public Running start() {
        Blake3 blake3 = Blake3.initHash();
        return new Running() {
            @Override
            public void update(byte[] bytes, int from, int length) {
                blake3.update(bytes, from, length);
            }

            @Override
            public byte[] digest() {
                return blake3.doFinalize(ContentHash.BYTES);
            }
        };
    }
}
