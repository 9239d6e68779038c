package io.tollgate.credits.ledger;

/**
 * What users had together at a moment.
 *
 * @param available what they could spend
 * @param held what was set aside for open holds
 * @param debt what they owed, not positive
 */
public record Books(Amount available, Amount held, Amount debt) {
    /** Nothing. */
    public static final Books NONE = new Books(Amount.ZERO, Amount.ZERO, Amount.ZERO);

    /** All of it. */
    public Amount all() {
        return available.plus(held).plus(debt);
    }

    /** These books after an entry in one of a user's; other entries change nothing. */
    public Books after(Book book, Amount amount) {
        return switch (book) {
            case AVAILABLE -> new Books(available.plus(amount), held, debt);
            case HELD -> new Books(available, held.plus(amount), debt);
            case DEBT -> new Books(available, held, debt.plus(amount));
            case ISSUED_PAID, ISSUED_PROMO, REVENUE, SUBSIDY, BREAKAGE, REVOKED, ADJUST, OPENING -> this;
        };
    }
}
