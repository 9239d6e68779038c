package io.tollgate.credits.payment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tollgate.credits.ledger.Amount;
import io.tollgate.credits.ledger.Money;
import java.util.List;
import org.junit.jupiter.api.Test;

final class PacksTest {
    private static final Money PRICE = Money.parse("4.99 EUR");
    private static final Amount CREDITS = Amount.credits(50);

    private static Pack pack(String name, String title) {
        return new Pack(name, title, PRICE, CREDITS);
    }

    @Test
    void packs_areInTheOrderOfTheBook() {
        Pack small = pack("small", "50 credits");
        Pack large = pack("large", "x".repeat(100));
        Packs packs = new Packs(List.of(small, large));

        assertThat(packs.all()).containsExactly(small, large);
        assertThat(packs.names()).containsExactly("small", "large");
        assertThat(packs).hasToString("Packs[small, large]");
        assertThat(packs.find("large")).contains(large);
        assertThat(packs.find("huge")).isEmpty();
        assertThatThrownBy(() -> new Packs(List.of(small, small))).hasMessageContaining("small");
    }

    @Test
    void pack_withoutATitleOrForNothing_isRefused() {
        refused("Small", "50 credits", PRICE, CREDITS);
        refused("small", " ", PRICE, CREDITS);
        refused("small", "x".repeat(101), PRICE, CREDITS);
        refused("small", "50 credits", new Money(0, "EUR"), CREDITS);
        refused("small", "50 credits", PRICE, Amount.ZERO);
    }

    private static void refused(String name, String title, Money price, Amount credits) {
        assertThatThrownBy(() -> new Pack(name, title, price, credits)).isInstanceOf(IllegalArgumentException.class);
    }
}
