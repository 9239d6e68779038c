package io.tollgate.bench.comfyui;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.tollgate.comfyui.sim.Arrival;
import io.tollgate.comfyui.sim.ComfySimulator;
import io.tollgate.comfyui.sim.ComfyVersion;
import io.tollgate.comfyui.sim.Execution;
import io.tollgate.comfyui.sim.Route;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Simulated servers in a process of their own, so that what they cost is not taken for Tollgate's. For one thread. */
final class Servers implements AutoCloseable {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final String ASK = "report";
    private static final long END_WITHIN_SECONDS = 10;

    private final Process process;
    private final BufferedReader answers;
    private final List<URI> urls;

    private Servers(Process process, BufferedReader answers, List<URI> urls) {
        this.process = process;
        this.answers = answers;
        this.urls = urls;
    }

    /**
     * What the servers saw. Times are of {@link System#nanoTime}, which on one machine is one clock for all processes.
     *
     * @param cpuNanos what the process has used
     * @param dropped frames that were thrown away because too many waited
     * @param posts when prompts came in, by id
     * @param starts when they were begun, by id
     * @param ends when they were over, by id
     */
    record Report(
            long cpuNanos, long dropped, Map<String, Long> posts, Map<String, Long> starts, Map<String, Long> ends) {}

    /** Starts one of each of these releases; the files go into {@code home}. */
    static Servers start(Path home, List<ComfyVersion> releases) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Servers.class.getName(),
                home.toString()));
        releases.forEach(release -> command.add(release.toString()));
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        BufferedReader answers = process.inputReader(StandardCharsets.UTF_8);
        List<URI> urls = new ArrayList<>();
        for (int i = 0; i < releases.size(); i++) {
            urls.add(URI.create(line(answers)));
        }
        return new Servers(process, answers, urls);
    }

    private static String line(BufferedReader answers) throws IOException {
        String line = answers.readLine();
        if (line == null) {
            throw new IOException("the servers' process has ended");
        }
        return line;
    }

    /** Where they are, in the order of their releases. */
    List<URI> urls() {
        return urls;
    }

    Report report() throws IOException {
        process.getOutputStream().write((ASK + "\n").getBytes(StandardCharsets.UTF_8));
        process.getOutputStream().flush();
        return MAPPER.readValue(line(answers), Report.class);
    }

    /** Ends the process. */
    @Override
    public void close() throws IOException {
        process.getOutputStream().close(); // which it waits for
        try {
            if (!process.waitFor(END_WITHIN_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    /** The other process: takes a folder and releases, says where the servers are, and reports when it is asked to. */
    public static void main(String... args) throws IOException {
        List<ComfySimulator> simulators = new ArrayList<>();
        for (int i = 1; i < args.length; i++) {
            ComfySimulator simulator = ComfySimulator.builder()
                    .home(Path.of(args[0]).resolve("server-" + i))
                    .version(ComfyVersion.parse(args[i]))
                    .start();
            simulators.add(simulator);
            System.out.println(simulator.url());
        }
        BufferedReader questions = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = questions.readLine(); line != null; line = questions.readLine()) {
            System.out.println(MAPPER.writeValueAsString(seen(simulators)));
        }
        simulators.forEach(ComfySimulator::close);
    }

    private static Report seen(List<ComfySimulator> simulators) {
        Report report = new Report(cpuNanos(), 0, new HashMap<>(), new HashMap<>(), new HashMap<>());
        long dropped = 0;
        for (ComfySimulator simulator : simulators) {
            dropped += simulator.droppedFrames();
            for (Arrival arrival : simulator.arrivals()) {
                if (arrival.route() == Route.SUBMIT) {
                    arrival.subject().ifPresent(id -> report.posts().put(id, arrival.atNanos()));
                }
            }
            for (Execution run : simulator.executions()) {
                report.starts().put(run.promptId(), run.startedNanos());
                report.ends().put(run.promptId(), run.endedNanos());
            }
        }
        return new Report(report.cpuNanos(), dropped, report.posts(), report.starts(), report.ends());
    }

    /** What this process has used. */
    static long cpuNanos() {
        return ManagementFactory.getPlatformMXBean(com.sun.management.OperatingSystemMXBean.class)
                .getProcessCpuTime();
    }
}
