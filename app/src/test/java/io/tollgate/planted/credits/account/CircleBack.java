package io.tollgate.planted.credits.account;

public final class CircleBack {
    io.tollgate.planted.credits.ledger.CircleThere there() {
        return new io.tollgate.planted.credits.ledger.CircleThere();
    }
}
