package io.tollgate.bench;

import io.tollgate.credits.ledger.Amount;
import io.tollgate.queue.job.InputValue;
import io.tollgate.queue.job.JobCommand.SubmitResult;
import io.tollgate.queue.job.JobSpec;
import io.tollgate.queue.job.QueueName;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.LongFunction;

/** The job that Tollgate's contenders run: it does nothing, and is told apart by its number. */
final class Noop {
    static final String NUMBER = "number";
    static final String BACKEND_TYPE = "bench";
    static final QueueName QUEUE = new QueueName("image");
    static final Amount PRICE = Amount.credits(1);

    private static final int SUBMIT_AHEAD = 1_000;

    private Noop() {}

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
}
