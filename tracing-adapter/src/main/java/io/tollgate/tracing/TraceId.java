package io.tollgate.tracing;

import io.tollgate.queue.job.JobId;
import java.util.HexFormat;

/**
 * The trace of a job. Its id is the job's, without hyphens: who knows the job finds the trace, and a process that never
 * saw the job's beginning adds to the same one.
 *
 * <p>Source: W3C Trace Context, section 3.2.2: 16 and 8 bytes in lower-case hex, not all zero. The second half of a
 * UUID never is, for its variant's bits.
 */
record TraceId(JobId job) {
    private static final HexFormat HEX = HexFormat.of();

    String trace() {
        return HEX.toHexDigits(job.value().getMostSignificantBits()) + root();
    }

    /** The id of the span that all others hang on. */
    String root() {
        return HEX.toHexDigits(job.value().getLeastSignificantBits());
    }

    /** A number from 0 to below 1 that is the job's own, and as good as random. */
    double lot() {
        // not its bits as they are: the first of them are a UUID's variant
        long mixed = (job.value().getLeastSignificantBits() ^ job.value().getMostSignificantBits())
                * 0x9E3779B97F4A7C15L; // Fibonacci hashing, Knuth, volume 3, section 6.4
        return (mixed >>> 11) * 0x1.0p-53;
    }
}
