package io.tollgate.app.cli;

import java.io.Console;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * Where the program talks: results go to {@code out}, everything else to {@code err}. The only place that knows the
 * process's own streams. Always UTF-8.
 *
 * @param out for results
 * @param err for logs, progress and errors
 * @param interactive whether a person looks at it, so that lines may be redrawn
 */
public record Terminal(PrintStream out, PrintStream err, boolean interactive) {
    /** The terminal of this process. */
    public static Terminal system(Map<String, String> environment) {
        return new Terminal(
                utf8(FileDescriptor.out),
                utf8(FileDescriptor.err),
                isPerson() && !"dumb".equals(environment.get("TERM")) && !environment.containsKey("CI"));
    }

    /** One line for people, on standard error. Control characters are shown, not obeyed. */
    public void complain(String line) {
        err.println(DisplayText.printable(line));
        err.flush();
    }

    private static PrintStream utf8(FileDescriptor descriptor) {
        return new PrintStream(new FileOutputStream(descriptor), true, StandardCharsets.UTF_8);
    }

    @SuppressWarnings("SystemConsoleNull") // null before Java 22, and from then on the console is asked itself
    private static boolean isPerson() {
        Console console = System.console();
        if (console == null) {
            return false;
        }
        try {
            return (Boolean) Console.class.getMethod("isTerminal").invoke(console);
        } catch (NoSuchMethodException e) {
            return true;
        } catch (ReflectiveOperationException e) {
            return false;
        }
    }
}
