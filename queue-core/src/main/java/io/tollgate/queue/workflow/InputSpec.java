package io.tollgate.queue.workflow;

import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What one input of a workflow may be. A kind carries exactly the limits that make sense for it; limits include their
 * ends.
 */
public sealed interface InputSpec {
    /** Its name, {@code [a-z][a-z0-9_]{0,39}}. */
    String name();

    /** One line for people, may be empty. */
    String label();

    /** Whether a request must bring it. One that isn't required is left out, or takes its default if it has one. */
    boolean required();

    /** Free text. */
    record Text(String name, String label, boolean required, Optional<String> preset, int maxLength)
            implements InputSpec {}

    /** A whole number. */
    record Whole(String name, String label, boolean required, Optional<Long> preset, long min, long max)
            implements InputSpec {}

    /** A decimal number. */
    record Decimal(
            String name, String label, boolean required, Optional<BigDecimal> preset, BigDecimal min, BigDecimal max)
            implements InputSpec {}

    /** Yes or no. */
    record Flag(String name, String label, boolean required, Optional<Boolean> preset) implements InputSpec {}

    /** One of some words. */
    record Choice(String name, String label, boolean required, Optional<String> preset, List<String> options)
            implements InputSpec {}

    /** A whole number from 0 to 2^53 - 1 that makes a result repeatable; drawn when it isn't brought. */
    record Seed(String name, String label) implements InputSpec {
        /** The largest seed: the largest whole number that every JSON reader keeps exact. */
        public static final long MAX = (1L << 53) - 1;

        @Override
        public boolean required() {
            return false;
        }
    }

    /**
     * Stored files.
     *
     * @param contentTypes the media types that are taken
     * @param minCount the fewest files, 1 for a single one
     * @param maxCount the most files, 1 for a single one
     * @param maxBytes the largest file
     */
    record Files(
            String name,
            String label,
            boolean required,
            Media media,
            Set<String> contentTypes,
            int minCount,
            int maxCount,
            long maxBytes)
            implements InputSpec {
        public Files {
            contentTypes = Set.copyOf(contentTypes);
        }
    }

    /** What the files of an input are. */
    enum Media {
        IMAGE,
        VIDEO,
        AUDIO
    }
}
