package io.tollgate.credits.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

final class HmacSha256Test {
    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** RFC 4231, test cases 1, 2 and 6. */
    @Test
    void of_whatTheRfcGives_isWhatItSays() {
        byte[] twenty = new byte[20];
        Arrays.fill(twenty, (byte) 0x0b);
        byte[] long131 = new byte[131];
        Arrays.fill(long131, (byte) 0xaa);

        assertThat(HexFormat.of().formatHex(new HmacSha256(twenty).of(ascii("Hi There"))))
                .isEqualTo("b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
        assertThat(HexFormat.of().formatHex(new HmacSha256(ascii("Jefe")).of(ascii("what do ya want for nothing?"))))
                .isEqualTo("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
        assertThat(HexFormat.of()
                        .formatHex(new HmacSha256(long131)
                                .of(ascii("Test Using Larger Than Block-Size Key - Hash Key First"))))
                .isEqualTo("60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
    }

    @Test
    void of_parts_isAsOfTheWhole() {
        HmacSha256 hmac = new HmacSha256(ascii("key"));

        assertThat(hmac.of(ascii("a"), ascii(""), ascii("bc")))
                .isEqualTo(hmac.of(ascii("abc")))
                .hasSize(HmacSha256.BYTES);
        assertThatThrownBy(() -> new HmacSha256(new byte[0])).isInstanceOf(IllegalArgumentException.class);
    }
}
