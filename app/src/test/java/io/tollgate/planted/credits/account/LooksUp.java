package io.tollgate.planted.credits.account;

final class LooksUp {
    io.tollgate.planted.credits.pricing.AllowedPrices prices() {
        return new io.tollgate.planted.credits.pricing.AllowedPrices();
    }
}
