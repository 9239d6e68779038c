package io.tollgate.app.command;

import io.tollgate.app.cli.CommandFailed;
import io.tollgate.app.container.Access;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** A text that is shown everywhere. */
@Command(name = "notice", description = "Shows, sets or clears the text that is shown everywhere.")
public final class NoticeCommand extends SiteCommand {
    @Parameters(arity = "0..1", paramLabel = "TEXT", description = "The text; without it, the one there is.")
    private @Nullable String text;

    @Option(names = "--clear", description = "Show nothing any more.")
    private boolean clear;

    @Override
    protected void execute() {
        String wanted = text;
        if (clear && wanted != null) {
            throw new CommandFailed("either a text or --clear");
        }
        boolean changes = clear || wanted != null;
        try (Site site = site(changes ? Access.WRITE : Access.READ)) {
            Doc notice = changes ? site.show(Optional.ofNullable(wanted)) : site.notice();
            output().result(
                            notice.node(),
                            List.of(notice.maybe("text")
                                    .map(shown -> shown + "  (" + notice.text("by") + ", "
                                            + Words.time(notice.time("at")) + " UTC)")
                                    .orElse("nothing is shown")));
        }
    }
}
