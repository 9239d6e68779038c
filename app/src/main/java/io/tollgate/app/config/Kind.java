package io.tollgate.app.config;

import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import com.typesafe.config.ConfigValueType;
import java.math.BigDecimal;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a value may be, and how it is read. Reading throws {@link IllegalArgumentException} for whatever is not allowed.
 *
 * @param name the kind in a word, for tables
 * @param allowed the end of the sentence "must be …"
 * @param reader turns a value into what it says
 */
public record Kind<T>(String name, String allowed, Function<ConfigValue, T> reader) {
    private static final Pattern SPAN = Pattern.compile("\\d+(\\.\\d+)?\\s*(ms|s|m|h|d)");
    private static final Pattern SIZE = Pattern.compile("\\d+(\\.\\d+)?\\s*([kKMGT]i?B?|B)?");

    /** Reads {@code value}. */
    public T read(ConfigValue value) {
        return reader.apply(value);
    }

    /** Text of at most {@code maxLength} characters, not blank. */
    public static Kind<String> text(int maxLength) {
        return new Kind<>("text", "text of 1 to " + maxLength + " characters", value -> {
            String text = scalar(value);
            require(!text.isBlank() && text.length() <= maxLength);
            return text;
        });
    }

    /** Text that a type of ours takes, which throws {@link IllegalArgumentException} where it doesn't. */
    public static <T> Kind<T> named(String name, String allowed, Function<String, T> type) {
        return new Kind<>(name, allowed, value -> type.apply(scalar(value)));
    }

    /** A whole number, ends included. */
    public static Kind<Integer> whole(int min, int max) {
        return new Kind<>("whole number", "a whole number from " + min + " to " + max, value -> {
            long number = new BigDecimal(scalar(value)).longValueExact();
            require(number >= min && number <= max);
            return (int) number;
        });
    }

    /** A large whole number, ends included. */
    public static Kind<Long> wholeLong(long min, long max) {
        return new Kind<>("whole number", "a whole number from " + min + " to " + max, value -> {
            long number = new BigDecimal(scalar(value)).longValueExact();
            require(number >= min && number <= max);
            return number;
        });
    }

    /** A decimal number, ends included. */
    public static Kind<BigDecimal> decimal(String min, String max) {
        return new Kind<>("decimal", "a number from " + min + " to " + max, value -> {
            String text = scalar(value);
            require(text.length() <= 40);
            BigDecimal number = new BigDecimal(text);
            require(number.compareTo(new BigDecimal(min)) >= 0 && number.compareTo(new BigDecimal(max)) <= 0);
            return number;
        });
    }

    /** Yes or no. */
    public static Kind<Boolean> flag() {
        return new Kind<>(
                "true or false", "true or false", value -> switch (scalar(value).toLowerCase(Locale.ROOT)) {
                    case "true", "yes", "on" -> true;
                    case "false", "no", "off" -> false;
                    default -> throw new IllegalArgumentException();
                });
    }

    /** One of the words of an enum, in lower case, with {@code -} for {@code _}. */
    public static <E extends Enum<E>> Kind<E> oneOf(Class<E> type) {
        Map<String, E> words = Stream.of(type.getEnumConstants())
                .collect(Collectors.toMap(
                        constant -> constant.name().toLowerCase(Locale.ROOT).replace('_', '-'), constant -> constant));
        String list = Stream.of(type.getEnumConstants())
                .map(constant -> constant.name().toLowerCase(Locale.ROOT).replace('_', '-'))
                .collect(Collectors.joining(", "));
        return new Kind<>(list.replace(", ", " or "), "one of " + list, value -> {
            E constant = words.get(scalar(value));
            require(constant != null);
            return constant;
        });
    }

    /** A span of time with its unit, ends included. */
    public static Kind<Duration> span(Duration min, Duration max) {
        return new Kind<>("duration", "a time with its unit from " + say(min) + " to " + say(max), value -> {
            String text = scalar(value).strip();
            require(SPAN.matcher(text).matches());
            Duration span = ConfigFactory.parseMap(Map.of("span", text)).getDuration("span");
            require(span.compareTo(min) >= 0 && span.compareTo(max) <= 0);
            return span;
        });
    }

    /** A size such as {@code 50MiB}, or a number of bytes; ends included. */
    public static Kind<Long> bytes(long min, long max) {
        return new Kind<>("size", "a size such as 50MiB, from " + min + " to " + max + " bytes", value -> {
            String text = scalar(value).strip();
            require(SIZE.matcher(text).matches());
            long size = ConfigFactory.parseMap(Map.of("size", text)).getBytes("size");
            require(size >= min && size <= max);
            return size;
        });
    }

    /** A file or directory, there or not. */
    public static Kind<Path> path() {
        return new Kind<>("path", "a path", value -> {
            String text = scalar(value);
            require(!text.isBlank());
            try {
                return Path.of(text);
            } catch (InvalidPathException e) {
                throw new IllegalArgumentException(e);
            }
        });
    }

    /** An {@code http} or {@code https} address with a host. */
    public static Kind<URI> httpAddress() {
        return new Kind<>("address", "an address such as http://127.0.0.1:8188", value -> {
            try {
                URI uri = new URI(scalar(value));
                require(uri.getHost() != null && ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme())));
                return uri;
            } catch (URISyntaxException e) {
                throw new IllegalArgumentException(e);
            }
        });
    }

    /** A secret of at most 4096 characters. */
    public static Kind<Secret> secret() {
        return secret(1);
    }

    /** A secret of so many characters at least, and at most 4096. */
    public static Kind<Secret> secret(int minLength) {
        return new Kind<>("secret", "text of " + minLength + " to 4096 characters", value -> {
            String text = scalar(value);
            require(!text.isBlank() && text.length() >= minLength && text.length() <= 4096);
            return new Secret(text);
        });
    }

    /** Several of them; in one text they are parted by commas. */
    public static <T> Kind<List<T>> listOf(Kind<T> element) {
        return new Kind<>("list", "a list, each " + element.allowed(), value -> {
            List<T> read = new ArrayList<>();
            if (value instanceof ConfigList list) {
                list.forEach(item -> read.add(element.read(item)));
            } else {
                String text = scalar(value);
                for (String part : text.isBlank() ? new String[0] : text.split(",", -1)) {
                    read.add(element.read(ConfigValueFactory.fromAnyRef(part.strip())));
                }
            }
            require(read.stream().distinct().count() == read.size());
            return List.copyOf(read);
        });
    }

    /** A span as an operator writes it, such as {@code 2m}. */
    public static String say(Duration span) {
        if (span.isZero()) {
            return "0s";
        }
        long millis = span.toMillis();
        if (millis % 86_400_000 == 0) {
            return millis / 86_400_000 + "d";
        }
        if (millis % 3_600_000 == 0) {
            return millis / 3_600_000 + "h";
        }
        if (millis % 60_000 == 0) {
            return millis / 60_000 + "m";
        }
        return millis % 1000 == 0 ? millis / 1000 + "s" : millis + "ms";
    }

    private static String scalar(ConfigValue value) {
        ConfigValueType type = value.valueType();
        require(type == ConfigValueType.STRING || type == ConfigValueType.NUMBER || type == ConfigValueType.BOOLEAN);
        return String.valueOf(value.unwrapped());
    }

    private static void require(boolean allowed) {
        if (!allowed) {
            throw new IllegalArgumentException();
        }
    }
}
