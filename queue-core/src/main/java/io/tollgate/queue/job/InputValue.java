package io.tollgate.queue.job;

import java.math.BigDecimal;
import java.util.List;

/** A checked value of one input of a workflow. What a workflow's input spec refuses never becomes one. */
public sealed interface InputValue {
    /** Free text, or the name of a choice. */
    record Text(String value) implements InputValue {}

    /** A whole number; also a seed. */
    record Whole(long value) implements InputValue {}

    /** A decimal number, without trailing zeros. */
    record Decimal(BigDecimal value) implements InputValue {
        public Decimal {
            value = value.signum() == 0 ? BigDecimal.ZERO : value.stripTrailingZeros();
        }
    }

    /** Yes or no. */
    record Flag(boolean value) implements InputValue {}

    /** One stored file. */
    record Asset(AssetId id) implements InputValue {}

    /** Several stored files, in order. */
    record Assets(List<AssetId> ids) implements InputValue {
        public Assets {
            ids = List.copyOf(ids);
        }
    }
}
