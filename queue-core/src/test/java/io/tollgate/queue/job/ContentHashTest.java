package io.tollgate.queue.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ContentHashTest {
    private static final String HEX = "0123456789abcdef".repeat(4);

    @ParameterizedTest
    @EnumSource(ContentHash.Function.class)
    void parse_whatWasWritten_isTheSame(ContentHash.Function function) {
        ContentHash hash = new ContentHash(function, HEX);

        assertThat(ContentHash.parse(hash.toString())).isEqualTo(hash);
        assertThat(ContentHash.of(ContentHash.Function.of(function.number()), hash.digest()))
                .isEqualTo(hash);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ":",
                "blake3",
                "blake3:",
                "md5:0123456789abcdef0123456789abcdef",
                "BLAKE3:0000000000000000000000000000000000000000000000000000000000000000",
                "blake3:000000000000000000000000000000000000000000000000000000000000000",
                "blake3:00000000000000000000000000000000000000000000000000000000000000000",
                "blake3:000000000000000000000000000000000000000000000000000000000000000A",
                "blake3:../../../../../../../../../../../../../../../../../../../../etc/pw",
                "0000000000000000000000000000000000000000000000000000000000000000"
            })
    void parse_anythingElse_isRefused(String text) {
        assertThatThrownBy(() -> ContentHash.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void parse_longText_isNotRepeatedInFull() {
        assertThatThrownBy(() -> ContentHash.parse("blake3:" + "0".repeat(10_000)))
                .hasMessageMatching(".{1,200}");
    }
}
