package io.tollgate.queue.gate;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.queue.JobHandle;
import io.tollgate.queue.Tollgate;
import io.tollgate.queue.job.AssetId;
import io.tollgate.queue.job.DeliveryTarget;
import io.tollgate.queue.job.JobState;
import io.tollgate.queue.job.Refusal;
import io.tollgate.queue.test.House;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
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

    @Test
    void submit_fileThatExpiresWhileItsJobWaits_isKeptUntilItCanNotBeNeeded() throws IOException {
        Tollgate brief = house.open(builder ->
                builder.workflows(House.draw()).backend(house.gpu).keepFiles(Duration.ofHours(2), Duration.ofHours(2)));
        house.credit(House.ANN, 100);
        house.gpu.reachable(false);
        AssetId needed = photo(brief);
        AssetId other = photo(brief);
        JobHandle handle = house.submit(brief, JobRequest.of(House.ANN, "draw").with("photo", needed));

        house.advance(Duration.ofHours(23));
        assertThat(house.kind(handle)).isEqualTo(JobState.Kind.QUEUED);
        assertThat(house.media.find(other)).isEmpty();
        assertThat(house.media.find(needed)).isPresent();
        house.advance(Duration.ofHours(5)); // a day of waiting, an attempt, some time to spare

        assertThat(house.kind(handle)).isEqualTo(JobState.Kind.EXPIRED);
        assertThat(house.media.find(needed)).isEmpty();
    }

    private static AssetId photo(Tollgate node) throws IOException {
        byte[] png = "\u0089PNG\r\n\u001A\n".getBytes(StandardCharsets.ISO_8859_1);
        return node.addFile(House.ANN, "photo.png", new ByteArrayInputStream(png))
                .id();
    }

    private String field(JobRequest request) {
        Refusal refusal = node.check(request).orElseThrow();
        return ((Refusal.InvalidInput) refusal).problems().get(0).field();
    }
}
