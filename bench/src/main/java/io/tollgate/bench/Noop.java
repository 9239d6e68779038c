package io.tollgate.bench;

import io.tollgate.credits.CreditPolicy;
import io.tollgate.credits.account.UserId;
import io.tollgate.credits.ledger.Account;
import io.tollgate.credits.ledger.Amount;
import io.tollgate.credits.ledger.AuditReport;
import io.tollgate.credits.ledger.GrantSource;
import io.tollgate.credits.ledger.LedgerCommand;
import io.tollgate.queue.job.InputValue;
import io.tollgate.queue.job.JobCommand.SubmitResult;
import io.tollgate.queue.job.JobPolicy;
import io.tollgate.queue.job.JobSpec;
import io.tollgate.queue.job.ModelName;
import io.tollgate.queue.job.QueueName;
import io.tollgate.queue.job.RetryPolicy;
import io.tollgate.queue.job.SubmissionLimits;
import io.tollgate.queue.job.WorkflowName;
import io.tollgate.queue.workflow.InputSpec;
import io.tollgate.queue.workflow.Workflow;
import io.tollgate.sql.SqliteStore;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import java.util.stream.IntStream;

/** The job that Tollgate's contenders run, who pays for it, and what must be true of the books. */
final class Noop {
    static final String WORKFLOW = "noop";
    static final String NUMBER = "number";
    static final String BACKEND_TYPE = "bench";
    static final QueueName QUEUE = new QueueName("image");
    static final ModelName MODEL = new ModelName("noop");
    static final Amount PRICE = Amount.credits(1);

    private static final int USERS = 1_000;
    private static final int SUBMIT_AHEAD = 1_000;
    private static final Amount GRANTED = Amount.credits(1_000_000);
    private static final int NO_LIMIT = 1_000_000_000;

    /** Limits so high that the benchmark never meets them; they are checked all the same. */
    static final JobPolicy POLICY = new JobPolicy(
            CreditPolicy.PLAIN,
            new SubmissionLimits(NO_LIMIT, NO_LIMIT, NO_LIMIT),
            Map.of(MODEL, NO_LIMIT),
            Map.of(),
            Map.of(),
            0.5,
            3);

    static final Workflow RECIPE = new Workflow(
            new WorkflowName(WORKFLOW),
            "No-op",
            "Does nothing.",
            QUEUE,
            MODEL,
            PRICE,
            false,
            List.of(new InputSpec.Whole(NUMBER, "", true, Optional.empty(), 0, Long.MAX_VALUE)),
            Map.of(BACKEND_TYPE, Map.of()),
            Set.of(),
            1,
            Duration.ofMinutes(5),
            RetryPolicy.DEFAULT);

    private Noop() {}

    /** Who submits the job of this number: neighbors in a batch are not of one user. */
    static UserId user(long number) {
        return new UserId("user-" + number % USERS);
    }

    static long number(Map<String, InputValue> inputs) {
        if (inputs.get(NUMBER) instanceof InputValue.Whole whole) {
            return whole.value();
        }
        throw new IllegalStateException("not a job of this benchmark: " + inputs.keySet());
    }

    /** What a job makes: tiny, and no two alike, for a media store keeps equal bytes once. */
    static byte[] output(long number) {
        return Long.toString(number).getBytes(StandardCharsets.US_ASCII);
    }

    static long number(JobSpec spec) {
        return number(spec.inputs());
    }

    /**
     * Submits the jobs {@code first} to {@code first + count - 1} without waiting for each.
     *
     * @param accepted gets every answer, in order
     */
    static void submitAll(
            long first,
            int count,
            LongFunction<CompletableFuture<SubmitResult>> submit,
            Consumer<SubmitResult> accepted) {
        Deque<CompletableFuture<SubmitResult>> waiting = new ArrayDeque<>();
        for (long number = first; number < first + count; number++) {
            if (waiting.size() == SUBMIT_AHEAD) {
                accepted.accept(waiting.remove().join());
            }
            waiting.add(submit.apply(number));
        }
        waiting.forEach(answer -> accepted.accept(answer.join()));
    }

    /** Gives each user credits. */
    static void grant(SqliteStore store) {
        CompletableFuture.allOf(IntStream.range(0, USERS)
                        .mapToObj(Noop::user)
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
    static void checkBooks(SqliteStore store, long submitted) {
        AuditReport report = store.audit();
        if (!report.clean()) {
            throw new IllegalStateException("tollgate: the books are wrong: " + report.findings());
        }
        long open = open(store);
        List<Account> accounts = store.accounts(Optional.empty(), USERS + 1);
        Amount held = Amount.sum(accounts.stream().map(Account::held).toList());
        Amount available = Amount.sum(accounts.stream().map(Account::available).toList());
        long expectedHeld = open * PRICE.hundredths();
        long expectedLeft = USERS * GRANTED.hundredths() - submitted * PRICE.hundredths();
        if (held.hundredths() != expectedHeld || available.hundredths() != expectedLeft) {
            throw new IllegalStateException("tollgate: of " + submitted + " jobs " + open + " are open, but " + held
                    + " is held and " + available + " is left");
        }
    }
}
