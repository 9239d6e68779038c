package io.tollgate.app.command;

import io.tollgate.app.cli.BenchCommand;
import io.tollgate.app.cli.TollgateCommand;
import java.util.List;

/** All commands of the program. */
public final class Commands {
    private Commands() {}

    /** New ones, in the order in which they are listed. */
    public static List<TollgateCommand> all() {
        return List.of(
                new DemoCommand(),
                new ServeCommand(),
                new SubmitCommand(),
                new JobsCommand(),
                new CreditsCommand(),
                new PaymentsCommand(),
                new UsersCommand(),
                new KeysCommand(),
                new NoticeCommand(),
                new SubmissionsCommand(),
                new LimitsCommand(),
                new QueuesCommand(),
                new BackendsCommand(),
                new WorkflowsCommand(),
                new DeliveriesCommand(),
                new WebhooksCommand(),
                new StorageCommand(),
                new MigrateCommand(),
                new BackupCommand(),
                new AuditCommand(),
                new DoctorCommand(),
                new BenchCommand(),
                new ComfyuiSimCommand(),
                new CompletionCommand());
    }
}
