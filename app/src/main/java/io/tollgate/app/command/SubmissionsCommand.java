package io.tollgate.app.command;

import io.tollgate.app.cli.CommandFailed;
import io.tollgate.app.container.Access;
import io.tollgate.queue.job.SubmissionMode;
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
public final class SubmissionsCommand extends SiteCommand {
    @Parameters(
            arity = "0..1",
            paramLabel = "MODE",
            description = "enabled, members_only or disabled; without it, the one there is.")
    private @Nullable String mode;

    @Option(names = "--text", paramLabel = "TEXT", description = "Why, for those whose jobs aren't taken.")
    private @Nullable String text;

    @Override
    protected void execute() {
        Optional<SubmissionMode> wanted = Optional.ofNullable(mode).map(SubmissionsCommand::mode);
        if (wanted.isEmpty() && text != null) {
            throw new CommandFailed("--text goes with a mode: " + modes());
        }
        try (Site site = site(wanted.isPresent() ? Access.WRITE : Access.READ)) {
            Doc now = wanted.isPresent() ? site.take(wanted.get(), text == null ? "" : text) : site.submissions();
            output().result(
                            now.node(),
                            List.of(now.text("mode")
                                    + now.maybe("text").map(why -> ": " + why).orElse("")
                                    + now.maybe("by")
                                            .map(by -> "  (" + by + ", " + Words.time(now.time("at")) + " UTC)")
                                            .orElse("")));
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
