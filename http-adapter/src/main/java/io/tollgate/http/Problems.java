package io.tollgate.http;

import io.tollgate.credits.ledger.StoreUnavailableException;
import io.tollgate.queue.RefusedException;
import io.tollgate.queue.media.AssetInUseException;
import io.tollgate.queue.media.AssetTooLargeException;
import io.tollgate.queue.media.HashMismatchException;
import io.tollgate.queue.media.QuotaExceededException;
import io.tollgate.queue.media.UnfitFileException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** What callers are told of what was thrown. */
final class Problems {
    private Problems() {}

    /** Empty if it is a defect of ours, of which callers learn nothing. */
    static Optional<Problem> of(Throwable thrown) {
        if (thrown instanceof ProblemException known) {
            return Optional.of(known.problem());
        } else if (thrown instanceof RefusedException refused) {
            return Optional.of(Problem.of(refused.refusal()));
        } else if (thrown instanceof AssetTooLargeException large) {
            return Optional.of(Problem.of(413, "payload_too_large", message(large)));
        } else if (thrown instanceof UnfitFileException unfit) {
            return Optional.of(Problem.of(415, "unsupported_media_type", message(unfit)));
        } else if (thrown instanceof HashMismatchException mismatch) {
            return Optional.of(Problem.of(409, "hash_mismatch", message(mismatch)));
        } else if (thrown instanceof QuotaExceededException full) {
            return Optional.of(new Problem(
                    429,
                    "quota_exceeded",
                    message(full),
                    Map.of("used_bytes", full.usedBytes(), "max_bytes", full.allowedBytes()),
                    Optional.of(Duration.ofHours(1))));
        } else if (thrown instanceof AssetInUseException used) {
            return Optional.of(Problem.of(409, "asset_in_use", message(used)));
        } else if (thrown instanceof IOException || thrown instanceof UncheckedIOException) {
            return Optional.of(Problem.unavailable("the files can't be reached; nothing was changed"));
        } else if (thrown instanceof StoreUnavailableException) {
            return Optional.of(Problem.unavailable("the database can't be reached; nothing was changed"));
        }
        return Optional.empty();
    }

    private static String message(Exception thrown) {
        return String.valueOf(thrown.getMessage());
    }
}
