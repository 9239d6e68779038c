package io.tollgate.queue.gate;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.queue.Tollgate;
import io.tollgate.queue.job.DeliveryTarget;
import io.tollgate.queue.job.Refusal;
import io.tollgate.queue.test.House;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class GateTest {
    private final House house = new House();
    private final Tollgate node = house.open();

    @AfterEach
    void close() {
        house.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"bad\u0000text", "bad\uD800", "\uDC00bad"})
    void check_textsThatNoStoreKeeps_areRefusedWithTheirField(String text) {
        JobRequest plain = JobRequest.of(House.ANN, "draw");

        assertThat(field(plain.with("prompt", text))).isEqualTo("inputs.prompt");
        assertThat(field(plain.withTags(List.of("good", text)))).isEqualTo("tags");
        assertThat(field(plain.withMetadata(Map.of("note", text)))).isEqualTo("metadata");
        assertThat(field(plain.withMetadata(Map.of(text, "note")))).isEqualTo("metadata");
        assertThat(field(plain.withIdempotencyKey(text))).isEqualTo("idempotency_key");
        assertThat(field(plain.deliveredTo(new DeliveryTarget("file", text)))).isEqualTo("targets");
        assertThat(node.check(plain)).isEmpty();
    }

    private String field(JobRequest request) {
        Refusal refusal = node.check(request).orElseThrow();
        return ((Refusal.InvalidInput) refusal).problems().get(0).field();
    }
}
