package io.tollgate.planted.credits.pricing;

public final class AllowedPrices {}
