package io.tollgate.app.command;

import io.tollgate.app.cli.CommandFailed;
import io.tollgate.app.container.Access;
import io.tollgate.queue.job.JobId;
import io.tollgate.queue.job.JobState;
import io.tollgate.queue.job.WorkflowName;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
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
    /** What all but the list have in common. */
    abstract static class OfOne extends SiteCommand {
        @Parameters(arity = "1", index = "0", paramLabel = "ID", description = "The job's id.")
        private String id = "";

        final JobId id() {
            return jobId(id);
        }

        final void show(Doc job) {
            output().result(job.node(), JobText.lines(job));
        }
    }

    /** Newest first. */
    @Command(name = "list", description = "Lists jobs, newest first.")
    static final class ListJobs extends SiteCommand {
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

        @Option(names = "--all", description = "Of all users, not only yours; a server wants an operator's key.")
        private boolean all;

        @Option(names = "--cleared", description = "Those, too, that an operator cleared from lists.")
        private boolean cleared;

        @Option(
                names = "--limit",
                paramLabel = "N",
                defaultValue = "20",
                description = "The most that are listed (default: 20).")
        private int limit = 20;

        @Override
        protected void execute() {
            if (limit < 1 || limit > 1000) {
                throw new CommandFailed("--limit must be between 1 and 1000, not " + limit);
            }
            JobQuery query = new JobQuery(
                    new HashSet<>(states),
                    Optional.ofNullable(workflow).map(ListJobs::workflow),
                    Optional.ofNullable(tag),
                    all,
                    cleared,
                    limit);
            try (Site site = site(Access.READ)) {
                Doc found = site.jobs(query);
                List<Doc> jobs = found.list("jobs");
                if (jobs.isEmpty()) {
                    output().result(found.node(), List.of("no jobs"));
                } else {
                    output().result(found.node(), JobText.table(jobs));
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
            JobId job = id();
            try (Site site = site(Access.READ)) {
                show(site.job(job));
            }
        }
    }

    /** Stops one. */
    @Command(name = "cancel", description = "Asks for a job to be stopped; its credits come back.")
    static final class Cancel extends OfOne {
        @Override
        protected void execute() {
            JobId id = id();
            try (Site site = site(Access.WRITE)) {
                Doc job = site.cancel(id);
                String status = job.text("status");
                if (JobText.isOver(job) && !status.equals("canceled")) {
                    throw new CommandFailed("job " + id + " is " + status + " already; nothing was changed");
                }
                show(job);
            }
        }
    }

    /** A new job like one that didn't succeed. */
    @Command(name = "retry", description = "Tries a failed, canceled or expired job again, as a new job.")
    static final class Retry extends OfOne {
        @Override
        protected void execute() {
            JobId job = id();
            try (Site site = site(Access.WRITE)) {
                show(site.retry(job));
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
            try (Site site = site(Access.WRITE)) {
                show(site.rerun(job, keepSeed));
            }
        }
    }

    /** Waits for the end of one. */
    @Command(
            name = "watch",
            description =
                    "Follows a job to its end, and exits with 1 unless it succeeds; on a data directory it runs the"
                            + " workers here if no other process does.")
    static final class Watch extends OfOne {
        @Option(names = "--out", paramLabel = "DIR", description = "Copy the outputs there.")
        private @Nullable Path out;

        @Override
        protected void execute() {
            JobId job = id();
            try (Site site = siteToFollow()) {
                followed(site, job, Optional.ofNullable(out));
            }
        }
    }

    /** The story of one. */
    @Command(name = "why", description = "Tells why a job is where it is, what it costs and who paid.")
    static final class Why extends OfOne {
        @Override
        protected void execute() {
            JobId job = id();
            try (Site site = site(Access.READ)) {
                Doc why = site.why(job);
                String summary = JobText.summary(site.job(job));
                List<String> lines = new ArrayList<>();
                lines.add(summary);
                lines.add(why.text("receipt"));
                if (!why.text("story").isEmpty() && !why.amount("net_price").isZero()) {
                    lines.add("  of a list price of " + why.amount("list_price") + ": " + why.text("story"));
                }
                for (Doc part : why.list("paid_from")) {
                    lines.add("  " + part.amount("amount") + " from grant " + part.text("grant") + ", "
                            + part.text("source"));
                }
                for (Doc line : why.list("history")) {
                    lines.add("  " + Words.time(line.time("at")) + "  " + line.text("status") + ": "
                            + line.text("reason"));
                }
                output().result(why.with("summary", summary).node(), lines);
            }
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
            try (Site site = site(Access.WRITE)) {
                show(site.resolve(job, outcome == Outcome.SUCCEEDED, reason));
            }
        }
    }
}
