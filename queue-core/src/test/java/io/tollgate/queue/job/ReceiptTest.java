package io.tollgate.queue.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.credits.account.Perks;
import io.tollgate.credits.account.UserId;
import io.tollgate.credits.ledger.Amount;
import io.tollgate.credits.ledger.GrantId;
import io.tollgate.credits.ledger.Hold;
import io.tollgate.credits.ledger.HoldId;
import io.tollgate.credits.ledger.Price;
import io.tollgate.credits.ledger.Slice;
import io.tollgate.credits.pricing.AfterQuota;
import io.tollgate.credits.pricing.Buyer;
import io.tollgate.credits.pricing.DailyQuota;
import io.tollgate.credits.pricing.Pricing;
import io.tollgate.credits.pricing.Tariff;
import io.tollgate.credits.pricing.Toll;
import io.tollgate.credits.test.MutableClock;
import io.tollgate.queue.test.CountingIds;
import io.tollgate.queue.test.JobSpecs;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class ReceiptTest {
    private static final Instant NOW = Instant.parse("2026-03-01T00:00:00Z");
    private static final UserId EVA = new UserId("eva");
    private static final Price TEN = Price.agreed(Amount.credits(10), Amount.credits(10));

    private final JobSpec spec = new JobSpecs(new CountingIds(), new MutableClock()).of(EVA);

    @Test
    void line_whileItRuns_saysWhatIsHeld() {
        assertThat(receipt(TEN, Hold.State.OPEN, "0", new JobState.Running(), "claimed")
                        .line())
                .isEqualTo("held 10");
    }

    @Test
    void line_ofAWholeSuccess_saysWhatWasCharged() {
        assertThat(receipt(TEN, Hold.State.CAPTURED, "10", new JobState.Succeeded(NOW, false), "completed")
                        .line())
                .isEqualTo("held 10, charged 10");
    }

    @Test
    void line_ofAPart_saysWhatCameBackAndWhy() {
        Receipt receipt = receipt(TEN, Hold.State.CAPTURED, "5", new JobState.Succeeded(NOW, true), "1 of 2 outputs");

        assertThat(receipt.line()).isEqualTo("held 10, charged 5, returned 5: 1 of 2 outputs");
        assertThat(receipt.charged()).isEqualTo(Amount.credits(5));
        assertThat(receipt.returned()).isEqualTo(Amount.credits(5));
    }

    @Test
    void line_ofWhatDidNotSucceed_saysThatAllCameBack() {
        Failure failure = new Failure(Failure.Kind.BACKEND, "it broke");
        assertThat(receipt(TEN, Hold.State.RELEASED, "0", new JobState.Failed(NOW, failure), "it broke")
                        .line())
                .isEqualTo("held 10, charged 0, returned 10: the job failed");
        assertThat(receipt(TEN, Hold.State.RELEASED, "0", new JobState.Canceled(NOW), "asked")
                        .line())
                .isEqualTo("held 10, charged 0, returned 10: the job was canceled");
        assertThat(receipt(TEN, Hold.State.RELEASED, "0", new JobState.Expired(NOW), "too late")
                        .line())
                .isEqualTo("held 10, charged 0, returned 10: the job expired");
    }

    @Test
    void line_ofALateDelivery_saysThatItIsFreeOfCharge() {
        JobState done = new JobState.Succeeded(NOW, false);
        Perks gold = new Perks(Optional.empty(), true, false, 0, false, OptionalInt.empty());
        Price waived = price(Tariff.of(Amount.credits(10)), gold);

        assertThat(receipt(TEN, Hold.State.RELEASED, "0", done, "delivered late, free of charge")
                        .line())
                .isEqualTo("held 10, charged 0, returned 10; delivered late, free of charge");
        assertThat(receipt(waived, Hold.State.RELEASED, "0", done, "delivered late, free of charge")
                        .line())
                .isEqualTo("charged nothing of 10: the tier is free of charge; delivered late, free of charge");
    }

    @Test
    void line_ofWhatCostsNothing_saysWhoPays() {
        Perks gold = new Perks(Optional.empty(), true, false, 0, false, OptionalInt.empty());
        Price waived = price(Tariff.of(Amount.credits(10)), gold);
        Price free = price(Tariff.free(Amount.credits(5)), Perks.NONE);

        assertThat(receipt(waived, Hold.State.OPEN, "0", new JobState.Running(), "claimed")
                        .line())
                .isEqualTo("charged nothing of 10: the tier is free of charge");
        assertThat(receipt(free, Hold.State.OPEN, "0", new JobState.Running(), "claimed")
                        .line())
                .isEqualTo("charged nothing of 5: the workflow is free");
        assertThat(receipt(
                                Price.agreed(Amount.ZERO, Amount.ZERO),
                                Hold.State.OPEN,
                                "0",
                                new JobState.Running(),
                                "claimed")
                        .line())
                .isEqualTo("costs nothing");
    }

    @Test
    void line_ofAFreeRunOrARelaxedOne_saysSo() {
        Tariff frame = Tariff.of(Amount.credits(5)).with(new DailyQuota(5, AfterQuota.REFUSE));

        assertThat(receipt(price(frame, Perks.NONE), Hold.State.OPEN, "0", new JobState.Running(), "claimed")
                        .line())
                .isEqualTo("charged nothing of 5: one of the day's free runs");
        assertThat(receipt(Pricing.relaxed(frame).price(), Hold.State.OPEN, "0", new JobState.Running(), "claimed")
                        .line())
                .isEqualTo("charged nothing of 5: the relaxed lane costs nothing");
    }

    private static Price price(Tariff tariff, Perks perks) {
        Buyer buyer = new Buyer(perks, 0, LocalDate.EPOCH, ZoneOffset.UTC);
        return ((Toll.Due) Pricing.toll(tariff, "any", buyer, List.of())).price();
    }

    @Test
    void story_ofADiscount_saysFromWhatToWhat() {
        Perks silver = new Perks(Optional.empty(), false, false, 10, false, OptionalInt.empty());
        Price price = price(Tariff.of(Amount.credits(10)), silver);

        Receipt receipt = receipt(price, Hold.State.OPEN, "0", new JobState.Running(), "claimed");

        assertThat(receipt.story()).isEqualTo("the tier's discount (10 to 9)");
        assertThat(receipt.line()).isEqualTo("held 9");
    }

    private Receipt receipt(Price price, Hold.State state, String captured, JobState job, String cause) {
        Hold hold = new Hold(
                new HoldId(spec.id().value()),
                EVA,
                price,
                price.net().isZero() ? List.of() : List.of(new Slice(new GrantId(1), price.net())),
                state,
                Amount.parse(captured),
                NOW,
                state == Hold.State.OPEN ? Optional.empty() : Optional.of(NOW));
        QueuedJob queued = new QueuedJob(spec, 1, Lane.REGULAR, false, 1, job, 1, 0, 0, 2);
        return Receipt.of(new JobRecord(
                queued, hold, List.of(), List.of(), List.of(new Transition(spec.id(), 1, job.kind(), NOW, cause))));
    }
}
