package io.tollgate.http;

import io.tollgate.credits.account.UserId;
import io.tollgate.queue.access.Doors;
import io.tollgate.queue.dispatch.JobView;
import io.tollgate.queue.job.BatchId;
import io.tollgate.queue.job.JobFilter;
import io.tollgate.queue.job.JobState;
import io.tollgate.queue.job.ModelName;
import io.tollgate.queue.job.WorkflowName;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Shows jobs, one or a page of them, as users and operators see them alike. */
final class JobPages {
    private static final int MAX_PAGE = 200;

    private final Services services;

    JobPages(Services services) {
        this.services = services;
    }

    private record Page(List<JobDocument> jobs, Optional<String> nextCursor) {}

    JobDocument document(JobView view) {
        return JobDocument.of(view, services.clock().instant(), services.links()::kept);
    }

    /** A job as one of many. */
    JobDocument listed(JobView view) {
        return JobDocument.listed(view, services.clock().instant(), services.links()::kept);
    }

    /**
     * The jobs that a call's query asks for, newest first.
     *
     * @param user whose; empty for everybody's
     */
    Answer page(Call call, Optional<UserId> user) {
        int limit = call.whole("limit", 50, 1, MAX_PAGE);
        JobFilter filter = new JobFilter(
                user,
                call.query("status", "words such as queued,running", JobPages::states)
                        .orElse(Set.of()),
                call.query("workflow", "a workflow's name", WorkflowName::new),
                call.query("model", "a model's name", ModelName::new),
                call.query("batch", "a batch's id", BatchId::parse),
                call.query("tag"),
                call.query("from", Body.TIME, Body::time),
                call.query("to", Body.TIME, Body::time),
                call.flag("cleared")
                        ? Optional.empty()
                        : services.tollgate().doors().cleared().map(Doors.Cleared::jobs));
        List<JobView> views = services.tollgate()
                .jobs(filter, call.query("cursor", "a cursor of an earlier page", Cursor::parse), limit + 1);
        boolean more = views.size() > limit;
        List<JobView> shown = more ? views.subList(0, limit) : views;
        return Answer.ok(new Page(
                shown.stream().map(this::listed).toList(),
                more
                        ? Optional.of(Cursor.text(
                                shown.get(shown.size() - 1).record().job().seq()))
                        : Optional.empty()));
    }

    private static Set<JobState.Kind> states(String text) {
        Set<JobState.Kind> states = EnumSet.noneOf(JobState.Kind.class);
        for (String word : text.split(",", 10)) {
            states.add(JobState.Kind.valueOf(word.strip().toUpperCase(Locale.ROOT)));
        }
        return states;
    }
}
