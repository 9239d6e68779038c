package io.tollgate.app.config;

/** A value that nobody but its user may see: its text is hidden wherever it is printed. */
public final class Secret {
    /** What is printed in a secret's place. */
    public static final String HIDDEN = "(hidden)";

    private final String value;

    /** Keeps {@code value}, which is not empty. */
    public Secret(String value) {
        if (value.isEmpty()) {
            throw new IllegalArgumentException("a secret is not empty");
        }
        this.value = value;
    }

    /** The secret itself, for the one call that needs it. */
    public String reveal() {
        return value;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Secret secret && secret.value.equals(value);
    }

    @Override
    public int hashCode() {
        return value.hashCode();
    }

    @Override
    public String toString() {
        return HIDDEN;
    }
}
