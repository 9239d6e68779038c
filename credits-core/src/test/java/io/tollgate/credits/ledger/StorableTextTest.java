package io.tollgate.credits.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class StorableTextTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "plain",
                "line\nbreak\ttab",
                "caf\u00E9",
                "\uD83C\uDF05",
                "a\uD83C\uDF05\uD83C\uDF05",
                "\uFFFD"
            })
    void isStorable_whatStoresKeep_isLeftAlone(String text) {
        assertThat(StorableText.isStorable(text)).isTrue();
        assertThat(StorableText.repaired(text)).isSameAs(text);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "a\u0000b; a\uFFFDb",
                "\uD800; \uFFFD",
                "\uDC00x; \uFFFDx",
                "a\uD800; a\uFFFD",
                "\uD800\uD800\uDC00; \uFFFD\uD800\uDC00",
                "\uDC00\uD800; \uFFFD\uFFFD",
                "a\u0000\u0000b; a\uFFFD\uFFFDb",
            })
    void isStorable_whatStoresRefuse_isToldAndRepaired(String text, String repaired) {
        assertThat(StorableText.isStorable(text)).isFalse();
        assertThat(StorableText.repaired(text)).isEqualTo(repaired);
        assertThat(StorableText.isStorable(StorableText.repaired(text))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"bad\u0000", "bad\uD800"})
    void check_keyActorAndReason_areRefused(String text) {
        assertThatThrownBy(() -> Texts.checkKey("key", text)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Texts.checkActor(text)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Texts.checkReason(text)).isInstanceOf(IllegalArgumentException.class);
    }
}
