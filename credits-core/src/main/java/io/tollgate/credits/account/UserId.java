package io.tollgate.credits.account;

import java.util.regex.Pattern;

/**
 * Who asks and who pays: a name that the embedding program or an adapter chose, such as {@code local} or {@code tg:42}.
 *
 * @param value 1 to 64 characters of {@code A-Z a-z 0-9 . _ : @ + -}
 */
public record UserId(String value) implements Comparable<UserId> {
    private static final Pattern SHAPE = Pattern.compile("[A-Za-z0-9._:@+-]{1,64}");

    public UserId {
        if (!SHAPE.matcher(value).matches()) {
            throw new IllegalArgumentException(
                    "a user id has 1 to 64 characters of A-Z a-z 0-9 . _ : @ + -, not '" + value + "'");
        }
    }

    /** What the ids begin with that take the place of users' who are gone. */
    public static final String ERASED = "erased:";

    /** Whether it stands for somebody who is gone: nobody can act as such. */
    public boolean isErased() {
        return value.startsWith(ERASED);
    }

    @Override
    public int compareTo(UserId other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
