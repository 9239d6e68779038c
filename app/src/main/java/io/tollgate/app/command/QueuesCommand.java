package io.tollgate.app.command;

import io.tollgate.app.cli.CommandFailed;
import io.tollgate.app.cli.Table;
import io.tollgate.app.container.Access;
import io.tollgate.app.container.ServiceContainer;
import io.tollgate.queue.Operations.QueueStatus;
import io.tollgate.queue.job.Lane;
import io.tollgate.queue.job.QueueName;
import io.tollgate.queue.job.QueueSwitch;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
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
    private record QueueDocument(QueueName queue, String mode, Map<String, Integer> waiting, int running) {
        static QueueDocument of(QueueStatus status) {
            Map<String, Integer> waiting = new TreeMap<>();
            status.waiting().forEach((lane, count) -> waiting.put(lane.word(), count));
            return new QueueDocument(
                    status.queue(), status.mode().name().toLowerCase(Locale.ROOT), waiting, status.running());
        }
    }

    private record Document(List<QueueDocument> queues) {}

    /** What they have in common. */
    abstract static class OfQueues extends LocalCommand {
        final void show(ServiceContainer container) {
            List<QueueStatus> queues = container.tollgate().operations().queues();
            Table table = new Table("queue", "mode", "vip", "regular", "relaxed", "running");
            queues.forEach(queue -> table.row(
                    queue.queue(),
                    queue.mode().name().toLowerCase(Locale.ROOT),
                    queue.waiting().getOrDefault(Lane.VIP, 0),
                    queue.waiting().getOrDefault(Lane.REGULAR, 0),
                    queue.waiting().getOrDefault(Lane.RELAXED, 0),
                    queue.running()));
            output().result(new Document(queues.stream().map(QueueDocument::of).toList()), table);
        }
    }

    /** All of them. */
    @Command(name = "list", description = "Lists the queues, with who waits in which lane.")
    static final class ListQueues extends OfQueues {
        @Override
        protected void execute() {
            try (ServiceContainer container = open(Access.READ)) {
                show(container);
            }
        }
    }

    /** Puts one in another mode. */
    abstract static class Switching extends OfQueues {
        @Parameters(arity = "1", paramLabel = "QUEUE", description = "The queue.")
        private String queue = "";

        final void put(QueueSwitch.Mode mode) {
            try (ServiceContainer container = open(Access.WRITE)) {
                await(container.tollgate().operations().switchQueue(new QueueName(queue), mode, actor()));
                show(container);
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
