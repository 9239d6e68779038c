package io.tollgate.comfyui.sim;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;

/** Runs a simulator as a program of its own: {@code --port 8188 --home folder --version 0.27.0 --host 127.0.0.1}. */
public final class SimulatorMain {

    private SimulatorMain() {}

    /** Starts a simulator, says where it is, and waits until the program is ended. */
    public static void main(String... args) throws InterruptedException {
        ComfySimulator simulator = start(List.of(args), System.out);
        simulator.join();
    }

    /**
     * Starts a simulator as the options say.
     *
     * @param out where to say where it is
     * @throws IllegalArgumentException if an option is unknown or its value is missing or bad
     */
    public static ComfySimulator start(List<String> args, PrintStream out) {
        ComfySimulator.Builder builder = ComfySimulator.builder().port(8188);
        for (Iterator<String> rest = args.iterator(); rest.hasNext(); ) {
            String option = rest.next();
            if (!List.of("--port", "--home", "--version", "--host").contains(option)) {
                throw new IllegalArgumentException("unknown option: " + option);
            }
            if (!rest.hasNext()) {
                throw new IllegalArgumentException("no value behind " + option);
            }
            String value = rest.next();
            switch (option) {
                case "--port" -> builder.port(Integer.parseInt(value));
                case "--home" -> builder.home(Path.of(value));
                case "--version" -> builder.version(ComfyVersion.parse(value));
                default -> builder.host(value);
            }
        }
        ComfySimulator simulator = builder.start();
        out.println("simulated ComfyUI " + simulator.version() + " at " + simulator.url() + ", files in "
                + simulator.home());
        return simulator;
    }
}
