package io.tollgate.java2d;

import io.tollgate.queue.job.RunId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The folder where outputs wait to be taken: one folder a run, named by its id. One process at a time. */
final class Scratch {
    private final Path root;

    /**
     * Makes it and deletes what an earlier process left in it. Only folders named by run ids are touched.
     *
     * @throws UncheckedIOException if it can't be made
     */
    Scratch(Path root) {
        this.root = root;
        try {
            Files.createDirectories(root);
            try (Stream<Path> entries = Files.list(root)) {
                for (Path entry : entries.toList()) {
                    if (isRunId(String.valueOf(entry.getFileName()))) {
                        delete(entry);
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the scratch folder can't be used: " + root, e);
        }
    }

    Path folder(RunId id) {
        return root.resolve(id.toString());
    }

    boolean isWritable() {
        return Files.isDirectory(root) && Files.isWritable(root);
    }

    /** Deletes a run's folder as far as that goes; what stays is tried again by the next process. */
    static void delete(Path folder) {
        try (Stream<Path> files = Files.isDirectory(folder) ? Files.list(folder) : Stream.empty()) {
            List<Path> all = files.toList();
            for (Path file : all) {
                Files.deleteIfExists(file);
            }
            Files.deleteIfExists(folder);
        } catch (IOException | UncheckedIOException e) {
            // an output that is being read on Windows, say; nothing is wrong with the run
            return;
        }
    }

    private static boolean isRunId(String name) {
        try {
            return RunId.parse(name).toString().equals(name);
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
