package io.tollgate.app.command;

import io.tollgate.app.cli.Table;
import io.tollgate.app.config.TollgateConfig;
import io.tollgate.app.container.Access;
import io.tollgate.app.container.ServiceContainer;
import io.tollgate.credits.account.UserId;
import io.tollgate.queue.media.Asset;
import io.tollgate.queue.media.MediaStore.Held;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import picocli.CommandLine.Command;

/** What takes room. */
@Command(name = "storage", description = "Shows what is stored, by kind, age and user.")
public final class StorageCommand extends LocalCommand {
    private static final int USERS_SHOWN = 10;

    private record Kind(String kind, long files, long bytes) {}

    /** @param age how long ago they were stored */
    private record OfAge(Age age, long files, long bytes) {}

    private record OfUser(UserId user, long files, long bytes) {}

    /**
     * Everything.
     *
     * @param expired files that are deleted within the hour that a server runs
     * @param keptFor how long files are kept
     */
    private record Document(
            Path directory,
            List<Kind> kinds,
            List<OfAge> ages,
            List<OfUser> users,
            Held expired,
            long databaseBytes,
            long freeBytes,
            Optional<Instant> oldestFile,
            Duration keptFor) {}

    private enum Age {
        HOUR(Duration.ofHours(1), "stored within an hour"),
        DAY(Duration.ofDays(1), "within a day"),
        WEEK(Duration.ofDays(7), "within a week"),
        OLDER(Duration.ofDays(1_000_000), "longer ago");

        final Duration atMost;
        final String words;

        Age(Duration atMost, String words) {
            this.atMost = atMost;
            this.words = words;
        }

        static Age of(Duration since) {
            for (Age age : values()) {
                if (since.compareTo(age.atMost) <= 0) {
                    return age;
                }
            }
            return OLDER;
        }
    }

    /** Files, counted in one go through them. */
    private static final class Tally {
        final Instant now;
        final Map<String, Held> kinds = new TreeMap<>();
        final Map<Age, Held> ages = new TreeMap<>();
        final Map<UserId, Held> users = new HashMap<>();
        Held all = Held.NOTHING;
        Held expired = Held.NOTHING;
        Optional<Instant> oldest = Optional.empty();

        Tally(Instant now) {
            this.now = now;
        }

        void add(Asset asset) {
            all = all.plus(asset);
            add(kinds, asset.contentType(), asset);
            add(ages, Age.of(Duration.between(asset.createdAt(), now)), asset);
            add(users, asset.owner(), asset);
            expired = asset.isExpired(now) ? expired.plus(asset) : expired;
            oldest = oldest.filter(time -> time.isBefore(asset.createdAt())).or(() -> Optional.of(asset.createdAt()));
        }

        private static <K> void add(Map<K, Held> counts, K key, Asset asset) {
            counts.put(key, counts.getOrDefault(key, Held.NOTHING).plus(asset));
        }

        List<OfUser> users() {
            return users.entrySet().stream()
                    .map(entry -> new OfUser(
                            entry.getKey(),
                            entry.getValue().files(),
                            entry.getValue().bytes()))
                    .sorted(Comparator.comparingLong(OfUser::bytes).reversed().thenComparing(OfUser::user))
                    .toList();
        }
    }

    @Override
    protected void execute() throws IOException {
        TollgateConfig config = quietConfig().config();
        try (ServiceContainer container = open(config, Access.READ)) {
            Path data = ServiceContainer.databaseDirectory(config);
            Tally tally = new Tally(container.clock().instant());
            container.media().forEach(tally::add);
            long database = ServiceContainer.databaseBytes(config);
            long free = Files.getFileStore(data).getUsableSpace();
            List<OfUser> users = tally.users();
            Document document = new Document(
                    data,
                    tally.kinds.entrySet().stream()
                            .map(kind -> new Kind(
                                    kind.getKey(),
                                    kind.getValue().files(),
                                    kind.getValue().bytes()))
                            .toList(),
                    tally.ages.entrySet().stream()
                            .map(age -> new OfAge(
                                    age.getKey(),
                                    age.getValue().files(),
                                    age.getValue().bytes()))
                            .toList(),
                    users,
                    tally.expired,
                    database,
                    free,
                    tally.oldest,
                    config.media().retention());
            Table table = new Table("kind", "files", "size");
            tally.kinds.forEach((kind, held) -> table.row(kind, held.files(), Words.bytes(held.bytes())));
            table.row("all files", tally.all.files(), Words.bytes(tally.all.bytes()));
            tally.ages.forEach((age, held) -> table.row(age.words, held.files(), Words.bytes(held.bytes())));
            if (tally.expired.files() > 0) {
                table.row("expired", tally.expired.files(), Words.bytes(tally.expired.bytes()));
            }
            users.stream()
                    .limit(USERS_SHOWN)
                    .forEach(user -> table.row("user " + user.user(), user.files(), Words.bytes(user.bytes())));
            if (users.size() > USERS_SHOWN) {
                table.row((users.size() - USERS_SHOWN) + " more users", "", "");
            }
            table.row("database", 1, Words.bytes(database));
            table.row("free", "", Words.bytes(free));
            tally.oldest.ifPresent(time -> table.row("oldest file", "", Words.time(time) + " UTC"));
            output().result(document, table);
        }
    }
}
