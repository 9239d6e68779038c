package io.tollgate.app.command;

import io.tollgate.app.cli.CommandFailed;
import io.tollgate.app.cli.Table;
import io.tollgate.credits.ledger.Price;
import io.tollgate.queue.job.Receipt;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Jobs as people read them, written from their documents. */
final class JobText {
    private static final Set<String> FINAL = Set.of("succeeded", "failed", "canceled", "expired");

    private JobText() {}

    /** Whether it is over. */
    static boolean isOver(Doc job) {
        return FINAL.contains(job.text("status"));
    }

    /** Throws unless it ended well. */
    static void requireSuccess(Doc job) {
        if (!job.text("status").equals("succeeded")) {
            throw new CommandFailed("job " + job.text("id") + " " + failed(job));
        }
    }

    private static String failed(Doc job) {
        return job.text("status")
                + job.at("error")
                        .maybe("message")
                        .map(message -> ": " + message)
                        .orElse("");
    }

    /** Everything about one. */
    static List<String> lines(Doc job) {
        List<String> lines = new ArrayList<>();
        lines.add("job       " + job.needed("id"));
        lines.add("status    " + status(job));
        lines.add("workflow  " + job.text("workflow") + ", model " + job.text("model"));
        lines.add("queue     " + job.text("queue") + ", " + job.text("lane") + " lane"
                + (job.whole("priority") == 0 ? "" : ", priority " + job.whole("priority")));
        lines.add("user      " + job.text("user_id"));
        job.time("created_at").ifPresent(time -> lines.add("created   " + Words.time(time) + " UTC"));
        job.time("completed_at").ifPresent(time -> lines.add("ended     " + Words.time(time) + " UTC"));
        job.maybe("queue_position").ifPresent(position -> lines.add("position  " + position + why(job)));
        if (job.has("progress")) {
            lines.add("progress  " + Math.round(job.at("progress").fraction("value") * 100) + "%");
        }
        job.at("cost").maybe("receipt").ifPresent(receipt -> lines.add("credits   " + receipt));
        for (Doc attempt : job.list("attempts")) {
            Doc error = attempt.at("error");
            lines.add("attempt   " + attempt.text("number") + " on " + attempt.text("backend") + ", "
                    + attempt.text("phase")
                    + error.maybe("code")
                            .map(code -> ", " + code + ": " + error.text("message"))
                            .orElse(""));
        }
        for (Doc output : job.list("outputs")) {
            String kept = output.flag("deleted")
                    ? ", not stored any more"
                    : output.time("expires_at")
                            .map(time -> ", kept until " + Words.time(time) + " UTC")
                            .orElse("");
            lines.add("output    " + output.text("name") + ", " + output.text("content_type") + ", "
                    + Words.bytes(output.whole("size_bytes")) + kept
                    + output.maybe("url")
                            .filter(url -> url.startsWith("file:"))
                            .map(url -> "  " + url)
                            .orElse(""));
        }
        return lines;
    }

    private static String status(Doc job) {
        String word = job.needed("status") + (job.flag("partial") ? ", in part" : "");
        return word
                + job.at("error")
                        .maybe("message")
                        .map(message -> ": " + message)
                        .orElse("");
    }

    /** Why it waits and for how long, as far as that is known. */
    static String why(Doc job) {
        return job.maybe("wait_reason")
                        .filter(reason -> !reason.equals("ahead_in_queue"))
                        .map(reason -> ", " + reason.replace('_', ' '))
                        .orElse("")
                + (job.has("estimated_wait")
                        ? ", starts in about " + Words.span(Duration.ofSeconds(job.whole("estimated_wait")))
                        : "");
    }

    /** A line for each job. */
    static Table table(List<Doc> jobs) {
        Table table = new Table("job", "status", "workflow", "user", "position", "credits", "created");
        for (Doc job : jobs) {
            Doc cost = job.at("cost");
            table.row(
                    job.needed("id"),
                    job.text("status"),
                    job.text("workflow"),
                    job.text("user_id"),
                    job.text("queue_position"),
                    isOver(job) ? cost.amount("captured") + " paid" : cost.amount("held") + " held",
                    Words.time(job.time("created_at")));
        }
        return table;
    }

    /** Where it is, in a few words. */
    static String summary(Doc job) {
        if (job.text("status").equals("queued")) {
            return "it waits"
                    + job.maybe("queue_position")
                            .map(place -> ", number " + place)
                            .orElse("") + why(job);
        }
        return "it is " + end(job).toLowerCase(Locale.ROOT);
    }

    /** How it ended, in a few words. */
    static String end(Doc job) {
        return switch (job.text("status")) {
            case "succeeded" -> (job.flag("partial") ? "done in part, " : "done, ") + took(job);
            case "failed" -> failed(job);
            default -> job.text("status");
        };
    }

    /** How long its last attempt ran, such as {@code 1.2 s}. */
    static String took(Doc job) {
        List<Doc> attempts = job.list("attempts");
        if (attempts.isEmpty()) {
            return "";
        }
        Doc last = attempts.get(attempts.size() - 1);
        Optional<Instant> start = last.time("started_at");
        Optional<Instant> end = last.time("ended_at");
        return start.isPresent() && end.isPresent()
                ? String.format(
                        Locale.ROOT,
                        "%.1f s",
                        Duration.between(start.get(), end.get()).toMillis() / 1000.0)
                : "";
    }

    /** How a price came about. */
    private static String story(Doc steps) {
        List<Price.Step> read = new ArrayList<>();
        steps.items()
                .forEach(step ->
                        read.add(new Price.Step(step.text("rule"), step.amount("before"), step.amount("after"))));
        if (read.isEmpty()) {
            return "";
        }
        try {
            return Receipt.story(
                    new Price(read.get(0).before(), read.get(read.size() - 1).after(), read));
        } catch (IllegalArgumentException e) {
            return ""; // steps that don't follow each other tell no story
        }
    }

    /** A quote. */
    static List<String> quote(Doc quote) {
        List<String> lines = new ArrayList<>();
        lines.add("quote      " + quote.needed("quote_id")
                + quote.time("expires_at")
                        .map(end -> ", binds until " + Words.time(end) + " UTC, once")
                        .orElse(""));
        lines.add("price      " + quote.amount("price") + " of " + quote.amount("list_price"));
        for (Doc steps : quote.list("steps")) {
            String story = story(steps);
            if (!story.isEmpty()) {
                lines.add("           " + story);
            }
        }
        lines.add("available  " + quote.amount("available")
                + (quote.flag("sufficient_credits") ? ", enough" : ", not enough"));
        lines.add("lane       " + quote.text("lane"));
        quote.time("estimated_start_at").ifPresent(at -> lines.add("starts     about " + Words.time(at) + " UTC"));
        quote.time("estimated_completed_at").ifPresent(at -> lines.add("ends       about " + Words.time(at) + " UTC"));
        return lines;
    }
}
