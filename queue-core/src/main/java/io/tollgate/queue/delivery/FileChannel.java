package io.tollgate.queue.delivery;

import io.tollgate.queue.job.Delivery;
import io.tollgate.queue.job.JobRecord;
import io.tollgate.queue.job.JobState;
import io.tollgate.queue.job.Output;
import io.tollgate.queue.media.FileNames;
import io.tollgate.queue.media.MediaStore;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/**
 * Delivers to a directory: {@code root/ADDRESS/JOB/} gets the job's outputs and, last, {@code status.txt} with the
 * delivery's id and the job's state. Whoever waits for the outputs waits for that file. Delivering again writes the
 * same files.
 */
public final class FileChannel implements DeliveryChannel {
    private final Path root;
    private final MediaStore media;
    private final Executor io;

    /**
     * @param root addresses are directories below this one
     * @param io runs the reading and writing
     */
    public FileChannel(Path root, MediaStore media, Executor io) {
        this.root = root.toAbsolutePath().normalize();
        this.media = media;
        this.io = io;
    }

    @Override
    public String name() {
        return "file";
    }

    @Override
    public void check(String address) {
        resolve(address);
    }

    private Path resolve(String address) {
        Path relative;
        try {
            relative = Path.of(address);
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException("not a directory name: '" + address + "'", e);
        }
        Path directory = root.resolve(relative).normalize();
        if (relative.isAbsolute() || !directory.startsWith(root)) {
            throw new IllegalArgumentException(
                    "a file delivery goes to a directory below the configured one, not to '" + address + "'");
        }
        return directory;
    }

    @Override
    public CompletionStage<Outcome> deliver(Delivery delivery, JobRecord record) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        for (Output output : record.outputs()) {
                            if (media.find(output.id()).isEmpty()) { // deleted by its owner, or expired
                                return new Outcome.Failed("output " + output.id() + " is no longer stored", true);
                            }
                        }
                        write(delivery, record);
                        return new Outcome.Delivered();
                    } catch (IOException e) {
                        return new Outcome.Failed(
                                e.getClass().getSimpleName() + ": " + String.valueOf(e.getMessage()), false);
                    }
                },
                io);
    }

    private void write(Delivery delivery, JobRecord record) throws IOException {
        Path directory =
                resolve(delivery.target().address()).resolve(record.job().id().toString());
        Files.createDirectories(directory);
        List<String> lines = new ArrayList<>();
        lines.add("delivery: " + delivery.id());
        lines.add("job: " + record.job().id());
        lines.add("status: " + record.job().kind().word()); // what is true now, should an older message come last
        if (record.job().state() instanceof JobState.Failed failed) {
            lines.add("error: " + failed.failure());
        }
        for (Output output : record.outputs()) {
            String name = FileNames.safe(output.index() + "-" + output.name());
            Path bytes = media.open(output.id());
            replace(delivery, directory.resolve(name), out -> Files.copy(bytes, out));
            lines.add("output: " + name);
        }
        replace(delivery, directory.resolve("status.txt"), out -> {
            for (String line : lines) {
                out.write((line + "\n").getBytes(StandardCharsets.UTF_8));
            }
        });
    }

    @FunctionalInterface
    private interface Writer {
        void write(OutputStream out) throws IOException;
    }

    private static void replace(Delivery delivery, Path file, Writer bytes) throws IOException {
        // named for the delivery: a try that was cut short leaves a file that the next one writes over
        Path temporary = file.resolveSibling("." + delivery.id() + ".tmp");
        try {
            try (OutputStream out = Files.newOutputStream(temporary)) {
                bytes.write(out);
            }
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(temporary);
        }
    }
}
