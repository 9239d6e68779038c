package io.tollgate.app.command;

import io.tollgate.app.cli.CommandFailed;
import io.tollgate.app.cli.Progress;
import io.tollgate.app.container.Access;
import io.tollgate.app.container.ServiceContainer;
import io.tollgate.credits.ledger.Amount;
import io.tollgate.credits.ledger.GrantId;
import io.tollgate.credits.ledger.Hold;
import io.tollgate.http.JobDocument;
import io.tollgate.queue.dispatch.JobView;
import io.tollgate.queue.job.JobCommand.CancelResult;
import io.tollgate.queue.job.JobCommand.ResolveResult;
import io.tollgate.queue.job.JobCommand.SubmitResult;
import io.tollgate.queue.job.JobFilter;
import io.tollgate.queue.job.JobId;
import io.tollgate.queue.job.JobRecord;
import io.tollgate.queue.job.JobState;
import io.tollgate.queue.job.Receipt;
import io.tollgate.queue.job.Transition;
import io.tollgate.queue.job.WorkflowName;
import io.tollgate.sql.DataDirectoryBusyException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What people do with jobs that are there. */
@Command(
        name = "jobs",
        description = "Lists, shows, cancels, repeats and follows jobs.",
        subcommands = {
            JobsCommand.ListJobs.class,
            JobsCommand.Show.class,
            JobsCommand.Cancel.class,
            JobsCommand.Retry.class,
            JobsCommand.Rerun.class,
            JobsCommand.Watch.class,
            JobsCommand.Why.class,
            JobsCommand.Resolve.class
        })
public final class JobsCommand extends CommandGroup {
    private static CommandFailed unknown(JobId id) {
        return new CommandFailed("there is no job " + id + "; 'tollgate jobs list' shows them");
    }

    /** What all but the list have in common. */
    abstract static class OfOne extends LocalCommand {
        @Parameters(arity = "1", index = "0", paramLabel = "ID", description = "The job's id.")
        private String id = "";

        final JobId id() {
            return jobId(id);
        }

        final void show(ServiceContainer container, JobId job) {
            Shown.job(output(), container, job);
        }

        /** The user's own job. */
        final JobView own(ServiceContainer container) {
            return container.tollgate().job(user(), id()).orElseThrow(() -> unknown(id()));
        }
    }

    /** Newest first. */
    @Command(name = "list", description = "Lists jobs, newest first.")
    static final class ListJobs extends LocalCommand {
        @Option(
                names = "--status",
                paramLabel = "STATUS",
                split = ",",
                description = "In these states: queued, running, canceling, succeeded, failed, canceled, expired.")
        private List<JobState.Kind> states = new ArrayList<>();

        @Option(names = "--workflow", paramLabel = "NAME", description = "Of this workflow.")
        private @Nullable String workflow;

        @Option(names = "--tag", paramLabel = "TAG", description = "With this tag.")
        private @Nullable String tag;

        @Option(names = "--all", description = "Of all users, not only yours.")
        private boolean all;

        @Option(
                names = "--limit",
                paramLabel = "N",
                defaultValue = "20",
                description = "The most that are listed (default: 20).")
        private int limit = 20;

        private record JobsDocument(List<JobDocument> jobs) {}

        @Override
        protected void execute() {
            if (limit < 1 || limit > 1000) {
                throw new CommandFailed("--limit must be between 1 and 1000, not " + limit);
            }
            JobFilter filter = all ? JobFilter.ALL : JobFilter.of(user());
            Set<JobState.Kind> in = new HashSet<>(states);
            filter = new JobFilter(
                    filter.user(),
                    in,
                    Optional.ofNullable(workflow).map(ListJobs::workflow),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.ofNullable(tag),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty());
            try (ServiceContainer container = open(Access.READ)) {
                List<JobView> views = container.tollgate().jobs(filter, Optional.empty(), limit);
                Instant now = container.clock().instant();
                JobsDocument document = new JobsDocument(views.stream()
                        .map(view -> JobDocument.of(
                                view, now, Map.of(), OutputFiles.stored(container.media(), view.record(), now)))
                        .toList());
                if (views.isEmpty()) {
                    output().result(document, List.of("no jobs"));
                } else {
                    output().result(document, Shown.table(views));
                }
            }
        }

        private static WorkflowName workflow(String name) {
            try {
                return new WorkflowName(name);
            } catch (IllegalArgumentException e) {
                throw new CommandFailed("--workflow: " + e.getMessage(), e);
            }
        }
    }

    /** Everything about one. */
    @Command(name = "show", description = "Shows everything about a job.")
    static final class Show extends OfOne {
        @Override
        protected void execute() {
            try (ServiceContainer container = open(Access.READ)) {
                Shown.job(output(), container, own(container).record().job().id());
            }
        }
    }

    /** Stops one. */
    @Command(name = "cancel", description = "Asks for a job to be stopped; its credits come back.")
    static final class Cancel extends OfOne {
        @Override
        protected void execute() {
            JobId job = id();
            try (ServiceContainer container = open(Access.WRITE)) {
                CancelResult result = await(container.tollgate().cancel(user(), job));
                if (result instanceof CancelResult.NotFound) {
                    throw unknown(job);
                } else if (result instanceof CancelResult.AlreadyEnded ended
                        && ended.job().kind() != JobState.Kind.CANCELED) {
                    throw new CommandFailed(
                            "job " + job + " is " + ended.job().kind().word() + " already; nothing was changed");
                }
                Shown.job(output(), container, job);
            }
        }
    }

    /** A new job like one that didn't succeed. */
    @Command(name = "retry", description = "Tries a failed, canceled or expired job again, as a new job.")
    static final class Retry extends OfOne {
        @Override
        protected void execute() {
            JobId job = id();
            try (ServiceContainer container = open(Access.WRITE)) {
                accepted(await(container.tollgate().retry(user(), job)), container, this);
            }
        }
    }

    /** A new job like one that succeeded. */
    @Command(name = "rerun", description = "Runs a succeeded job once more, as a new job.")
    static final class Rerun extends OfOne {
        @Option(names = "--keep-seed", description = "Make the same picture again.")
        private boolean keepSeed;

        @Override
        protected void execute() {
            JobId job = id();
            try (ServiceContainer container = open(Access.WRITE)) {
                accepted(await(container.tollgate().rerun(user(), job, keepSeed)), container, this);
            }
        }
    }

    private static void accepted(SubmitResult result, ServiceContainer container, OfOne command) {
        if (result instanceof SubmitResult.Refused refused) {
            throw command.refused(refused.refusal());
        }
        command.show(container, ((SubmitResult.Accepted) result).jobs().get(0).id());
    }

    /** Waits for the end of one. */
    @Command(name = "watch", description = "Follows a job to its end; runs the workers here if no other process does.")
    static final class Watch extends OfOne {
        private static final Duration LOOK_EVERY = Duration.ofMillis(500);

        @Override
        protected void execute() throws InterruptedException {
            JobId job = id();
            ServiceContainer working = null;
            try {
                working = open(Access.WRITE);
            } catch (DataDirectoryBusyException e) {
                // the process that has the directory runs the job; this one looks on
            }
            try (ServiceContainer container = working == null ? open(Access.READ) : working) {
                own(container);
                container.closeOnSignal(() -> {});
                if (working != null) {
                    container.work();
                }
                JobRecord record = follow(container, job, working != null);
                Shown.job(output(), container, job);
                Shown.requireSuccess(record);
            }
        }

        private JobRecord follow(ServiceContainer container, JobId job, boolean working) throws InterruptedException {
            String label = own(container).record().job().spec().workflow().value();
            try (Progress progress = progress()) {
                Progress.Track track = progress.track(label);
                return working
                        ? await(Following.follow(
                                container.tollgate().handle(user(), job).orElseThrow(() -> unknown(job)), track))
                        : look(container, track);
            }
        }

        /** What another process runs is looked at from time to time. */
        private JobRecord look(ServiceContainer container, Progress.Track track) throws InterruptedException {
            while (true) {
                JobRecord record = own(container).record();
                if (record.job().kind().isTerminal()) {
                    track.ended(Following.end(record));
                    return record;
                }
                track.at(0, record.job().kind().word());
                Thread.sleep(LOOK_EVERY.toMillis());
            }
        }
    }

    /** The story of one. */
    @Command(name = "why", description = "Tells why a job is where it is, what it costs and who paid.")
    static final class Why extends OfOne {
        private record Step(String rule, Amount before, Amount after) {}

        private record Paid(long grant, String source, Amount amount) {}

        private record StoryDocument(
                JobId id,
                JobState.Kind status,
                String summary,
                String receipt,
                Amount listPrice,
                List<Step> price,
                List<Paid> paidFrom,
                List<JobDocument.Happened> history) {}

        @Override
        protected void execute() {
            try (ServiceContainer container = open(Access.READ)) {
                JobView view = own(container);
                Instant now = container.clock().instant();
                JobDocument document = JobDocument.of(view, now, Map.of(), Map.of());
                String summary = summary(view, now);
                List<String> lines = new ArrayList<>();
                lines.add(summary);
                Receipt receipt = Receipt.of(view.record());
                lines.add(receipt.line());
                if (!receipt.story().isEmpty() && !receipt.price().net().isZero()) {
                    lines.add("  of a list price of " + receipt.price().list() + ": " + receipt.story());
                }
                List<Paid> paid = paid(container, view.record().hold());
                for (Paid part : paid) {
                    lines.add("  " + part.amount() + " from grant " + part.grant() + ", " + part.source());
                }
                for (Transition line : view.record().history()) {
                    lines.add("  " + Words.time(line.at()) + "  " + line.to().word() + ": " + line.cause());
                }
                output().result(
                                new StoryDocument(
                                        document.id(),
                                        document.status(),
                                        summary,
                                        receipt.line(),
                                        receipt.price().list(),
                                        receipt.price().steps().stream()
                                                .map(step -> new Step(step.rule(), step.before(), step.after()))
                                                .toList(),
                                        paid,
                                        document.history()),
                                lines);
            }
        }

        /** The grants that the credits were set aside from. */
        private static List<Paid> paid(ServiceContainer container, Hold hold) {
            Map<GrantId, String> sources = new HashMap<>();
            container
                    .tollgate()
                    .credits()
                    .grants(hold.user())
                    .forEach(grant -> sources.put(
                            grant.id(),
                            grant.source().name().toLowerCase(Locale.ROOT).replace('_', ' ')));
            return hold.slices().stream()
                    .map(slice -> new Paid(
                            slice.grant().value(), sources.getOrDefault(slice.grant(), "unknown"), slice.amount()))
                    .toList();
        }

        private static String summary(JobView view, Instant now) {
            JobRecord record = view.record();
            if (record.job().kind() == JobState.Kind.QUEUED) {
                return "it waits"
                        + view.position().map(place -> ", number " + place).orElse("") + Shown.why(view, now);
            }
            return "it is " + Following.end(record).toLowerCase(Locale.ROOT);
        }
    }

    /** The way out of an unknown outcome. */
    @Command(name = "resolve", description = "Ends, by hand, a job whose run nobody can say anything about.")
    static final class Resolve extends OfOne {
        /** What an operator may say. */
        enum Outcome {
            SUCCEEDED,
            FAILED
        }

        @Parameters(index = "1", paramLabel = "succeeded|failed", description = "What became of it.")
        private Outcome outcome = Outcome.FAILED;

        @Option(names = "--reason", required = true, paramLabel = "TEXT", description = "Why, for the books.")
        private String reason = "";

        @Override
        protected void execute() {
            JobId job = id();
            try (ServiceContainer container = open(Access.WRITE)) {
                ResolveResult result = await(
                        container.tollgate().operations().resolve(job, outcome == Outcome.SUCCEEDED, actor(), reason));
                if (result instanceof ResolveResult.Refused refused) {
                    throw refused(refused.refusal());
                }
                Shown.job(output(), container, job);
            }
        }
    }
}
