package io.tollgate.queue.job;

import java.math.BigDecimal;
import java.util.List;

/** A checked value of one input of a workflow. What a workflow's input spec refuses never becomes one. */
public sealed interface InputValue {
    /** The stored files that it names. */
    default List<AssetId> files() {
        return List.of();
    }

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
    record Asset(AssetId id) implements InputValue {
        @Override
        public List<AssetId> files() {
            return List.of(id);
        }
    }

    /** Several stored files, in order. */
    record Assets(List<AssetId> ids) implements InputValue {
        public Assets {
            ids = List.copyOf(ids);
        }

        @Override
        public List<AssetId> files() {
            return ids;
        }
    }

    /**
     * A graph in the format of a backend, to be run as it is.
     *
     * @param text as the user brought it
     * @param files the stored files that it names
     */
    record Graph(String text, List<AssetId> files) implements InputValue {
        public Graph {
            files = List.copyOf(files);
        }
    }
}
