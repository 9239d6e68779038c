package io.tollgate.http;

import io.tollgate.queue.access.Doors;
import java.time.Instant;
import java.util.Optional;

/**
 * Whose jobs are taken, over HTTP and on the command line alike.
 *
 * @param by who said so; null if nobody ever did
 * @param at when
 */
public record SubmissionsDocument(String mode, String text, Optional<String> by, Optional<Instant> at) {
    /** As it is shown. */
    public static SubmissionsDocument of(Doors.Submissions submissions) {
        boolean said = !submissions.equals(Doors.Submissions.OPEN);
        return new SubmissionsDocument(
                submissions.mode().word(),
                submissions.text(),
                said ? Optional.of(submissions.by()) : Optional.empty(),
                said ? Optional.of(submissions.at()) : Optional.empty());
    }
}
