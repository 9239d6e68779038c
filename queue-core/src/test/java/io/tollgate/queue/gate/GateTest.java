package io.tollgate.queue.gate;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.queue.JobHandle;
import io.tollgate.queue.Tollgate;
import io.tollgate.queue.job.AssetId;
import io.tollgate.queue.job.DeliveryTarget;
import io.tollgate.queue.job.JobState;
import io.tollgate.queue.job.Refusal;
import io.tollgate.queue.media.UploadRequest;
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
        AssetId needed = photo(brief, "needed");
        AssetId other = photo(brief, "other");
        JobHandle handle = house.submit(brief, JobRequest.of(House.ANN, "draw").with("photo", needed));

        house.advance(Duration.ofHours(23));
        assertThat(house.kind(handle)).isEqualTo(JobState.Kind.QUEUED);
        assertThat(house.media.find(other)).isEmpty();
        assertThat(house.media.find(needed)).isPresent();
        house.advance(Duration.ofHours(5)); // a day of waiting, an attempt, some time to spare

        assertThat(house.kind(handle)).isEqualTo(JobState.Kind.EXPIRED);
        assertThat(house.media.find(needed)).isEmpty();
    }

    @Test
    void submit_expiredFileThatWasNotDeletedYet_isRefused() throws IOException {
        Tollgate brief = house.build(builder ->
                builder.workflows(House.draw()).backend(house.gpu).keepFiles(Duration.ofHours(2), Duration.ofHours(2)));
        house.credit(House.ANN, 100);
        AssetId photo = photo(brief, "");
        JobRequest request = JobRequest.of(House.ANN, "draw").with("photo", photo);
        house.clock.advance(Duration.ofHours(2).minusMillis(1));
        assertThat(brief.check(request)).isEmpty();

        house.clock.advance(Duration.ofMillis(1));

        assertThat(house.media.find(photo)).isPresent();
        assertThat(field(request)).isEqualTo("inputs.photo");
    }

    private static AssetId photo(Tollgate node, String rest) throws IOException {
        byte[] png = ("\u0089PNG\r\n\u001A\n" + rest).getBytes(StandardCharsets.ISO_8859_1);
        return node.upload(House.ANN, UploadRequest.named("photo.png"), new ByteArrayInputStream(png))
                .asset()
                .id();
    }

    private String field(JobRequest request) {
        Refusal refusal = node.check(request).orElseThrow();
        return ((Refusal.InvalidInput) refusal).problems().get(0).field();
    }
}
