package io.tollgate.credits.payment;

import io.tollgate.credits.ledger.Money;

final class ScriptedGatewayTest extends PaymentGatewayContract {
    @Override
    protected PaymentGateway gateway() {
        return new ScriptedGateway();
    }

    @Override
    protected String charge() {
        return "charge-1";
    }

    @Override
    protected Money money() {
        return Money.parse("250 XTR");
    }
}
