package io.tollgate.app.cli;

import io.tollgate.app.client.CallFailedException;
import io.tollgate.app.config.ConfigException;
import io.tollgate.app.config.SecretText;
import io.tollgate.credits.ledger.StoreException;
import io.tollgate.queue.RefusedException;
import io.tollgate.queue.workflow.InvalidWorkflowException;
import java.io.OutputStreamWriter;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParseResult;

/**
 * Runs a command and turns whatever becomes of it into an exit code. Errors are one line on standard error; a stack
 * trace is only ever logged, at {@code debug}.
 */
public final class TollgateCommandLine {
    /** The command did what it should. */
    public static final int OK = 0;

    /** It was refused, or failed. */
    public static final int FAILED = 1;

    /** It was called in a wrong way. */
    public static final int WRONG_USAGE = 2;

    private final Terminal terminal;
    private final CommandLine commands;

    /** @param commands the commands below {@code tollgate}, each annotated with its name */
    public TollgateCommandLine(Terminal terminal, Map<String, String> environment, List<TollgateCommand> commands) {
        this.terminal = terminal;
        this.commands = new CommandLine(new TopCommand(terminal, environment));
        commands.forEach(this.commands::addSubcommand);
        this.commands
                .setOut(writer(terminal.out()))
                .setErr(writer(terminal.err()))
                .setColorScheme(CommandLine.Help.defaultColorScheme(terminal.interactive() ? Ansi.ON : Ansi.OFF))
                .setExpandAtFiles(false) // an argument that begins with @ names a file of ours
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler(wrongUsage())
                .setExecutionExceptionHandler(failed());
    }

    /** Runs the command that {@code arguments} name. Returns the exit code: 0, 1 or 2. */
    public int run(String... arguments) {
        try {
            return commands.execute(arguments);
        } catch (OutOfMemoryError | StackOverflowError e) {
            terminal.complain("tollgate: " + e);
            return FAILED;
        }
    }

    private IParameterExceptionHandler wrongUsage() {
        return (exception, arguments) -> {
            CommandLine command = exception.getCommandLine();
            terminal.complain("tollgate: " + SecretText.hide(String.valueOf(exception.getMessage())) + " (see '"
                    + command.getCommandSpec().qualifiedName() + " --help')");
            return WRONG_USAGE;
        };
    }

    private IExecutionExceptionHandler failed() {
        return (Exception exception, CommandLine command, ParseResult parsed) -> {
            if (exception instanceof ConfigException problems) {
                problems.problems().forEach(problem -> terminal.complain("tollgate: " + problem));
            } else if (saysItAll(exception)) {
                terminal.complain("tollgate: " + SecretText.hide(String.valueOf(exception.getMessage())));
            } else {
                terminal.complain("tollgate: " + SecretText.hide(exception.toString()));
            }
            Logger log = LoggerFactory.getLogger(TollgateCommandLine.class);
            log.debug("command failed", exception);
            return FAILED;
        };
    }

    /** Whether the message was written for people. */
    private static boolean saysItAll(Exception exception) {
        return exception instanceof CommandFailed
                || exception instanceof CallFailedException
                || exception instanceof StoreException
                || exception instanceof RefusedException
                || exception instanceof InvalidWorkflowException;
    }

    private static PrintWriter writer(PrintStream stream) {
        return new PrintWriter(new OutputStreamWriter(stream, StandardCharsets.UTF_8), true);
    }
}
