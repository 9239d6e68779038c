package io.tollgate.java2d;

import io.tollgate.queue.backend.RunRequest;
import io.tollgate.queue.event.Progress;
import io.tollgate.queue.job.AssetId;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** What one render works with: its input files, its folder, its stop sign and its progress. Confined to one thread. */
final class Workbench {
    private static final int BUFFER = 1 << 16;

    private final RunRequest.Files files;
    private final Path folder;
    private final Java2dLimits limits;
    private final StopSign stop;
    private final Consumer<Progress> progress;
    private final List<Made> made = new ArrayList<>();
    private int step;
    private int steps = 1;

    Workbench(RunRequest.Files files, Path folder, Java2dLimits limits, StopSign stop, Consumer<Progress> progress) {
        this.files = files;
        this.folder = folder;
        this.limits = limits;
        this.stop = stop;
        this.progress = progress;
    }

    /** A file that was made. */
    record Made(Path path, String name, String contentType) {}

    Java2dLimits limits() {
        return limits;
    }

    StopSign stop() {
        return stop;
    }

    /** Opens an input and checks what it says of itself. */
    Input input(AssetId id) throws IOException {
        byte[] bytes;
        try (InputStream in = Files.newInputStream(files.open(id))) {
            bytes = PictureReader.bytes(in, limits, stop);
        }
        PictureHeader header = PictureHeader.parse(bytes);
        PictureReader.checkSize(header, limits);
        return new Input(header, () -> PictureReader.read(bytes, limits, stop));
    }

    /** Decodes an input, upright and in sRGB. */
    Picture read(AssetId id) throws IOException {
        return input(id).decode();
    }

    /** An input that was looked at but not decoded. */
    record Input(PictureHeader header, Decoder decoder) {
        Picture decode() throws IOException {
            return decoder.decode();
        }
    }

    /** Decodes one picture. */
    @FunctionalInterface
    interface Decoder {
        Picture decode() throws IOException;
    }

    /** Says how many {@linkplain #step steps} there will be. Called once, before the first. */
    void expect(int count) {
        steps = count;
    }

    /** One more step is done. */
    void step(String message) throws IOException {
        stop.check();
        step = Math.min(steps, step + 1);
        progress.accept(Progress.of(step, steps, message));
    }

    /** A new output file. It counts when the render ends well; the caller closes the stream. */
    OutputStream create(String name, String contentType) throws IOException {
        return new BufferedOutputStream(Files.newOutputStream(createFile(name, contentType)), BUFFER);
    }

    /** The path of a new output file. */
    Path createFile(String name, String contentType) {
        Path path = folder.resolve(name);
        made.add(new Made(path, name, contentType));
        return path;
    }

    List<Made> made() {
        return List.copyOf(made);
    }
}
