package io.tollgate.credits.ledger;

/** Why a user was granted credits. */
public enum GrantSource {
    /** To try it out. */
    TRIAL(1, 10, Book.ISSUED_PROMO),
    /** Paid for; only payments make these. */
    PURCHASE(2, 50, Book.ISSUED_PAID),
    /** A present, such as for an invitation. */
    BONUS(3, 20, Book.ISSUED_PROMO),
    /** To make up for something. */
    GOODWILL(4, 30, Book.ISSUED_PROMO),
    /** A correction by an operator; only adjustments make these. */
    ADJUST(5, 40, Book.ADJUST),
    /** Released credits whose grant expired while we failed; only releases make these. */
    CREDIT_BACK(6, 15, Book.BREAKAGE),
    /** Brought along from another system. */
    OPENING(7, 45, Book.OPENING);

    private final int code;
    private final int priority;
    private final Book contra;

    GrantSource(int code, int priority, Book contra) {
        this.code = code;
        this.priority = priority;
        this.contra = contra;
    }

    /** The number it is stored under; never changes. */
    public int code() {
        return code;
    }

    /** The priority of its grants unless another is asked for; the lowest is spent first. */
    public int priority() {
        return priority;
    }

    /** The system's book that its credits come from. */
    public Book contra() {
        return contra;
    }

    /** Whether someone paid for it. */
    public boolean paid() {
        return this == PURCHASE;
    }

    /** Whether it can be granted by a command of its own. */
    public boolean grantable() {
        return this != PURCHASE && this != ADJUST && this != CREDIT_BACK;
    }

    /**
     * The source that is stored under a number.
     *
     * @throws IllegalArgumentException if there is none
     */
    public static GrantSource ofCode(int code) {
        for (GrantSource source : values()) {
            if (source.code == code) {
                return source;
            }
        }
        throw new IllegalArgumentException("no grant source has the code " + code);
    }
}
