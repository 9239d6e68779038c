package io.tollgate.queue.delivery;

import io.tollgate.credits.account.UserId;
import io.tollgate.queue.event.Progress;
import io.tollgate.queue.job.Delivery;
import io.tollgate.queue.job.JobRecord;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * A way to bring someone what they are owed: a file, a webhook, a chat. Nothing here blocks; the same delivery may be
 * made more than once, always with the same id. Safe for use by many threads.
 */
public interface DeliveryChannel {
    /** The word by which {@linkplain io.tollgate.queue.job.DeliveryTarget targets} name it. */
    String name();

    /**
     * Checks an address before a job is taken with it.
     *
     * @throws IllegalArgumentException if it can never be delivered to; the message says what is allowed
     */
    void check(String address);

    /**
     * Makes one delivery. Completes when its receiver has it or it failed; completes exceptionally only for a defect,
     * which counts as a failure that is tried again.
     *
     * @param record the job as it is now, which may be further than what is told of
     */
    CompletionStage<Outcome> deliver(Delivery delivery, JobRecord record);

    /**
     * Tells how far a job is. Such a message is not kept and not tried again, and channels that have better things to
     * do don't send it.
     *
     * @param message its event is {@link io.tollgate.queue.job.DeliveryEvent#PROGRESS}
     * @param record the job as it is now, running
     */
    default CompletionStage<Outcome> tell(Delivery message, JobRecord record, Progress progress) {
        return CompletableFuture.completedStage(new Outcome.Failed("progress is not told by " + name(), true));
    }

    /**
     * Sends a message at once that is about no job, to see whether anybody is there. It is not kept and not tried
     * again.
     *
     * @param user whose address it is
     */
    default CompletionStage<Outcome> test(UserId user, String address) {
        return CompletableFuture.completedStage(new Outcome.Failed("there are no test messages for " + name(), true));
    }

    /**
     * What a receiver answered.
     *
     * @param status as over HTTP
     * @param start what it begins with, at most 1024 characters
     */
    record Answer(int status, String start) {}

    /** How a try went. */
    sealed interface Outcome {
        /** What was answered, if the channel has answers and one came. */
        Optional<Answer> answer();

        /** Its receiver has it. */
        record Delivered(Optional<Answer> answer) implements Outcome {
            /** Its receiver has it, and says nothing. */
            public Delivered() {
                this(Optional.empty());
            }
        }

        /**
         * It failed.
         *
         * @param error one line, kept with the delivery
         * @param permanent whether another try is useless
         * @param pause how long its receiver wants to be left alone, if it said so
         */
        record Failed(String error, boolean permanent, Optional<Duration> pause, Optional<Answer> answer)
                implements Outcome {
            /** It failed, and its receiver said nothing. */
            public Failed(String error, boolean permanent) {
                this(error, permanent, Optional.empty(), Optional.empty());
            }
        }
    }
}
