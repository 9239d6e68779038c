package io.tollgate.queue.job;

import io.tollgate.credits.ledger.Amount;
import io.tollgate.credits.ledger.QuoteId;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Why a request was turned down. Nothing was changed: no job, no entry. */
public sealed interface Refusal {
    /** The word in APIs and logs. */
    String code();

    /** One line for people: what is wrong and what to do next. */
    String message();

    /**
     * The inputs are not what the workflow takes.
     *
     * @param problems all of them
     */
    record InvalidInput(List<InputProblem> problems) implements Refusal {
        public InvalidInput {
            problems = List.copyOf(problems);
            if (problems.isEmpty()) {
                throw new IllegalArgumentException("no problem, no refusal");
            }
        }

        @Override
        public String code() {
            return "invalid_input";
        }

        @Override
        public String message() {
            StringBuilder text = new StringBuilder();
            for (InputProblem problem : problems) {
                text.append(text.isEmpty() ? "" : "; ").append(problem);
            }
            return text.toString();
        }
    }

    /**
     * A graph that the user brought can't be run.
     *
     * @param code the word in APIs and logs: {@code invalid_workflow}, {@code workflow_format_ui} or
     *     {@code missing_asset}
     * @param message one line for people: what is wrong and what to do next
     * @param nodes what is wrong, by node, as far as it can be said
     */
    record UnfitGraph(String code, String message, Map<String, List<NodeProblem>> nodes) implements Refusal {
        public UnfitGraph {
            nodes = Collections.unmodifiableMap(new LinkedHashMap<>(nodes));
        }
    }

    /** The catalogue has no such workflow. */
    record UnknownWorkflow(String name, Optional<String> nearest) implements Refusal {
        @Override
        public String code() {
            return "not_found";
        }

        @Override
        public String message() {
            return "there is no workflow '" + name + "'"
                    + nearest.map(near -> "; did you mean '" + near + "'?").orElse("");
        }
    }

    /** A policy does not allow it. */
    record ContentBlocked(String field, String message) implements Refusal {
        @Override
        public String code() {
            return "content_blocked";
        }
    }

    /** The user has too few credits. */
    record InsufficientCredits(Amount required, Amount available) implements Refusal {
        @Override
        public String code() {
            return "insufficient_credits";
        }

        @Override
        public String message() {
            return "this costs " + required + " credits and " + available + " are available; top up and try again";
        }
    }

    /** The user owes credits, because money for ones that were spent was taken back. */
    record InDebt(Amount debt) implements Refusal {
        @Override
        public String code() {
            return "forbidden";
        }

        @Override
        public String message() {
            return "you owe " + debt + " credits, because money for credits that were spent was taken back;"
                    + " the next pack you buy pays that first";
        }
    }

    /** The day's free runs are used up. */
    record QuotaUsedUp(WorkflowName workflow, int perDay, Instant until, Duration retryAfter) implements Refusal {
        @Override
        public String code() {
            return "quota_exceeded";
        }

        @Override
        public String message() {
            return "your " + perDay + " free run" + (perDay == 1 ? "" : "s") + " of '" + workflow
                    + "' for today are used up; there are new ones at " + until;
        }
    }

    /** The user has too many jobs under way that cost nothing for being relaxed. */
    record TooManyRelaxed(int limit) implements Refusal {
        @Override
        public String code() {
            return "quota_exceeded";
        }

        @Override
        public String message() {
            return limit == 0
                    ? "there is nothing to be had for nothing; top up and try again"
                    : "you have " + limit + " job" + (limit == 1 ? "" : "s")
                            + " under way for nothing and may have no more; wait until one ends, or top up";
        }
    }

    /** There is no such quote, or it is another user's. */
    record UnknownQuote(QuoteId quote) implements Refusal {
        @Override
        public String code() {
            return "not_found";
        }

        @Override
        public String message() {
            return "there is no quote " + quote + "; ask for a new one";
        }
    }

    /** The quote is for something else than was submitted. */
    record QuoteForAnother(QuoteId quote) implements Refusal {
        @Override
        public String code() {
            return "invalid_input";
        }

        @Override
        public String message() {
            return "quote " + quote + " is for another request; submit what was quoted, or ask for a new quote";
        }
    }

    /** The quote was used before. */
    record QuoteUsed(QuoteId quote, Instant at) implements Refusal {
        @Override
        public String code() {
            return "invalid_state";
        }

        @Override
        public String message() {
            return "quote " + quote + " was used at " + at + "; ask for a new one";
        }
    }

    /**
     * The quote binds no more.
     *
     * @param quoted what it promised
     * @param price what the same costs now
     */
    record QuoteExpired(QuoteId quote, Instant expiredAt, Amount quoted, Amount price) implements Refusal {
        @Override
        public String code() {
            return "quote_expired";
        }

        @Override
        public String message() {
            return "quote " + quote + " of " + quoted + " credits expired at " + expiredAt + "; now it costs " + price
                    + ", ask for a new quote or submit without one";
        }
    }

    /** The user has too many quotes that can still be used. */
    record TooManyQuotes(int limit) implements Refusal {
        @Override
        public String code() {
            return "rate_limited";
        }

        @Override
        public String message() {
            return "you have " + limit + " open quotes and may have no more; use one or wait until one expires";
        }
    }

    /** The idempotency key was used for something else. */
    record KeyReused(String key) implements Refusal {
        @Override
        public String code() {
            return "idempotency_key_reuse";
        }

        @Override
        public String message() {
            return "the idempotency key '" + key + "' was used for another request; take a new one";
        }
    }

    /** The user has too many jobs under way. */
    record TooManyJobs(int limit, int live) implements Refusal {
        @Override
        public String code() {
            return "rate_limited";
        }

        @Override
        public String message() {
            return "you have " + live + " jobs under way and the limit is " + limit + "; wait until one ends";
        }
    }

    /** The user submits too fast. */
    record TooFast(int perMinute, Duration retryAfter) implements Refusal {
        @Override
        public String code() {
            return "rate_limited";
        }

        @Override
        public String message() {
            return "the limit is " + perMinute + " submissions a minute; try again in "
                    + Math.max(1, retryAfter.toSeconds()) + " s";
        }
    }

    /** There are more jobs in one submission than could ever be taken together. */
    record BatchTooLarge(int jobs, int limit) implements Refusal {
        @Override
        public String code() {
            return "invalid_input";
        }

        @Override
        public String message() {
            return "these are " + jobs + " jobs at once and no more than " + limit + " can ever be taken together;"
                    + " send them in smaller batches";
        }
    }

    /** There are too many jobs in all. */
    record QueueFull(int limit) implements Refusal {
        @Override
        public String code() {
            return "queue_full";
        }

        @Override
        public String message() {
            return "the queues are full (" + limit + " jobs); try again later";
        }
    }

    /** The queue takes no jobs at present. */
    record QueueClosed(QueueName queue) implements Refusal {
        @Override
        public String code() {
            return "queue_full";
        }

        @Override
        public String message() {
            return "the queue '" + queue + "' is draining and takes no jobs; try again later";
        }
    }

    /**
     * No backend could ever run it.
     *
     * @param reason what they lack
     */
    record NoCapableBackend(WorkflowName workflow, String reason) implements Refusal {
        @Override
        public String code() {
            return "no_capable_backend";
        }

        @Override
        public String message() {
            return "no backend can run '" + workflow + "': " + reason;
        }
    }

    /**
     * An operator takes no submissions, or not this user's.
     *
     * @param mode not {@link SubmissionMode#ENABLED}
     * @param text why, in the operator's words; may be empty
     */
    record Closed(SubmissionMode mode, String text) implements Refusal {
        public Closed {
            if (mode == SubmissionMode.ENABLED) {
                throw new IllegalArgumentException("what is open refuses nobody");
            }
        }

        @Override
        public String code() {
            return mode == SubmissionMode.MEMBERS_ONLY ? "forbidden" : "unavailable";
        }

        @Override
        public String message() {
            String what = mode == SubmissionMode.MEMBERS_ONLY
                    ? "only members' jobs are taken at present"
                    : "no jobs are taken at present";
            return what + (text.isEmpty() ? "; try again later" : ": " + text);
        }
    }

    /** The job is not there, or not the user's. */
    record UnknownJob(JobId job) implements Refusal {
        @Override
        public String code() {
            return "not_found";
        }

        @Override
        public String message() {
            return "there is no job " + job;
        }
    }

    /** The job is not in a state that allows this. */
    record InvalidState(JobId job, JobState.Kind state, String wanted) implements Refusal {
        @Override
        public String code() {
            return "invalid_state";
        }

        @Override
        public String message() {
            return "job " + job + " is " + state.word() + "; " + wanted;
        }
    }
}
