package io.tollgate.planted.credits.ledger;

public final class AllowedMoney {}
