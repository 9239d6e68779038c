package io.tollgate.app.container;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.queue.job.ContentHash;
import io.tollgate.queue.media.Hashing;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class Blake3HashingTest {
    /** The first 32 bytes of {@code hash} in the authors' test_vectors.json, whose input counts 0 to 250 round. */
    @ParameterizedTest
    @CsvSource({
        "0, af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262",
        "1, 2d3adedff11b61f14c886e35afa036736dcd87a74d27b5c1510225d0f592e213",
        "1024, 42214739f095a406f3fc83deb889744ac00df831c10daa55189b5d121c855af7",
        "1025, d00278ae47eb27b34faecf67b4fe263f82d5412916c1ffd97c8cb7fb814b8444",
        "102400, bc3e3d41a1146b069abffad3c0d44860cf664390afce4d9661f7902e7943e085"
    })
    void digest_authorsVectors_areMatchedHoweverTheBytesCome(int length, String hex) {
        byte[] bytes = new byte[length + 3];
        for (int i = 0; i < length; i++) {
            bytes[i + 3] = (byte) (i % 251);
        }

        for (int piece : new int[] {64 * 1024, 1000, 7}) {
            Hashing.Running running = new Blake3Hashing().start();
            for (int from = 0; from < length; from += piece) {
                running.update(bytes, 3 + from, Math.min(piece, length - from));
            }

            assertThat(ContentHash.of(new Blake3Hashing().function(), running.digest()))
                    .hasToString("blake3:" + hex);
        }
    }
}
