package io.tollgate.app.command;

import io.tollgate.app.cli.Table;
import io.tollgate.app.config.TollgateConfig;
import io.tollgate.app.container.Access;
import io.tollgate.app.container.ServiceContainer;
import io.tollgate.queue.media.MediaStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine.Command;

/** What takes room. */
@Command(name = "storage", description = "Shows what is stored, by kind.")
public final class StorageCommand extends LocalCommand {
    private record Kind(String kind, long files, long bytes) {}

    /** @param keptFor how long files are kept */
    private record Document(
            Path directory,
            List<Kind> kinds,
            long databaseBytes,
            long freeBytes,
            Optional<Instant> oldestFile,
            Duration keptFor) {}

    @Override
    protected void execute() throws IOException {
        TollgateConfig config = quietConfig().config();
        try (ServiceContainer container = open(config, Access.READ)) {
            Path data = ServiceContainer.databaseDirectory(config);
            List<Kind> kinds = container.media().usage().stream()
                    .map(usage -> new Kind(usage.contentType(), usage.files(), usage.bytes()))
                    .toList();
            long database = 0;
            for (String name : List.of("tollgate.db", "tollgate.db-wal", "tollgate.db-shm")) {
                Path file = data.resolve(name);
                database += Files.exists(file) ? Files.size(file) : 0;
            }
            long free = Files.getFileStore(data).getUsableSpace();
            Optional<Instant> oldest = oldest(config.media().dir());
            MediaStore.Usage all = new MediaStore.Usage(
                    "all files",
                    kinds.stream().mapToLong(Kind::files).sum(),
                    kinds.stream().mapToLong(Kind::bytes).sum());
            Table table = new Table("kind", "files", "size");
            kinds.forEach(kind -> table.row(kind.kind(), kind.files(), Words.bytes(kind.bytes())));
            table.row(all.contentType(), all.files(), Words.bytes(all.bytes()));
            table.row("database", 1, Words.bytes(database));
            table.row("free", "", Words.bytes(free));
            oldest.ifPresent(time -> table.row("oldest file", "", Words.time(time) + " UTC"));
            output().result(
                            new Document(
                                    data,
                                    kinds,
                                    database,
                                    free,
                                    oldest,
                                    config.media().retention()),
                            table);
        }
    }

    private static Optional<Instant> oldest(Path media) throws IOException {
        if (!Files.exists(media)) {
            return Optional.empty();
        }
        try (Stream<Path> files = Files.walk(media.resolve("content"))) {
            Optional<Instant> oldest = Optional.empty();
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Instant time = Files.getLastModifiedTime(file).toInstant();
                oldest = oldest.filter(other -> other.isBefore(time)).or(() -> Optional.of(time));
            }
            return oldest;
        }
    }
}
