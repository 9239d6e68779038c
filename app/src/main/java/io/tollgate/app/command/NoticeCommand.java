package io.tollgate.app.command;

import io.tollgate.app.cli.CommandFailed;
import io.tollgate.app.container.Access;
import io.tollgate.app.container.ServiceContainer;
import io.tollgate.queue.access.Doors.Notice;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** A text that is shown everywhere. */
@Command(name = "notice", description = "Shows, sets or clears the text that is shown everywhere.")
public final class NoticeCommand extends LocalCommand {
    @Parameters(arity = "0..1", paramLabel = "TEXT", description = "The text; without it, the one there is.")
    private @Nullable String text;

    @Option(names = "--clear", description = "Show nothing any more.")
    private boolean clear;

    /** All empty if nothing is shown. */
    private record Document(Optional<String> text, Optional<String> by, Optional<Instant> at) {}

    @Override
    protected void execute() {
        String wanted = text;
        if (clear && wanted != null) {
            throw new CommandFailed("either a text or --clear");
        }
        try (ServiceContainer container = open(clear || wanted != null ? Access.WRITE : Access.READ)) {
            if (clear) {
                container.doors().clearNotice();
            } else if (wanted != null) {
                container.doors().show(wanted, actor());
            }
            Optional<Notice> notice = container.doors().notice();
            output().result(
                            new Document(notice.map(Notice::text), notice.map(Notice::by), notice.map(Notice::at)),
                            List.of(notice.map(shown ->
                                            shown.text() + "  (" + shown.by() + ", " + Words.time(shown.at()) + " UTC)")
                                    .orElse("nothing is shown")));
        } catch (IllegalArgumentException e) {
            throw new CommandFailed(String.valueOf(e.getMessage()), e);
        }
    }
}
