package io.tollgate.credits.ledger;

import io.tollgate.credits.account.UserId;
import java.util.Optional;

/**
 * One signed line of the ledger. Lines are only ever added.
 *
 * @param user whose book it is; empty for the system's books
 * @param amount what the book gains, negative for what it gives; never 0
 */
public record Entry(Optional<UserId> user, Book book, Amount amount) {
    public Entry {
        if (amount.isZero()) {
            throw new IllegalArgumentException("an entry moves something: " + book);
        }
        if (user.isPresent() != book.ofUser()) {
            throw new IllegalArgumentException(
                    book.ofUser() ? book + " is a user's" : book + " is not a user's: " + user.orElseThrow());
        }
    }

    /** A line in a book of the system. */
    public static Entry system(Book book, Amount amount) {
        return new Entry(Optional.empty(), book, amount);
    }

    /** A line in a book of a user. */
    public static Entry of(UserId user, Book book, Amount amount) {
        return new Entry(Optional.of(user), book, amount);
    }
}
