package io.tollgate.http;

import io.tollgate.queue.access.Doors;
import java.time.Instant;
import java.util.Optional;

/**
 * The operator's notice, over HTTP and on the command line alike.
 *
 * @param text null if there is none, as the others are then
 */
public record NoticeDocument(Optional<String> text, Optional<String> by, Optional<Instant> at) {
    /** As it is shown. */
    public static NoticeDocument of(Optional<Doors.Notice> notice) {
        return new NoticeDocument(
                notice.map(Doors.Notice::text), notice.map(Doors.Notice::by), notice.map(Doors.Notice::at));
    }
}
