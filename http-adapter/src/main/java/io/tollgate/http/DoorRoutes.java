package io.tollgate.http;

import io.tollgate.queue.access.Doors;
import io.tollgate.queue.access.Scope;
import io.tollgate.queue.job.SubmissionMode;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** The operator's notice, and whether jobs are taken. */
final class DoorRoutes {
    private static final Route.Access ADMIN = Route.Access.of(Scope.ADMIN);

    private final Doors doors;

    DoorRoutes(Services services) {
        this.doors = services.tollgate().doors();
    }

    List<Route> routes() {
        String notice = Paths.ADMIN + "/notice";
        String submissions = Paths.ADMIN + "/submissions";
        return List.of(
                Route.of("GET", Paths.API + "/notice", Route.Access.KEY, call -> notice()),
                Route.later("PUT", notice, ADMIN, this::show),
                Route.of("DELETE", notice, ADMIN, call -> clear()),
                Route.of("GET", submissions, ADMIN, call -> Answer.ok(SubmissionsDocument.of(doors.submissions()))),
                Route.later("PUT", submissions, ADMIN, this::take));
    }

    private Answer notice() {
        return Answer.ok(NoticeDocument.of(doors.notice()));
    }

    private CompletionStage<Answer> show(Call call) {
        return call.json().thenApply(read -> {
            Body body = new Body(read);
            String text = body.plain("text", Doors.MAX_TEXT);
            if (text.isBlank()) {
                body.wrong("text", "is needed: what to show; delete the notice to show none");
            }
            body.done();
            return Answer.ok(NoticeDocument.of(Optional.of(doors.show(text, AdminJobRoutes.actor(call)))));
        });
    }

    private Answer clear() {
        doors.clearNotice();
        return new Answer.Empty(204);
    }

    private CompletionStage<Answer> take(Call call) {
        return call.json().thenApply(read -> {
            Body body = new Body(read);
            Optional<SubmissionMode> mode = SubmissionMode.parse(body.needed("mode", 40));
            if (mode.isEmpty()) {
                body.wrong("mode", "must be enabled, members_only or disabled");
            }
            String text = body.plain("text", Doors.MAX_TEXT);
            body.done();
            return Answer.ok(SubmissionsDocument.of(doors.take(mode.orElseThrow(), text, AdminJobRoutes.actor(call))));
        });
    }
}
