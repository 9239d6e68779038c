package io.tollgate.http;

import com.fasterxml.jackson.databind.JsonNode;
import io.tollgate.credits.ledger.Amount;
import io.tollgate.credits.ledger.StorableText;
import io.tollgate.queue.job.InputProblem;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Reads the fields of a JSON object and notes all that is wrong, so that the caller learns everything at once. Whoever
 * has read them calls {@link #done}.
 */
final class Body {
    /** What a time looks like, for messages. */
    static final String TIME = "a time such as 2026-01-31T12:00:00Z";

    private static final int MIN_REASON = 3;
    private static final int MAX_REASON = 400;

    private final JsonNode object;
    private final String prefix;
    private final List<InputProblem> problems;
    private final Set<String> known = new LinkedHashSet<>();

    Body(JsonNode object) {
        this(object, "", new ArrayList<>());
    }

    private Body(JsonNode object, String prefix, List<InputProblem> problems) {
        this.object = object;
        this.prefix = prefix;
        this.problems = problems;
    }

    /**
     * A time that can be stored.
     *
     * @throws RuntimeException if it is none
     */
    static Instant time(String text) {
        Instant time = Instant.parse(text);
        long stored = time.plusSeconds(1).toEpochMilli(); // not those a million years from now
        if (stored < 0) {
            throw new IllegalArgumentException("before the beginning of times: " + text);
        }
        return time;
    }

    /** The same for an object within; problems are noted here. */
    Body within(JsonNode inner, String name) {
        return new Body(inner, prefix + name + ".", problems);
    }

    void wrong(String field, String problem) {
        problems.add(new InputProblem(prefix + field, problem, Optional.empty()));
    }

    private @Nullable JsonNode field(String name) {
        known.add(name);
        JsonNode value = object.get(name);
        return value == null || value.isNull() ? null : value;
    }

    /** A field as it is; empty if it is missing or null. */
    Optional<JsonNode> any(String name) {
        return Optional.ofNullable(field(name));
    }

    Optional<String> text(String name, int maxLength) {
        JsonNode value = field(name);
        if (value == null) {
            return Optional.empty();
        }
        if (!value.isTextual() || value.textValue().length() > maxLength) {
            wrong(name, "must be a text of at most " + maxLength + " characters");
            return Optional.empty();
        }
        return Optional.of(value.textValue());
    }

    /** A text that people are shown, in one line; empty if it isn't there. */
    String plain(String name, int maxLength) {
        String text = text(name, maxLength).orElse("");
        if (!StorableText.isStorable(text) || text.chars().anyMatch(Character::isISOControl)) {
            wrong(name, "must be text without control characters");
            return "";
        }
        return text;
    }

    /** A text in a form of its own. */
    <T> Optional<T> text(String name, String allowed, Function<String, T> parse) {
        return text(name, 4096).flatMap(text -> {
            try {
                return Optional.of(parse.apply(text));
            } catch (RuntimeException e) {
                wrong(name, "must be " + allowed);
                return Optional.empty();
            }
        });
    }

    /** A text that must be there; empty text after a note if it isn't. */
    String needed(String name, int maxLength) {
        Optional<String> text = text(name, maxLength);
        if (text.isEmpty() && field(name) == null) {
            wrong(name, "is needed");
        }
        return text.orElse("");
    }

    Optional<Long> whole(String name, long min, long max) {
        JsonNode value = field(name);
        if (value == null) {
            return Optional.empty();
        }
        if (!value.isIntegralNumber()
                || !value.canConvertToLong()
                || value.longValue() < min
                || value.longValue() > max) {
            wrong(name, "must be a whole number from " + min + " to " + max);
            return Optional.empty();
        }
        return Optional.of(value.longValue());
    }

    /** Credits, which must be there; 0 after a note if they aren't. */
    Amount amount(String name, boolean mayBeNegative) {
        Optional<Amount> amount = any(name).flatMap(given -> {
            try {
                return Optional.of(Amount.parse(given.asText()));
            } catch (IllegalArgumentException e) {
                return Optional.empty();
            }
        });
        if (amount.isEmpty()
                || amount.get().isZero()
                || (!mayBeNegative && amount.get().isNegative())) {
            wrong(
                    name,
                    mayBeNegative
                            ? "must be credits with at most two decimals, not 0"
                            : "must be credits above 0 with at most two decimals");
            return Amount.ZERO;
        }
        return amount.get();
    }

    /** Why an operator does something, for the books; it must be there. */
    String reason(String name) {
        String reason = needed(name, MAX_REASON);
        if (reason.strip().length() < MIN_REASON) {
            wrong(name, "must be " + MIN_REASON + " to " + MAX_REASON + " characters");
        }
        return reason;
    }

    Optional<Boolean> flag(String name) {
        JsonNode value = field(name);
        if (value == null) {
            return Optional.empty();
        }
        if (!value.isBoolean()) {
            wrong(name, "must be true or false");
            return Optional.empty();
        }
        return Optional.of(value.booleanValue());
    }

    List<String> texts(String name, int maxCount, int maxLength) {
        JsonNode value = field(name);
        List<String> texts = new ArrayList<>();
        if (value == null) {
            return texts;
        }
        boolean fits = value.isArray() && value.size() <= maxCount;
        if (fits) {
            for (JsonNode one : value) {
                fits &= one.isTextual() && one.textValue().length() <= maxLength;
                texts.add(one.asText());
            }
        }
        if (!fits) {
            wrong(name, "must be a list of at most " + maxCount + " texts of at most " + maxLength + " characters");
            return List.of();
        }
        return texts;
    }

    /** An object whose values are texts. */
    Map<String, String> words(String name, int maxCount, int maxKey, int maxLength) {
        JsonNode value = field(name);
        Map<String, String> words = new LinkedHashMap<>();
        if (value == null) {
            return words;
        }
        boolean fits = value.isObject() && value.size() <= maxCount;
        if (fits) {
            for (Map.Entry<String, JsonNode> one : value.properties()) {
                fits &= one.getKey().length() <= maxKey
                        && one.getValue().isTextual()
                        && one.getValue().textValue().length() <= maxLength;
                words.put(one.getKey(), one.getValue().asText());
            }
        }
        if (!fits) {
            wrong(
                    name,
                    "must be an object of at most " + maxCount + " texts: names of at most " + maxKey
                            + " characters, values of at most " + maxLength);
            return Map.of();
        }
        return words;
    }

    /** Leaves a field unread that others may send. */
    void ignore(String name) {
        known.add(name);
    }

    /** Notes the fields that nobody knows. */
    void checkUnknown() {
        object.fieldNames().forEachRemaining(name -> {
            if (!known.contains(name)) {
                String shown = name.length() > 60 ? name.substring(0, 60) + "…" : name;
                wrong(
                        shown.codePoints().allMatch(c -> c > 31 && c < 127) ? shown : "?",
                        "is not known here; known are " + String.join(", ", new TreeSet<>(known)));
            }
        });
    }

    /** Ends the call if anything was wrong. */
    void done() {
        checkUnknown();
        if (!problems.isEmpty()) {
            throw new ProblemException(Problem.invalid(problems));
        }
    }
}
