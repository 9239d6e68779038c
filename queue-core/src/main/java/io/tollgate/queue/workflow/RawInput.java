package io.tollgate.queue.workflow;

import io.tollgate.queue.job.AssetId;
import java.math.BigDecimal;
import java.util.List;

/**
 * A value as it came from outside, not checked yet. JSON tells numbers from texts; a command line and a chat know only
 * texts, so a {@link Text} stands for anything that can be written down.
 */
public sealed interface RawInput {
    /** Which of the records it is, to switch on. */
    Kind kind();

    /** The kinds of raw values. */
    enum Kind {
        TEXT,
        NUMERIC,
        BOOL,
        ASSETS
    }

    /**
     * A text, or anything else written as text: {@code 2}, {@code 0.5}, {@code true}, a choice, the id of an asset or
     * several with commas between.
     */
    record Text(String value) implements RawInput {
        @Override
        public Kind kind() {
            return Kind.TEXT;
        }
    }

    /** A number, of any length. */
    record Numeric(BigDecimal value) implements RawInput {
        @Override
        public Kind kind() {
            return Kind.NUMERIC;
        }
    }

    /** Yes or no. */
    record Bool(boolean value) implements RawInput {
        @Override
        public Kind kind() {
            return Kind.BOOL;
        }
    }

    /** One stored file. */
    record AssetRef(AssetId id) implements RawInput {
        @Override
        public Kind kind() {
            return Kind.ASSETS;
        }
    }

    /** Several stored files, in order. */
    record AssetRefs(List<AssetId> ids) implements RawInput {
        public AssetRefs {
            ids = List.copyOf(ids);
        }

        @Override
        public Kind kind() {
            return Kind.ASSETS;
        }
    }
}
