package io.tollgate.credits.account;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

final class TiersTest {
    @Test
    void shipped_tiers_areWorthWhatTheDocsSay() {
        assertThat(Tiers.SHIPPED.names()).containsExactly("standard", "silver", "gold", "black_gold");
        assertThat(Tiers.SHIPPED.standard().perks())
                .isEqualTo(new Perks(Optional.empty(), false, false, 0, true, OptionalInt.empty()));
        assertThat(Tiers.SHIPPED.tier("gold").perks())
                .isEqualTo(new Perks(Optional.empty(), true, false, 0, false, OptionalInt.empty()));
        assertThat(Tiers.SHIPPED.tier("black_gold").perks())
                .isEqualTo(new Perks(Optional.of("vip"), true, true, 0, false, OptionalInt.empty()));
    }

    @Test
    void tier_thatTheBookLacks_isStandard() {
        assertThat(Tiers.SHIPPED.tier("bronze")).isEqualTo(Tiers.SHIPPED.standard());
        assertThat(Tiers.SHIPPED.find("bronze")).isEmpty();
    }

    @Test
    void tiers_twiceOrWithoutStandard_areRefused() {
        Tier gold = new Tier("gold", Perks.NONE);
        Tier standard = new Tier("standard", Perks.NONE);

        assertThatThrownBy(() -> new Tiers(List.of(gold))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Tiers(List.of(standard, gold, gold)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("gold");
    }

    @Test
    void perks_outOfRange_areRefused() {
        assertThatThrownBy(() -> perks("VIP", 0, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> perks("vip", 101, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> perks("vip", -1, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> perks("vip", 0, 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Tier("Gold", Perks.NONE)).isInstanceOf(IllegalArgumentException.class);
    }

    private static Perks perks(String lane, int discount, int jobsAtMost) {
        return new Perks(Optional.of(lane), false, false, discount, true, OptionalInt.of(jobsAtMost));
    }
}
