package io.tollgate.queue.lane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tollgate.queue.job.ModelName;
import io.tollgate.queue.job.QueueName;
import io.tollgate.queue.job.WorkflowName;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

final class OutlookTest {
    private static final ModelName FLUX = new ModelName("flux");

    private static Outlook outlook(int slots, int modelLimit) {
        return new Outlook(
                new QueueName("image"),
                new WorkflowName("portrait"),
                FLUX,
                Instant.EPOCH,
                slots,
                modelLimit,
                List.of(),
                List.of());
    }

    @Test
    void outlook_noSlotAndNoRoom_isPossibleButNoLess() {
        assertThat(outlook(0, 0).slots()).isZero();
        assertThatThrownBy(() -> outlook(-1, 0)).hasMessageContaining("slots, modelLimit >= 0: -1, 0");
        assertThatThrownBy(() -> outlook(0, -1)).hasMessageContaining("slots, modelLimit >= 0: 0, -1");
    }

    @Test
    void ahead_noJobsAndNoRoom_isPossibleButNoLess() {
        assertThat(new Outlook.Ahead(FLUX, 0, 0)).isEqualTo(new Outlook.Ahead(FLUX, 0, 0, 1));
        assertThatThrownBy(() -> new Outlook.Ahead(FLUX, -1, 0)).hasMessageContaining("jobs, modelLimit >= 0: -1, 0");
        assertThatThrownBy(() -> new Outlook.Ahead(FLUX, 0, -1)).hasMessageContaining("jobs, modelLimit >= 0: 0, -1");
    }

    @Test
    void ahead_share_isOverZeroAndAtMostOne() {
        assertThatThrownBy(() -> new Outlook.Ahead(FLUX, 1, 1, 0)).hasMessageContaining("share");
        assertThatThrownBy(() -> new Outlook.Ahead(FLUX, 1, 1, 1.01)).hasMessageContaining("share");
        assertThatThrownBy(() -> new Outlook.Ahead(FLUX, 1, 1, Double.NaN)).hasMessageContaining("share");
    }
}
