package io.tollgate.app.command;

import io.tollgate.app.cli.CommandFailed;
import io.tollgate.app.cli.Table;
import io.tollgate.app.config.TollgateConfig;
import io.tollgate.app.container.Access;
import io.tollgate.app.container.ServiceContainer;
import io.tollgate.sql.MigrationStatus;
import io.tollgate.sql.SqliteDatabase;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The schema's versions. */
@Command(name = "migrate", description = "Shows the steps of the database's schema, or takes them.")
public final class MigrateCommand extends LocalCommand {
    /** What to do. */
    enum Deed {
        STATUS,
        UP,
        DOWN
    }

    @Parameters(
            arity = "0..1",
            defaultValue = "status",
            paramLabel = "status|up|down",
            description = "Show the steps (default), take those that are missing, or undo the last.")
    private Deed deed = Deed.STATUS;

    @Option(
            names = "--steps",
            paramLabel = "N",
            defaultValue = "1",
            description = "How many steps 'down' undoes (default: 1). What they made is lost.")
    private int steps = 1;

    private record Document(List<MigrationStatus> migrations) {}

    @Override
    protected void execute() {
        requireDirectory();
        TollgateConfig config = quietConfig().config();
        if (steps < 1) {
            throw new CommandFailed("--steps must be at least 1, not " + steps);
        }
        boolean looks = deed == Deed.STATUS && ServiceContainer.hasDatabase(config);
        try (SqliteDatabase database =
                ServiceContainer.database(config, looks ? Access.READ : Access.WRITE, commandName())) {
            switch (deed) {
                case STATUS -> {}
                case UP -> {
                    int taken =
                            database.migrator(InstantSource.system(), actor()).up();
                    output().say(taken == 0 ? "nothing to do" : "took " + taken + " step" + (taken == 1 ? "" : "s"));
                }
                case DOWN -> {
                    int undone =
                            database.migrator(InstantSource.system(), actor()).down(steps);
                    output().say(
                                    undone == 0
                                            ? "nothing to undo"
                                            : "undid " + undone + " step" + (undone == 1 ? "" : "s"));
                }
            }
            List<MigrationStatus> all = database.migrationStatus();
            Table table = new Table("version", "step", "state", "applied");
            all.forEach(status -> table.row(
                    status.version(),
                    status.script(),
                    status.state().name().toLowerCase(Locale.ROOT),
                    Words.time(status.appliedAt())));
            output().result(new Document(all), table);
        }
    }
}
