package io.tollgate.app;

import io.tollgate.app.cli.BenchCommand;
import io.tollgate.app.cli.Terminal;
import io.tollgate.app.cli.TollgateCommandLine;
import java.util.List;
import java.util.Map;

/** Where the program starts. */
public final class Main {
    private Main() {}

    /** Runs the command that {@code arguments} name and ends the process with its exit code. */
    public static void main(String[] arguments) {
        Map<String, String> environment = System.getenv();
        Terminal terminal = Terminal.system(environment);
        System.exit(new TollgateCommandLine(terminal, environment, List.of(new BenchCommand())).run(arguments));
    }
}
