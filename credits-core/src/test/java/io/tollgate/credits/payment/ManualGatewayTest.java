package io.tollgate.credits.payment;

import io.tollgate.credits.ledger.Money;

final class ManualGatewayTest extends PaymentGatewayContract {
    @Override
    protected PaymentGateway gateway() {
        return new ManualGateway();
    }

    @Override
    protected String charge() {
        return "receipt-1";
    }

    @Override
    protected Money money() {
        return Money.parse("4.99 EUR");
    }
}
