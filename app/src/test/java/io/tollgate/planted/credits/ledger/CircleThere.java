package io.tollgate.planted.credits.ledger;

public final class CircleThere {
    io.tollgate.planted.credits.account.CircleBack back() {
        return new io.tollgate.planted.credits.account.CircleBack();
    }
}
