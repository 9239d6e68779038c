package io.tollgate.bench;

import io.tollgate.credits.CreditPolicy;
import io.tollgate.credits.account.UserId;
import io.tollgate.credits.ledger.Account;
import io.tollgate.credits.ledger.Amount;
import io.tollgate.credits.ledger.AuditReport;
import io.tollgate.credits.ledger.GrantSource;
import io.tollgate.credits.ledger.LedgerCommand;
import io.tollgate.credits.pricing.Tariff;
import io.tollgate.queue.job.JobPolicy;
import io.tollgate.queue.job.ModelName;
import io.tollgate.queue.job.RetryPolicy;
import io.tollgate.queue.job.SubmissionLimits;
import io.tollgate.queue.job.WorkflowName;
import io.tollgate.queue.workflow.InputSpec;
import io.tollgate.queue.workflow.Workflow;
import io.tollgate.sql.SqliteStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Of how many users and models a contender's jobs are, who pays for them, and what must be true of the books.
 *
 * @param users how many take turns, at least 1
 * @param models how many take turns, at least 1; each has one workflow, and so its jobs are one requirement set
 */
record Workload(int users, int models) {
    /** What the race runs. */
    static final Workload RACE = new Workload(1_000, 1);

    private static final Amount GRANTED = Amount.credits(1_000_000);
    private static final int NO_LIMIT = 1_000_000_000;
    private static final int ACCOUNTS_AT_ONCE = 1_000;
    private static final int GRANTS_AT_ONCE = 5_000; // a store lets no more than 10,000 wait

    Workload {
        if (users < 1 || models < 1) {
            throw new IllegalArgumentException("need users, models >= 1: " + users + ", " + models);
        }
    }

    /** Who submits the job of this number: neighbors in a batch are not of one user. */
    UserId user(long number) {
        return new UserId("user-" + number % users);
    }

    /** What the job of this number runs. */
    WorkflowName workflow(long number) {
        return new WorkflowName(name((int) (number % models)));
    }

    ModelName model(long number) {
        return new ModelName(name((int) (number % models)));
    }

    private static String name(int model) {
        return model == 0 ? "noop" : "noop-" + model;
    }

    /** The catalogue. */
    Workflow[] recipes() {
        return IntStream.range(0, models).mapToObj(Workload::recipe).toArray(Workflow[]::new);
    }

    private static Workflow recipe(int model) {
        return new Workflow(
                new WorkflowName(name(model)),
                "No-op",
                "Does nothing.",
                Noop.QUEUE,
                new ModelName(name(model)),
                Tariff.of(Noop.PRICE),
                List.of(new InputSpec.Whole(Noop.NUMBER, "", true, Optional.empty(), 0, Long.MAX_VALUE)),
                Map.of(Noop.BACKEND_TYPE, Map.of()),
                Set.of(),
                Map.of(),
                1,
                Duration.ofMinutes(5),
                RetryPolicy.DEFAULT);
    }

    /** Limits so high that the benchmark never meets them; they are checked all the same. */
    JobPolicy policy() {
        Map<ModelName, Integer> limits = IntStream.range(0, models)
                .mapToObj(model -> new ModelName(name(model)))
                .collect(Collectors.toMap(Function.identity(), model -> NO_LIMIT));
        return new JobPolicy(
                CreditPolicy.PLAIN,
                new SubmissionLimits(NO_LIMIT, NO_LIMIT, NO_LIMIT),
                limits,
                Map.of(),
                Map.of(),
                0.5,
                3);
    }

    /** Gives each user credits. */
    void grant(SqliteStore store) {
        for (int from = 0; from < users; from += GRANTS_AT_ONCE) {
            CompletableFuture.allOf(IntStream.range(from, Math.min(users, from + GRANTS_AT_ONCE))
                            .mapToObj(this::user)
                            .map(user -> store.execute(new LedgerCommand.GrantCredits(
                                            user,
                                            GrantSource.BONUS,
                                            "bench:" + user.value(),
                                            GRANTED,
                                            Optional.empty(),
                                            "bench",
                                            "to be spent"))
                                    .toCompletableFuture())
                            .toArray(CompletableFuture[]::new))
                    .join();
        }
    }

    static long open(SqliteStore store) {
        long[] open = new long[1];
        store.forEachLive(job -> open[0]++);
        return open[0];
    }

    /**
     * Checks what {@code tollgate audit} checks, and that as much is held and spent as there are jobs open and done.
     *
     * @param submitted how many jobs were acknowledged
     */
    void checkBooks(SqliteStore store, long submitted) {
        AuditReport report = store.audit();
        if (!report.clean()) {
            throw new IllegalStateException("tollgate: the books are wrong: " + report.findings());
        }
        long open = open(store);
        List<Account> accounts = accounts(store);
        Amount held = Amount.sum(accounts.stream().map(Account::held).toList());
        Amount available = Amount.sum(accounts.stream().map(Account::available).toList());
        long expectedHeld = open * Noop.PRICE.hundredths();
        long expectedLeft = users * GRANTED.hundredths() - submitted * Noop.PRICE.hundredths();
        if (held.hundredths() != expectedHeld || available.hundredths() != expectedLeft) {
            throw new IllegalStateException("tollgate: of " + submitted + " jobs " + open + " are open, but " + held
                    + " is held and " + available + " is left");
        }
    }

    private static List<Account> accounts(SqliteStore store) {
        List<Account> all = new ArrayList<>();
        List<Account> page = store.accounts(Optional.empty(), ACCOUNTS_AT_ONCE);
        while (!page.isEmpty()) {
            all.addAll(page);
            page = store.accounts(Optional.of(page.get(page.size() - 1).user()), ACCOUNTS_AT_ONCE);
        }
        return all;
    }
}
