package io.tollgate.app.container;

import io.tollgate.app.config.TollgateConfig;
import io.tollgate.http.Housekeeping;
import io.tollgate.queue.media.MediaStore;
import io.tollgate.sql.SqliteDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/** What operators ask of the data directory. Backups are kept in {@code backups} within it. */
final class DiskHousekeeping implements Housekeeping {
    private static final DateTimeFormatter STAMP =
            DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss-SSS").withZone(ZoneOffset.UTC);

    private final TollgateConfig config;
    private final MediaStore media;
    private final SqliteDatabase database;
    private final InstantSource clock;

    DiskHousekeeping(TollgateConfig config, MediaStore media, SqliteDatabase database, InstantSource clock) {
        this.config = config;
        this.media = media;
        this.database = database;
        this.clock = clock;
    }

    @Override
    public Storage storage() throws IOException {
        return new Storage(
                media.usage().stream()
                        .map(usage -> new Storage.Kind(usage.contentType(), usage.files(), usage.bytes()))
                        .toList(),
                StoreModule.databaseBytes(config),
                Files.getFileStore(StoreModule.directory(config)).getUsableSpace(),
                config.media().retention());
    }

    @Override
    public Backup backup() throws IOException {
        Path directory = StoreModule.directory(config).resolve("backups");
        Files.createDirectories(directory);
        Path file = directory.resolve("tollgate-" + STAMP.format(clock.instant()) + ".db");
        database.backup(file, (copied, total) -> {});
        return new Backup(file.getFileName(), Files.size(file));
    }
}
