package io.tollgate.app.command;

import io.tollgate.app.cli.CommandFailed;
import io.tollgate.app.cli.Progress;
import io.tollgate.app.config.TollgateConfig;
import io.tollgate.app.container.Access;
import io.tollgate.app.container.ServiceContainer;
import io.tollgate.sql.SqliteDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** A copy of the database, while it is used. */
@Command(
        name = "backup",
        description = "Copies the database to a file, also while a server writes to it. A server copies it to where it"
                + " keeps its data.")
public final class BackupCommand extends SiteCommand {
    @Parameters(
            arity = "0..1",
            paramLabel = "FILE",
            description = "The copy; must not be there yet. A server names it itself.")
    private @Nullable Path file;

    private record Document(Path file, long bytes) {}

    @Override
    protected void execute() throws IOException {
        Path named = file;
        Optional<RemoteSite> server = remote();
        if (server.isPresent()) {
            if (named != null) {
                throw wrongUsage("a server copies its database to where it keeps its data: leave FILE out");
            }
            try (RemoteSite site = server.get()) {
                Doc copy = site.backup();
                output().result(
                                copy.node(),
                                List.of("the server copied " + Words.bytes(copy.whole("bytes")) + " to "
                                        + copy.text("file") + ", in the backups of its data directory"));
            }
            return;
        }
        if (named == null) {
            throw wrongUsage("where to? Say FILE");
        }
        copy(named);
    }

    private void copy(Path file) throws IOException {
        TollgateConfig config = quietConfig().config();
        Path target = file.toAbsolutePath().normalize();
        Path directory = target.getParent();
        if (directory == null || !Files.isDirectory(directory)) {
            throw new CommandFailed("there is no directory " + directory);
        }
        try (SqliteDatabase database = ServiceContainer.database(config, Access.READ, commandName())) {
            try (Progress progress = progress()) {
                Progress.Track track = progress.track("backup");
                database.backup(target, (copied, total) -> track.at((double) copied / total, ""));
                track.at(1, "");
                track.ended("checked");
            } catch (IllegalArgumentException e) {
                throw new CommandFailed(String.valueOf(e.getMessage()), e);
            }
        }
        long bytes = Files.size(target);
        output().result(
                        new Document(target, bytes),
                        List.of("copied " + Words.bytes(bytes) + " to " + target
                                + "; stored files are not in it, they are in "
                                + config.media().dir()));
    }
}
