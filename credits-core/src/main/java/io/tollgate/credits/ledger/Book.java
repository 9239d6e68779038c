package io.tollgate.credits.ledger;

/** Where an entry is written. A user's books carry a balance; the system's are only ever summed. */
public enum Book {
    /** What a user can spend: the sum of what remains of the grants. Never below zero. */
    AVAILABLE(1, true),
    /** What is set aside for open holds. Never below zero. */
    HELD(2, true),
    /** What a user owes, as a number that is never above zero. */
    DEBT(3, true),
    /** Where paid credits come from. */
    ISSUED_PAID(11, false),
    /** Where given credits come from: trial, bonus, goodwill. */
    ISSUED_PROMO(12, false),
    /** What was captured, at list price. */
    REVENUE(13, false),
    /** What a perk, a discount or a free run paid instead of the user. */
    SUBSIDY(14, false),
    /** What expired, less what came back to users because it was our fault. */
    BREAKAGE(15, false),
    /** What was taken back because its payment was. */
    REVOKED(16, false),
    /** Corrections by an operator. */
    ADJUST(17, false),
    /** Where credits come from that were brought along from another system. */
    OPENING(18, false);

    private final int code;
    private final boolean ofUser;

    Book(int code, boolean ofUser) {
        this.code = code;
        this.ofUser = ofUser;
    }

    /** The number it is stored under; never changes. */
    public int code() {
        return code;
    }

    /** Whether every user has one of their own. */
    public boolean ofUser() {
        return ofUser;
    }

    /**
     * The book that is stored under a number.
     *
     * @throws IllegalArgumentException if there is none
     */
    public static Book ofCode(int code) {
        for (Book book : values()) {
            if (book.code == code) {
                return book;
            }
        }
        throw new IllegalArgumentException("no book has the code " + code);
    }
}
