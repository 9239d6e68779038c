package io.tollgate.app.crash;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Another Java process of this test's class path that says things, a line each. */
public final class ChildProcess implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 90;
    private static final long PATIENCE_IN_ALL_MINUTES = 10;
    private static final String END = "";

    private final Process process;
    private final Path errors;
    private final Thread reader;
    private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
    private final List<String> all = new ArrayList<>();

    private ChildProcess(Process process, Path errors) {
        this.process = process;
        this.errors = errors;
        this.reader = new Thread(this::read, "reader of process " + process.pid());
        reader.start();
    }

    public static ChildProcess start(Path errors, Class<?> main, String... args) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                main.getName()));
        command.addAll(List.of(args));
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.appendTo(errors.toFile()))
                .start();
        return new ChildProcess(process, errors);
    }

    private void read() {
        try (BufferedReader output =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                synchronized (all) {
                    all.add(line);
                }
                lines.add(line);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            lines.add(END);
        }
    }

    /** The next line it says. */
    public String nextLine() throws InterruptedException {
        return awaitLine("");
    }

    /** Waits until it says a line that starts so. */
    public String awaitLine(String start) throws InterruptedException {
        String line = lineOrEnd(start);
        if (line.equals(END)) {
            throw new AssertionError("ended without saying " + start + "; see " + errors);
        }
        return line;
    }

    /** Waits until it says a line that starts so, or ends without one: then this is false. */
    public boolean awaitLineOrEnd(String start) throws InterruptedException {
        return !lineOrEnd(start).equals(END);
    }

    private String lineOrEnd(String start) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(PATIENCE_IN_ALL_MINUTES);
        while (true) {
            String line = lines.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
            if (line == null) {
                throw new AssertionError(
                        "said nothing for " + PATIENCE_SECONDS + " s, not even " + start + "; see " + errors);
            } else if (line.startsWith(start) || line.equals(END)) {
                return line;
            } else if (System.nanoTime() > deadline) {
                throw new AssertionError(
                        "said much for " + PATIENCE_IN_ALL_MINUTES + " min, but not " + start + "; see " + errors);
            }
        }
    }

    /** Skips what it said until now. */
    void skipSaid() {
        lines.clear();
    }

    /** Sends it a signal by its name. */
    void signal(String name) throws IOException, InterruptedException {
        run("kill", "-" + name, String.valueOf(process.pid()));
    }

    /** Runs a command to its end, which must be good. */
    static void run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
            throw new IOException(String.join(" ", command) + " did not work");
        }
    }

    long pid() {
        return process.pid();
    }

    /** How it ended. Call it after {@link #kill} or {@link #awaitLineOrEnd}. */
    public int exitCode() throws InterruptedException {
        if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            throw new AssertionError("process " + process.pid() + " did not end");
        }
        return process.exitValue();
    }

    /** What followed {@code start} in all lines that began so, up to its end. Call it after {@link #kill}. */
    public List<String> seen(String start) {
        synchronized (all) {
            return all.stream()
                    .filter(line -> line.startsWith(start))
                    .map(line -> line.substring(start.length()))
                    .toList();
        }
    }

    /** Kills it with SIGKILL and waits until it is gone and everything it said is read. */
    public void kill() throws InterruptedException {
        process.toHandle().destroyForcibly(); // by its handle: the process itself would drop what it still has to say
        if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            throw new AssertionError("process " + process.pid() + " survived a kill");
        }
        reader.join(TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS));
    }

    @Override
    public void close() {
        try {
            kill();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
