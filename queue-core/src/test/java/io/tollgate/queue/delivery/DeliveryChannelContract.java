package io.tollgate.queue.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tollgate.queue.job.Delivery;
import io.tollgate.queue.job.DeliveryTarget;
import io.tollgate.queue.job.JobRecord;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What every {@link DeliveryChannel} must do. Extend it and give it a channel, addresses and an ended job. */
public abstract class DeliveryChannelContract {
    private static final long PATIENCE_SECONDS = 30;

    /** The channel under test, the same throughout a test. */
    protected abstract DeliveryChannel channel();

    /** An address that can be delivered to. */
    protected abstract String goodAddress();

    /** An address that must never be taken. */
    protected abstract String badAddress();

    /** A job that succeeded, and what is owed for it to this address. */
    protected abstract JobRecord ended();

    /** What is owed for a job. */
    protected abstract Delivery owed(JobRecord record, DeliveryTarget target);

    /** A job whose outputs can't be had any more. */
    protected abstract JobRecord undeliverable();

    private DeliveryChannel.Outcome deliver(JobRecord record, Delivery delivery) throws Exception {
        return channel().deliver(delivery, record).toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    private Delivery owed(JobRecord record) {
        return owed(record, new DeliveryTarget(channel().name(), goodAddress()));
    }

    @Test
    void check_goodAddress_isTaken() {
        channel().check(goodAddress());
    }

    @Test
    void check_badAddress_isRefusedWithAReason() {
        assertThatThrownBy(() -> channel().check(badAddress()))
                .isInstanceOf(IllegalArgumentException.class)
                .message()
                .isNotBlank();
    }

    @Test
    void deliver_endedJob_isDelivered() throws Exception {
        JobRecord record = ended();

        assertThat(deliver(record, owed(record))).isInstanceOf(DeliveryChannel.Outcome.Delivered.class);
    }

    @Test
    void deliver_sameDeliveryAgain_isDeliveredAgain() throws Exception {
        JobRecord record = ended();
        Delivery delivery = owed(record);

        deliver(record, delivery);

        assertThat(deliver(record, delivery)).isInstanceOf(DeliveryChannel.Outcome.Delivered.class);
    }

    @Test
    void deliver_whatCantBeHad_failsWithAReasonAndWithoutThrowing() throws Exception {
        JobRecord record = undeliverable();

        DeliveryChannel.Outcome outcome = deliver(record, owed(record));

        assertThat(outcome).isInstanceOf(DeliveryChannel.Outcome.Failed.class);
        assertThat(((DeliveryChannel.Outcome.Failed) outcome).error()).isNotBlank();
    }
}
