package io.tollgate.queue.workflow;

import java.math.BigDecimal;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What one input of a workflow may be. A kind carries exactly the limits that make sense for it; limits include their
 * ends. A spec that makes no sense can't be built: its constructor throws {@link InvalidWorkflowException} with the
 * input's name, the key, the value and what is allowed.
 */
public sealed interface InputSpec {
    /** Its name, {@code [a-z][a-z0-9_]{0,39}}. */
    String name();

    /** One line for people, may be empty, at most 200 characters. */
    String label();

    /** Whether a request must bring it. One that isn't required is left out, or takes its default if it has one. */
    boolean required();

    /** Which of the records it is, to switch on. */
    Kind kind();

    /**
     * The word for its type in APIs and catalogue files: {@code text}, {@code integer}, {@code decimal},
     * {@code boolean}, {@code choice}, {@code seed}, {@code image}, {@code images}, {@code video}, {@code videos},
     * {@code audio}, {@code audios} or {@code graph}.
     */
    String type();

    /** The kinds of inputs. */
    enum Kind {
        TEXT,
        WHOLE,
        DECIMAL,
        FLAG,
        CHOICE,
        SEED,
        FILES,
        GRAPH
    }

    /** A graph in the format of a backend, to be run as it is. */
    record Graph(String name, String label) implements InputSpec {
        /** The longest graph, in UTF-16 units. */
        public static final int MAX_LENGTH = 1 << 20;

        public Graph {
            Checks.input(name, label);
        }

        @Override
        public boolean required() {
            return true;
        }

        @Override
        public Kind kind() {
            return Kind.GRAPH;
        }

        @Override
        public String type() {
            return "graph";
        }
    }

    /**
     * Free text: no control characters but line breaks and tabs.
     *
     * @param maxLength the most code points, 1 to {@value #MAX_LENGTH}
     */
    record Text(String name, String label, boolean required, Optional<String> preset, int maxLength)
            implements InputSpec {
        /** The longest text that any workflow can ask for, in code points. */
        public static final int MAX_LENGTH = 10_000;

        public Text {
            Checks.input(name, label);
            if (maxLength < 1 || maxLength > MAX_LENGTH) {
                throw Checks.bad(name, "max-length must be between 1 and " + MAX_LENGTH, maxLength);
            }
            int most = maxLength;
            preset.ifPresent(text -> Texts.problem(text, most).ifPresent(problem -> {
                throw Checks.bad(name, "preset " + problem, text);
            }));
        }

        @Override
        public Kind kind() {
            return Kind.TEXT;
        }

        @Override
        public String type() {
            return "text";
        }
    }

    /** A whole number. */
    record Whole(String name, String label, boolean required, Optional<Long> preset, long min, long max)
            implements InputSpec {
        public Whole {
            Checks.input(name, label);
            if (max < min) {
                throw Checks.bad(name, "max must be at least min " + min, max);
            }
            preset.ifPresent(value -> {
                if (value < min || value > max) {
                    throw Checks.bad(name, "preset must be between " + min + " and " + max, value);
                }
            });
        }

        @Override
        public Kind kind() {
            return Kind.WHOLE;
        }

        @Override
        public String type() {
            return "integer";
        }
    }

    /** A decimal number of at most {@value #MAX_DIGITS} digits. */
    record Decimal(
            String name, String label, boolean required, Optional<BigDecimal> preset, BigDecimal min, BigDecimal max)
            implements InputSpec {
        /** The most digits a number may have, before and after the point together. */
        public static final int MAX_DIGITS = 60;

        public Decimal {
            Checks.input(name, label);
            Checks.digits(name, "min", min);
            Checks.digits(name, "max", max);
            if (max.compareTo(min) < 0) {
                throw Checks.bad(name, "max must be at least min " + min.toPlainString(), max.toPlainString());
            }
            preset.ifPresent(value -> {
                Checks.digits(name, "preset", value);
                if (value.compareTo(min) < 0 || value.compareTo(max) > 0) {
                    throw Checks.bad(
                            name,
                            "preset must be between " + min.toPlainString() + " and " + max.toPlainString(),
                            value.toPlainString());
                }
            });
        }

        @Override
        public Kind kind() {
            return Kind.DECIMAL;
        }

        @Override
        public String type() {
            return "decimal";
        }
    }

    /** Yes or no. */
    record Flag(String name, String label, boolean required, Optional<Boolean> preset) implements InputSpec {
        public Flag {
            Checks.input(name, label);
        }

        @Override
        public Kind kind() {
            return Kind.FLAG;
        }

        @Override
        public String type() {
            return "boolean";
        }
    }

    /**
     * One of some words.
     *
     * @param options 1 to 100 different words of 1 to 100 characters
     */
    record Choice(String name, String label, boolean required, Optional<String> preset, List<String> options)
            implements InputSpec {
        public Choice {
            Checks.input(name, label);
            options = List.copyOf(options);
            if (options.isEmpty() || options.size() > 100) {
                throw Checks.bad(name, "options must be between 1 and 100 words", options.size());
            }
            Set<String> seen = new HashSet<>();
            for (String option : options) {
                if (option.isBlank() || Texts.problem(option, 100).isPresent()) {
                    throw Checks.bad(name, "options must be words of 1 to 100 characters", option);
                }
                if (!seen.add(option)) {
                    throw Checks.bad(name, "options must be different", option);
                }
            }
            preset.ifPresent(value -> {
                if (!seen.contains(value)) {
                    throw Checks.bad(name, "preset must be one of the options", value);
                }
            });
        }

        @Override
        public Kind kind() {
            return Kind.CHOICE;
        }

        @Override
        public String type() {
            return "choice";
        }
    }

    /** A whole number from 0 to 2^53 - 1 that makes a result repeatable; drawn when it isn't brought. */
    record Seed(String name, String label) implements InputSpec {
        /** The largest seed: the largest whole number that every JSON reader keeps exact. */
        public static final long MAX = (1L << 53) - 1;

        public Seed {
            Checks.input(name, label);
        }

        @Override
        public boolean required() {
            return false;
        }

        @Override
        public Kind kind() {
            return Kind.SEED;
        }

        @Override
        public String type() {
            return "seed";
        }
    }

    /**
     * Stored files.
     *
     * @param contentTypes the media types that are taken, at least one, all of the kind that {@code media} says
     * @param minCount the fewest files, 1 for a single one
     * @param maxCount the most files, 1 for a single one, at most {@value #MAX_COUNT}
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
        /** The most files of one input. */
        public static final int MAX_COUNT = 100;

        public Files {
            Checks.input(name, label);
            contentTypes = Set.copyOf(contentTypes);
            if (contentTypes.isEmpty()) {
                throw Checks.bad(name, "content-types must be at least one media type", "none");
            }
            for (String type : contentTypes) {
                if (!type.startsWith(media.prefix())
                        || !Checks.MEDIA_TYPE.matcher(type).matches()) {
                    throw Checks.bad(name, "content-types must be media types such as " + media.prefix() + "…", type);
                }
            }
            if (minCount < 1) {
                throw Checks.bad(name, "min-count must be at least 1", minCount);
            }
            if (maxCount < minCount || maxCount > MAX_COUNT) {
                throw Checks.bad(name, "max-count must be between " + minCount + " and " + MAX_COUNT, maxCount);
            }
            if (maxBytes < 1) {
                throw Checks.bad(name, "max-bytes must be at least 1", maxBytes);
            }
        }

        /** Whether it is always one file: then its value is one asset and not a list. */
        public boolean single() {
            return maxCount == 1;
        }

        @Override
        public Kind kind() {
            return Kind.FILES;
        }

        @Override
        public String type() {
            return single() ? media.word : media.word + "s";
        }
    }

    /** What the files of an input are. */
    enum Media {
        IMAGE("image"),
        VIDEO("video"),
        AUDIO("audio");

        private final String word;

        Media(String word) {
            this.word = word;
        }

        /** How its media types begin, such as {@code image/}. */
        public String prefix() {
            return word + "/";
        }
    }
}
