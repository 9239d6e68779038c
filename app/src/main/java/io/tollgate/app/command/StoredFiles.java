package io.tollgate.app.command;

import io.tollgate.app.config.TollgateConfig;
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

/** What takes room in a data directory: more than a server tells, since it is asked less often. */
final class StoredFiles {
    private StoredFiles() {}

    record Kind(String kind, long files, long bytes) {}

    /** @param age how long ago they were stored */
    record OfAge(Age age, long files, long bytes) {}

    record OfUser(UserId user, long files, long bytes) {}

    /**
     * Everything.
     *
     * @param expired files that are deleted within the hour that a server runs
     * @param keptFor how long files are kept
     */
    record Document(
            Path directory,
            List<Kind> kinds,
            List<OfAge> ages,
            List<OfUser> users,
            Held expired,
            long databaseBytes,
            long freeBytes,
            Optional<Instant> oldestFile,
            Duration keptFor) {}

    enum Age {
        HOUR(Duration.ofHours(1)),
        DAY(Duration.ofDays(1)),
        WEEK(Duration.ofDays(7)),
        OLDER(Duration.ofDays(1_000_000));

        final Duration atMost;

        Age(Duration atMost) {
            this.atMost = atMost;
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
        Held expired = Held.NOTHING;
        Optional<Instant> oldest = Optional.empty();

        Tally(Instant now) {
            this.now = now;
        }

        void add(Asset asset) {
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

    /** Counts everything. */
    static Document count(ServiceContainer container, TollgateConfig config) throws IOException {
        Path data = ServiceContainer.databaseDirectory(config);
        Tally tally = new Tally(container.clock().instant());
        container.media().forEach(tally::add);
        return new Document(
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
                tally.users(),
                tally.expired,
                ServiceContainer.databaseBytes(config),
                Files.getFileStore(data).getUsableSpace(),
                tally.oldest,
                config.media().retention());
    }
}
