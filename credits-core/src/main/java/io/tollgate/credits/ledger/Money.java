package io.tollgate.credits.ledger;

import java.math.BigDecimal;
import java.util.Currency;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An amount of money, as payment providers count it: whole units of the smallest coin. Not credits, see {@link Amount}.
 *
 * @param minorUnits cents, stars and the like, not negative
 * @param currency three upper-case letters of ISO 4217, or {@code XTR} for Telegram Stars
 */
public record Money(long minorUnits, String currency) {
    /** Telegram Stars, which have no smaller coin. */
    public static final String STARS = "XTR";

    private static final Pattern CURRENCY = Pattern.compile("[A-Z]{3}");
    private static final Pattern TEXT = Pattern.compile("(-?[0-9]{1,19}(?:\\.[0-9]{1,19})?) +([A-Za-z]{3})");

    public Money {
        digits(currency);
        if (minorUnits < 0) {
            throw new IllegalArgumentException("money can't be negative: " + minorUnits + " " + currency);
        }
    }

    /**
     * Reads an amount and a currency such as {@code 4.99 EUR}.
     *
     * @throws IllegalArgumentException if it isn't that, is negative, has more digits than the currency's smallest coin
     *     or is out of range
     */
    public static Money parse(String text) {
        Matcher parts = TEXT.matcher(text.strip());
        if (!parts.matches()) {
            throw new IllegalArgumentException(
                    "money is an amount and a currency, such as '4.99 EUR', not '" + text + "'");
        }
        String currency = parts.group(2).toUpperCase(Locale.ROOT);
        int digits = digits(currency);
        try {
            return new Money(
                    new BigDecimal(parts.group(1)).movePointRight(digits).longValueExact(), currency);
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException(
                    currency + " has " + digits + " digits after the point, and the amount must not be beyond range: '"
                            + text + "'",
                    e);
        }
    }

    private static int digits(String currency) {
        if (currency.equals(STARS)) {
            return 0;
        }
        if (!CURRENCY.matcher(currency).matches()) {
            throw new IllegalArgumentException("a currency is three upper-case letters, not '" + currency + "'");
        }
        int digits;
        try {
            digits = Currency.getInstance(currency).getDefaultFractionDigits();
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("there is no currency '" + currency + "'", e);
        }
        if (digits < 0) { // gold, special drawing rights and such
            throw new IllegalArgumentException("nobody pays in '" + currency + "'");
        }
        return digits;
    }

    public boolean isPositive() {
        return minorUnits > 0;
    }

    /** The amount without its currency, such as {@code 4.99}. */
    public BigDecimal amount() {
        return BigDecimal.valueOf(minorUnits, digits(currency));
    }

    /** What {@link #parse} reads. */
    @Override
    public String toString() {
        return amount().toPlainString() + " " + currency;
    }
}
