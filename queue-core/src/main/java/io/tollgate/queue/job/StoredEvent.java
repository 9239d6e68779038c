package io.tollgate.queue.job;

import io.tollgate.credits.account.UserId;
import io.tollgate.credits.ledger.StorableText;
import java.time.Instant;
import java.util.Optional;

/**
 * Something worth remembering for a while that is no part of a job's history: a refusal, an operator's act.
 *
 * @param at when
 * @param kind one word, such as {@code refused}
 * @param user who it is about
 * @param job which job it is about
 * @param detail one line for people, without prompts and secrets; what stores can't keep of it is replaced
 */
public record StoredEvent(Instant at, String kind, Optional<UserId> user, Optional<JobId> job, String detail) {
    public StoredEvent {
        kind = StorableText.repaired(kind);
        detail = StorableText.repaired(detail);
    }
}
