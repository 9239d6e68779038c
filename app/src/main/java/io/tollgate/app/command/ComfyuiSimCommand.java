package io.tollgate.app.command;

import io.tollgate.app.cli.CommandFailed;
import io.tollgate.app.cli.TollgateCommand;
import io.tollgate.comfyui.sim.ComfySimulator;
import io.tollgate.comfyui.sim.ComfyVersion;
import io.tollgate.comfyui.sim.FaultKind;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** A ComfyUI server without a GPU, to try things out on. */
@Command(
        name = "comfyui-sim",
        description =
                "Plays a ComfyUI server without a GPU until it is stopped, with its traps and, if you like, with faults.")
public final class ComfyuiSimCommand extends TollgateCommand {
    private static final int PERCENT = 100;

    @Option(
            names = "--port",
            paramLabel = "N",
            defaultValue = "8188",
            description = "Where it listens, on 127.0.0.1; 0 takes any free one (default: ${DEFAULT-VALUE}).")
    private int port;

    @Option(
            names = "--release",
            paramLabel = "X.Y.Z",
            defaultValue = "0.27.0",
            description = "The release of ComfyUI that it plays, from 0.3.44 on (default: ${DEFAULT-VALUE}).")
    private String release = "";

    @Option(
            names = "--home",
            paramLabel = "DIR",
            description = "Where its input, output and temp folders are (default: a temporary one).")
    private @Nullable Path home;

    @Option(
            names = "--faults",
            paramLabel = "PERCENT",
            defaultValue = "0",
            description = "In how many of 100 calls something goes wrong (default: none).")
    private double faults;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description = "What the faults are drawn from (default: ${DEFAULT-VALUE}).")
    private long seed;

    private record Document(URI url, String release, double faultsPercent, List<String> configure) {}

    @Override
    protected void execute() throws InterruptedException {
        if (port < 0 || port > 65535) {
            throw new CommandFailed("--port: must be between 0 and 65535, not " + port);
        }
        if (!(faults >= 0 && faults <= PERCENT)) {
            throw new CommandFailed("--faults: must be between 0 and 100, not " + faults);
        }
        ComfySimulator.Builder builder =
                ComfySimulator.builder().version(version()).port(port);
        if (home != null) {
            builder.home(home);
        }
        try (ComfySimulator simulator = started(builder)) {
            if (faults > 0) {
                simulator.faults().random(faults / PERCENT, seed, FaultKind.values());
            }
            String config = "backends.sim { type = comfyui, url = \"" + simulator.url() + "\" }";
            output().result(
                            new Document(simulator.url(), simulator.version().toString(), faults, List.of(config)),
                            List.of(
                                    "This plays ComfyUI " + simulator.version() + " at " + simulator.url()
                                            + "; Ctrl-C stops it.",
                                    "  files      " + simulator.home(),
                                    "  faults     " + (faults > 0 ? faults + " % of calls, seed " + seed : "none"),
                                    "To use it, put this into tollgate.conf:",
                                    "  " + config));
            simulator.join();
        }
    }

    private ComfyVersion version() {
        try {
            return ComfyVersion.parse(release);
        } catch (IllegalArgumentException e) {
            throw new CommandFailed("--release: " + e.getMessage(), e);
        }
    }

    private ComfySimulator started(ComfySimulator.Builder builder) {
        try {
            return builder.start();
        } catch (IllegalStateException e) { // the port is taken, or not for us
            throw new CommandFailed("it can't listen on port " + port + ": " + String.valueOf(e.getCause()), e);
        }
    }
}
