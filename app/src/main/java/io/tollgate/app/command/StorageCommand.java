package io.tollgate.app.command;

import io.tollgate.app.cli.Table;
import io.tollgate.app.container.Access;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;

/** What takes room. */
@Command(name = "storage", description = "Shows what is stored, by kind, on a data directory by age and user, too.")
public final class StorageCommand extends SiteCommand {
    private static final int USERS_SHOWN = 10;
    private static final Map<String, String> AGES = Map.of(
            "hour", "stored within an hour", "day", "within a day", "week", "within a week", "older", "longer ago");

    @Override
    protected void execute() throws IOException {
        try (Site site = site(Access.READ)) {
            Doc storage = site.storage();
            output().result(storage.node(), table(storage));
        }
    }

    private static Table table(Doc storage) {
        Table table = new Table("kind", "files", "size");
        List<Doc> kinds = storage.list("kinds");
        kinds.forEach(kind -> row(table, kind.text("kind"), kind));
        table.row(
                "all files",
                kinds.stream().mapToLong(kind -> kind.whole("files")).sum(),
                Words.bytes(
                        kinds.stream().mapToLong(kind -> kind.whole("bytes")).sum()));
        storage.list("ages").forEach(age -> row(table, AGES.getOrDefault(age.text("age"), age.text("age")), age));
        if (storage.at("expired").whole("files") > 0) {
            row(table, "expired", storage.at("expired"));
        }
        List<Doc> users = storage.list("users");
        users.stream().limit(USERS_SHOWN).forEach(user -> row(table, "user " + user.text("user"), user));
        if (users.size() > USERS_SHOWN) {
            table.row((users.size() - USERS_SHOWN) + " more users", "", "");
        }
        table.row("database", 1, Words.bytes(storage.whole("database_bytes")));
        table.row("free", "", Words.bytes(storage.whole("free_bytes")));
        storage.time("oldest_file").ifPresent(time -> table.row("oldest file", "", Words.time(time) + " UTC"));
        return table;
    }

    private static void row(Table table, String name, Doc held) {
        table.row(name, held.whole("files"), Words.bytes(held.whole("bytes")));
    }
}
