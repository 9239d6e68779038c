package io.tollgate.app.crash;

import io.tollgate.credits.account.UserId;
import io.tollgate.credits.ledger.Account;
import io.tollgate.credits.ledger.Amount;
import io.tollgate.credits.ledger.Posting;
import io.tollgate.queue.job.Attempt;
import io.tollgate.queue.job.Failure;
import io.tollgate.queue.job.JobFilter;
import io.tollgate.queue.job.JobId;
import io.tollgate.queue.job.JobRecord;
import io.tollgate.queue.job.ModelName;
import io.tollgate.queue.job.QueueName;
import io.tollgate.queue.job.QueueSwitch;
import io.tollgate.sql.SqliteDatabase;
import io.tollgate.sql.SqliteOptions;
import io.tollgate.sql.SqliteStore;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;

/**
 * What an operator does in the script of a {@link CrashNode}, and where to find it again: what was acknowledged stands
 * in the database that the dead node left, before anybody starts on it.
 */
final class Deeds {
    static final String LIMIT = "limit";
    static final String PAUSE = "pause";
    static final String ABOUT_TO_OPEN = "about to open";
    static final String OPEN = "open";
    static final String GRANT = "grant";
    static final String ADJUST = "adjust";
    static final String TIER = "tier";
    static final String RESOLVE = "resolve";
    static final String REDELIVER = "redeliver";

    static final ModelName MODEL = new ModelName("sleeper");
    static final int LIMIT_SET = 40;
    static final QueueName LOT = new QueueName("lot");
    static final UserId OTHER = new UserId("other");
    static final Amount GRANTED = Amount.credits(10);
    static final Amount ADJUSTED = Amount.credits(-4);
    static final String TIER_GIVEN = "gold";

    private Deeds() {}

    /**
     * What is missing in a data directory, a line each.
     *
     * @param done the deeds that were acknowledged
     * @param ended the jobs that were said to be over
     */
    static List<String> missing(Path data, Collection<String> done, Collection<String> ended) {
        if (done.isEmpty() && ended.isEmpty()) {
            return List.of(); // it may have died before there was a database
        }
        List<String> missing = new ArrayList<>();
        try (SqliteDatabase database =
                        SqliteDatabase.openReader(data, SqliteOptions.of("deeds", Executors.defaultThreadFactory()));
                SqliteStore store = SqliteStore.readOnly(database)) {
            for (String deed : Set.copyOf(done)) {
                if (!stands(deed, store, done)) {
                    missing.add("forgot '" + deed + "'");
                }
            }
            for (String id : ended) {
                Optional<JobRecord> job = store.find(JobId.parse(id));
                if (job.isEmpty() || !job.get().job().kind().isTerminal()) {
                    missing.add("forgot that " + id + " ended");
                }
            }
        }
        return missing;
    }

    private static boolean stands(String deed, SqliteStore store, Collection<String> done) {
        return switch (deed) {
            case LIMIT ->
                store.models().stream()
                        .anyMatch(model -> model.model().equals(MODEL)
                                && model.set().isPresent()
                                && model.set().getAsInt() == LIMIT_SET);
            case PAUSE -> done.contains(ABOUT_TO_OPEN) || mode(store) == QueueSwitch.Mode.PAUSED;
            case ABOUT_TO_OPEN -> true;
            case OPEN -> mode(store) == QueueSwitch.Mode.OPEN;
            case GRANT ->
                posted(store, Posting.Kind.GRANT) && account(store).available().isPositive();
            case ADJUST ->
                posted(store, Posting.Kind.ADJUST) && account(store).available().equals(GRANTED.plus(ADJUSTED));
            case TIER -> account(store).tier().equals(TIER_GIVEN);
            case RESOLVE ->
                store.list(JobFilter.ALL, Optional.empty(), Integer.MAX_VALUE).stream()
                        .anyMatch(Deeds::isResolved);
            case REDELIVER -> true; // the message itself is looked for when all is over
            default -> throw new IllegalArgumentException("nobody does " + deed);
        };
    }

    private static boolean isResolved(JobRecord record) {
        List<Attempt> attempts = record.attempts();
        return record.job().kind().isTerminal()
                && !attempts.isEmpty()
                && attempts.get(attempts.size() - 1)
                        .failure()
                        .map(Failure::kind)
                        .equals(Optional.of(Failure.Kind.OPERATOR));
    }

    private static QueueSwitch.Mode mode(SqliteStore store) {
        return store.queues().stream()
                .filter(queue -> queue.queue().equals(LOT))
                .findFirst()
                .map(QueueSwitch::mode)
                .orElse(QueueSwitch.Mode.OPEN);
    }

    private static Account account(SqliteStore store) {
        return store.account(OTHER).orElseGet(() -> Account.fresh(OTHER));
    }

    private static boolean posted(SqliteStore store, Posting.Kind kind) {
        return store.history(OTHER, Optional.empty(), 100).postings().stream()
                .anyMatch(posting -> posting.kind() == kind);
    }
}
