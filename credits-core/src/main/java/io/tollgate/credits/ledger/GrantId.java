package io.tollgate.credits.ledger;

/**
 * The number of a grant, given by the store; later grants have higher ones.
 *
 * @param value positive
 */
public record GrantId(long value) implements Comparable<GrantId> {
    public GrantId {
        if (value < 1) {
            throw new IllegalArgumentException("a grant's number is positive: " + value);
        }
    }

    @Override
    public int compareTo(GrantId other) {
        return Long.compare(value, other.value);
    }

    @Override
    public String toString() {
        return Long.toString(value);
    }
}
