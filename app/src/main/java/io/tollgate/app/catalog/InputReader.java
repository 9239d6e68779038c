package io.tollgate.app.catalog;

import io.tollgate.app.config.Kind;
import io.tollgate.queue.workflow.InputSpec;
import io.tollgate.queue.workflow.InputSpec.Media;
import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** Reads one input of a workflow. */
final class InputReader {
    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_]{0,39}");
    private static final Pattern CONTENT_TYPE = Pattern.compile("[a-z]+/[a-z0-9.+-]+");
    private static final String NAME_ALLOWED = "a name of a-z 0-9 _, starting with a letter, at most 40";
    private static final String DEFAULT = "default";
    private static final int LONGEST_TEXT = 10_000;
    private static final int MOST_FILES = 100;
    private static final long LARGEST_FILE = 10L << 30;
    private static final long USUAL_FILE = 50L << 20;
    private static final Set<String> IMAGES = Set.of("image/png", "image/jpeg", "image/webp", "image/gif");
    private static final Set<String> VIDEOS = Set.of("video/mp4", "video/webm");
    private static final Set<String> AUDIOS = Set.of("audio/mpeg", "audio/ogg", "audio/wav", "audio/mp4");

    /** What an input may be, as the file says it. */
    enum Type {
        TEXT,
        INTEGER,
        DECIMAL,
        BOOLEAN,
        CHOICE,
        SEED,
        IMAGE,
        IMAGES,
        VIDEO,
        AUDIO,
        GRAPH
    }

    private InputReader() {}

    /** The input, or nothing if something about it is wrong, which was told. */
    static Optional<InputSpec> read(ObjectReader section) {
        Optional<String> name = section.need("name", Kind.named("name", NAME_ALLOWED, InputReader::name));
        Optional<Type> type = section.need("type", Kind.oneOf(Type.class));
        String label = section.find("label", Kind.text(200)).orElse("");
        if (type.isEmpty()) {
            return Optional.empty();
        }
        String called = name.orElse("unnamed");
        Optional<InputSpec> input = switch (type.get()) {
            case TEXT -> Optional.of(text(section, called, label));
            case INTEGER -> whole(section, called, label);
            case DECIMAL -> decimal(section, called, label);
            case BOOLEAN -> {
                Optional<Boolean> preset = section.find(DEFAULT, Kind.flag());
                yield Optional.of(new InputSpec.Flag(called, label, required(section, preset), preset));
            }
            case CHOICE -> choice(section, called, label);
            case SEED -> Optional.of(new InputSpec.Seed(called, label));
            case IMAGE -> Optional.of(files(section, called, label, Media.IMAGE, IMAGES, false));
            case IMAGES -> Optional.of(files(section, called, label, Media.IMAGE, IMAGES, true));
            case VIDEO -> Optional.of(files(section, called, label, Media.VIDEO, VIDEOS, false));
            case AUDIO -> Optional.of(files(section, called, label, Media.AUDIO, AUDIOS, false));
            case GRAPH -> Optional.of(new InputSpec.Graph(called, label));
        };
        section.finish();
        return name.isPresent() ? input : Optional.empty();
    }

    private static InputSpec text(ObjectReader section, String name, String label) {
        int maxLength = section.find("max-length", Kind.whole(1, LONGEST_TEXT)).orElse(LONGEST_TEXT);
        Optional<String> preset = section.find(DEFAULT, Kind.text(maxLength));
        return new InputSpec.Text(name, label, required(section, preset), preset, maxLength);
    }

    private static Optional<InputSpec> whole(ObjectReader section, String name, String label) {
        Kind<Long> any = Kind.wholeLong(-InputSpec.Seed.MAX, InputSpec.Seed.MAX);
        Optional<Long> min = section.need("min", any);
        Optional<Long> max = section.need("max", any);
        if (min.isEmpty() || max.isEmpty() || !ordered(section, min.get().compareTo(max.get()) <= 0)) {
            section.find(DEFAULT, any);
            section.find("required", Kind.flag());
            return Optional.empty();
        }
        Optional<Long> preset = section.find(DEFAULT, Kind.wholeLong(min.get(), max.get()));
        return Optional.of(new InputSpec.Whole(name, label, required(section, preset), preset, min.get(), max.get()));
    }

    private static Optional<InputSpec> decimal(ObjectReader section, String name, String label) {
        Kind<BigDecimal> any = Kind.decimal("-1e12", "1e12");
        Optional<BigDecimal> min = section.need("min", any);
        Optional<BigDecimal> max = section.need("max", any);
        if (min.isEmpty() || max.isEmpty() || !ordered(section, min.get().compareTo(max.get()) <= 0)) {
            section.find(DEFAULT, any);
            section.find("required", Kind.flag());
            return Optional.empty();
        }
        Optional<BigDecimal> preset = section.find(
                DEFAULT, Kind.decimal(min.get().toPlainString(), max.get().toPlainString()));
        return Optional.of(new InputSpec.Decimal(name, label, required(section, preset), preset, min.get(), max.get()));
    }

    private static Optional<InputSpec> choice(ObjectReader section, String name, String label) {
        Optional<List<String>> options = section.need("options", Kind.listOf(Kind.text(100)))
                .filter(list -> {
                    if (list.isEmpty()) {
                        section.wrong("options", "must name at least one");
                    }
                    return !list.isEmpty();
                });
        Optional<String> preset = section.find(DEFAULT, Kind.text(100)).filter(word -> {
            boolean known = options.isEmpty() || options.get().contains(word);
            if (!known) {
                section.wrong(DEFAULT, "must be one of " + String.join(", ", options.get()));
            }
            return known;
        });
        boolean required = required(section, preset);
        return options.map(list -> new InputSpec.Choice(name, label, required, preset, list));
    }

    private static InputSpec files(
            ObjectReader section, String name, String label, Media media, Set<String> usual, boolean several) {
        Set<String> types = section.find(
                        "content-types",
                        Kind.listOf(
                                Kind.named("media type", "a media type such as image/png", InputReader::contentType)))
                .<Set<String>>map(TreeSet::new)
                .orElse(usual);
        if (types.isEmpty()) {
            section.wrong("content-types", "must name at least one");
        }
        long maxBytes = section.find("max-bytes", Kind.bytes(1, LARGEST_FILE)).orElse(USUAL_FILE);
        int min = several ? section.find("min-count", Kind.whole(1, MOST_FILES)).orElse(1) : 1;
        int max = several ? section.find("max-count", Kind.whole(1, MOST_FILES)).orElse(Math.max(min, 10)) : 1;
        if (max < min) {
            section.wrong("max-count", "must be at least min-count, " + min);
        }
        return new InputSpec.Files(
                name, label, required(section, Optional.empty()), media, types, min, Math.max(min, max), maxBytes);
    }

    /** What has no default must be brought, unless the file says it may be left out. */
    private static boolean required(ObjectReader section, Optional<?> preset) {
        return section.find("required", Kind.flag()).orElse(preset.isEmpty());
    }

    private static boolean ordered(ObjectReader section, boolean ordered) {
        if (!ordered) {
            section.wrong("max", "must be at least min");
        }
        return ordered;
    }

    private static String name(String text) {
        if (!NAME.matcher(text).matches()) {
            throw new IllegalArgumentException();
        }
        return text;
    }

    private static String contentType(String text) {
        if (!CONTENT_TYPE.matcher(text).matches()) {
            throw new IllegalArgumentException();
        }
        return text;
    }
}
