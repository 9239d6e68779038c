package io.tollgate.app.command;

import io.tollgate.app.cli.CommandFailed;
import io.tollgate.app.container.Access;
import io.tollgate.app.container.ServiceContainer;
import io.tollgate.queue.access.Doors.Submissions;
import io.tollgate.queue.job.SubmissionMode;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Whose jobs are taken. */
@Command(
        name = "submissions",
        description =
                "Shows or says whose jobs are taken: everybody's, those of users with a tier, or nobody's. Jobs that"
                        + " were taken go on.")
public final class SubmissionsCommand extends LocalCommand {
    @Parameters(
            arity = "0..1",
            paramLabel = "MODE",
            description = "enabled, members_only or disabled; without it, the one there is.")
    private @Nullable String mode;

    @Option(names = "--text", paramLabel = "TEXT", description = "Why, for those whose jobs aren't taken.")
    private @Nullable String text;

    /** @param at when it was said; empty if nobody ever did */
    private record Document(SubmissionMode mode, String text, Optional<String> by, Optional<Instant> at) {}

    @Override
    protected void execute() {
        Optional<SubmissionMode> wanted = Optional.ofNullable(mode).map(SubmissionsCommand::mode);
        if (wanted.isEmpty() && text != null) {
            throw new CommandFailed("--text goes with a mode: " + modes());
        }
        try (ServiceContainer container = open(wanted.isPresent() ? Access.WRITE : Access.READ)) {
            wanted.ifPresent(said -> container.doors().take(said, text == null ? "" : text, actor()));
            Submissions now = container.doors().submissions();
            boolean said = !now.equals(Submissions.OPEN);
            output().result(
                            new Document(
                                    now.mode(),
                                    now.text(),
                                    said ? Optional.of(now.by()) : Optional.empty(),
                                    said ? Optional.of(now.at()) : Optional.empty()),
                            List.of(now.mode().word()
                                    + (now.text().isEmpty() ? "" : ": " + now.text())
                                    + (said ? "  (" + now.by() + ", " + Words.time(now.at()) + " UTC)" : "")));
        } catch (IllegalArgumentException e) {
            throw new CommandFailed(String.valueOf(e.getMessage()), e);
        }
    }

    private static SubmissionMode mode(String word) {
        return SubmissionMode.parse(word)
                .orElseThrow(() -> new CommandFailed("'" + word + "' is no mode; there are " + modes()));
    }

    private static String modes() {
        return Stream.of(SubmissionMode.values()).map(SubmissionMode::word).collect(Collectors.joining(", "));
    }
}
