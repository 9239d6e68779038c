package io.tollgate.app.command;

import io.tollgate.app.cli.CommandFailed;
import io.tollgate.app.cli.Table;
import io.tollgate.app.container.Access;
import io.tollgate.queue.job.QueueName;
import io.tollgate.queue.job.QueueSwitch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** The lines in which jobs wait. */
@Command(
        name = "queues",
        description = "Shows, pauses, drains and resumes queues.",
        subcommands = {
            QueuesCommand.ListQueues.class,
            QueuesCommand.Pause.class,
            QueuesCommand.Resume.class,
            QueuesCommand.Drain.class
        })
public final class QueuesCommand extends CommandGroup {
    /** What they have in common. */
    abstract static class OfQueues extends SiteCommand {
        final void show(Site site) {
            Doc queues = site.queues();
            Table table = new Table("queue", "mode", "vip", "regular", "relaxed", "running");
            queues.list("queues").forEach(queue -> {
                Doc lanes = queue.at("lanes");
                table.row(
                        queue.text("name"),
                        queue.text("mode"),
                        lanes.whole("vip"),
                        lanes.whole("regular"),
                        lanes.whole("relaxed"),
                        queue.whole("running"));
            });
            output().result(queues.node(), table);
        }
    }

    /** All of them. */
    @Command(name = "list", description = "Lists the queues, with who waits in which lane.")
    static final class ListQueues extends OfQueues {
        @Override
        protected void execute() {
            try (Site site = site(Access.READ)) {
                show(site);
            }
        }
    }

    /** Puts one in another mode. */
    abstract static class Switching extends OfQueues {
        @Parameters(arity = "1", paramLabel = "QUEUE", description = "The queue.")
        private String queue = "";

        final void put(QueueSwitch.Mode mode) {
            try (Site site = site(Access.WRITE)) {
                site.queue(new QueueName(queue), mode);
                show(site);
            } catch (IllegalArgumentException e) {
                throw new CommandFailed(String.valueOf(e.getMessage()), e);
            }
        }
    }

    /** It takes jobs and starts none. */
    @Command(name = "pause", description = "Lets a queue take jobs but start none.")
    static final class Pause extends Switching {
        @Override
        protected void execute() {
            put(QueueSwitch.Mode.PAUSED);
        }
    }

    /** It does both. */
    @Command(name = "resume", description = "Opens a queue again.")
    static final class Resume extends Switching {
        @Override
        protected void execute() {
            put(QueueSwitch.Mode.OPEN);
        }
    }

    /** It takes none and starts those it has. */
    @Command(name = "drain", description = "Lets a queue start the jobs it has but take no more.")
    static final class Drain extends Switching {
        @Override
        protected void execute() {
            put(QueueSwitch.Mode.DRAINING);
        }
    }
}
