package io.tollgate.comfyui.sim;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The server's folders {@code input}, {@code output} and {@code temp} under one home. They outlive a restart, as do the
 * counters in file names, which are read off the files. Names are handed out by the worker only.
 */
final class FileRoom {

    private static final List<String> IMAGE_ENDINGS =
            List.of(".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tif", ".tiff");

    private final Path home;
    private final Map<Path, Integer> counters = new ConcurrentHashMap<>();

    FileRoom(Path home) {
        this.home = home.toAbsolutePath().normalize();
        for (String type : List.of("input", "output", "temp")) {
            try {
                Files.createDirectories(this.home.resolve(type));
            } catch (IOException e) {
                throw new UncheckedIOException("folder can't be made: " + this.home.resolve(type), e);
            }
        }
    }

    /** The folder of a type, if there is such a type. */
    Optional<Path> folder(@Nullable String type) {
        return type != null && List.of("input", "output", "temp").contains(type)
                ? Optional.of(home.resolve(type))
                : Optional.empty();
    }

    Path folderOf(String type) {
        return folder(type).orElseThrow(() -> new IllegalArgumentException("no such type of folder: " + type));
    }

    /** A path below a folder, or nothing if the name leads out of it or is none at all. */
    static Optional<Path> below(Path folder, String... names) {
        try {
            Path path = folder;
            for (String name : names) {
                path = path.resolve(name);
            }
            path = path.normalize();
            return path.startsWith(folder) ? Optional.of(path) : Optional.empty();
        } catch (InvalidPathException e) {
            return Optional.empty();
        }
    }

    /** The images at the top of the input folder, sorted. */
    List<String> inputImages() {
        try (Stream<Path> files = Files.list(folderOf("input"))) {
            return files.filter(Files::isRegularFile)
                    .map(file -> file.getFileName().toString())
                    .filter(name -> IMAGE_ENDINGS.stream().anyMatch(name.toLowerCase(Locale.ROOT)::endsWith))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The file that a name such as {@code a.png}, {@code sub/a.png} or {@code a.png [output]} means. */
    Optional<Path> annotated(String name) {
        Annotated annotated = Annotated.of(name);
        String type = annotated.type() == null ? "input" : annotated.type();
        return below(folderOf(type), annotated.name()).filter(Files::isRegularFile);
    }

    /** A file name and the folder that was written behind it in brackets, if one was. */
    record Annotated(String name, @Nullable String type) {
        private static final Pattern SHAPE = Pattern.compile("(.*) \\[(output|input|temp)]", Pattern.DOTALL);

        static Annotated of(String text) {
            Matcher shape = SHAPE.matcher(text);
            return shape.matches() ? new Annotated(shape.group(1), shape.group(2)) : new Annotated(text, null);
        }
    }

    /** Where the files of one save go: {@code stem_00001_.ext} in a sub folder. */
    record SavePlace(Path folder, String stem, int counter, String subfolder, String type) {
        String name(int offset, String ending) {
            return String.format("%s_%05d_.%s", stem, counter + offset, ending);
        }
    }

    /**
     * Finds the place for a prefix such as {@code sub/dir/name}.
     *
     * @throws PythonError if the prefix leads out of the folder
     */
    SavePlace savePlace(String prefix, String type, int width, int height) {
        Path top = folderOf(type);
        String expanded = prefix.replace("%width%", String.valueOf(width)).replace("%height%", String.valueOf(height));
        Path full;
        try {
            full = top.resolve(expanded).normalize();
        } catch (InvalidPathException e) {
            throw new PythonError("ValueError", "embedded null byte", e);
        }
        Path folder = expanded.endsWith("/") ? full : full.getParent();
        if (folder == null || !folder.startsWith(top)) {
            throw new PythonError(
                    "Exception",
                    "**** ERROR: Saving image outside the output folder is not allowed.\n full_output_folder: " + folder
                            + "\n         output_dir: " + top + "\n         commonpath: " + common(top, folder));
        }
        String stem = expanded.endsWith("/") ? "" : full.getFileName().toString();
        try {
            Files.createDirectories(folder);
            return new SavePlace(
                    folder, stem, next(folder, stem), top.relativize(folder).toString(), type);
        } catch (IOException e) {
            throw new PythonError("OSError", String.valueOf(e.getMessage()), e);
        }
    }

    private static Path common(Path top, @Nullable Path other) {
        Path common = top;
        while (other != null && !other.startsWith(common)) {
            Path parent = common.getParent();
            if (parent == null) {
                return common;
            }
            common = parent;
        }
        return common;
    }

    /** Looks at the files once for each stem, and counts from then on: a folder of 10,000 files is slow to list. */
    private int next(Path folder, String stem) throws IOException {
        Path key = folder.resolve(stem + "_");
        @Nullable Integer last = counters.get(key);
        return last == null ? nextCounter(folder, stem) : last + 1;
    }

    /** Remembers that the files of a place were written. */
    void saved(SavePlace place, int files) {
        counters.put(place.folder().resolve(place.stem() + "_"), place.counter() + files - 1);
    }

    private static int nextCounter(Path folder, String stem) throws IOException {
        Pattern shape = Pattern.compile(Pattern.quote(stem) + "_(\\d{1,9})_.*", Pattern.CASE_INSENSITIVE);
        int highest = 0;
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                Matcher matcher = shape.matcher(file.getFileName().toString());
                if (matcher.matches()) {
                    highest = Math.max(highest, Integer.parseInt(matcher.group(1)));
                }
            }
        }
        return highest + 1;
    }
}
