package io.tollgate.app.comfy;

import io.tollgate.comfyui.sim.FaultEvent;
import io.tollgate.comfyui.sim.FaultKind;
import io.tollgate.comfyui.sim.Route;
import io.tollgate.queue.job.Attempt;
import io.tollgate.queue.job.Failure;
import io.tollgate.queue.job.JobRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** Says whether what was done to the servers, or to Tollgate, explains why an attempt failed. Immutable. */
final class Blame {
    /** Clocks, and the moment between a fault and its being noticed. */
    private static final Duration SLACK = Duration.ofMillis(250);

    /** How long a server that seemed dead is left alone. */
    private static final Duration LEFT_ALONE = Duration.ofSeconds(6);

    /** How long a server may be down, and connections to its last life be taken for good ones. */
    private static final Duration DOWN = Duration.ofSeconds(2);

    /** How often it is tried to fetch what a run made. */
    private static final int FETCHES = 3;

    private static final Set<FaultKind> NONSENSE =
            EnumSet.of(FaultKind.ERROR_500, FaultKind.WRONG_JSON, FaultKind.REFUSE, FaultKind.HALF_BODY);

    /** By what messages call it, where a call arrives. */
    private static final Map<String, Route> CALLS = Map.of(
            "/prompt", Route.SUBMIT,
            "/queue", Route.QUEUE,
            "/history", Route.HISTORY,
            "/api/jobs", Route.JOBS,
            "/upload", Route.UPLOAD,
            "/view", Route.VIEW,
            "/system_stats", Route.ABOUT,
            "/features", Route.ABOUT);

    private final Servers servers;
    private final Runs runs;
    private final List<Instant> kills;

    /** @param kills when Tollgate was killed */
    Blame(Servers servers, Runs runs, List<Instant> kills) {
        this.servers = servers;
        this.runs = runs;
        this.kills = List.copyOf(kills);
    }

    /** Whether a fault, a death or a kill explains the failure of this attempt. */
    boolean explains(JobRecord record, Attempt attempt, Failure failure) {
        return switch (failure.kind()) {
            case BACKEND -> raisedByItself(record) || onItsNode(attempt, FaultKind.NODE_ERROR);
            case BAD_INPUT -> onItsNode(attempt, FaultKind.NODE_ERROR); // on the node that reads the picture
            case OUT_OF_MEMORY -> onItsNode(attempt, FaultKind.NODE_OOM);
            case BAD_WORKFLOW -> onItsSubmission(attempt, FaultKind.REFUSE);
            case PROTOCOL -> isNonsense(attempt, failure.message());
            case STORAGE -> failedFetches(attempt) >= FETCHES || died(attempt, Duration.ZERO);
            case LOST -> isForgottenOrNeverCame(attempt);
            case UNREACHABLE ->
                died(attempt, LEFT_ALONE)
                        || happened(
                                attempt,
                                LEFT_ALONE,
                                fault -> fault.route() != Route.NODE && fault.route() != Route.FRAME);
            case CANCELED, TIMEOUT, INCAPABLE, POLICY, RECALLED, EXPIRED, OPERATOR, INTERNAL -> false;
        };
    }

    /** What was run must have been forgotten; what wasn't run may have been lost on its way as well. */
    private boolean isForgottenOrNeverCame(Attempt attempt) {
        List<Runs.Ran> ran = runs.of(attempt);
        if (!ran.isEmpty()) {
            return ran.stream().allMatch(one -> wasForgotten(attempt, one));
        }
        return died(attempt, DOWN)
                || kills.stream().anyMatch(kill -> isDuring(attempt, Duration.ZERO, kill))
                || onItsSubmission(attempt, FaultKind.values());
    }

    /** Whether the call that the failure tells of was answered with nonsense. */
    private boolean isNonsense(Attempt attempt, String message) {
        return CALLS.entrySet().stream()
                .filter(call -> message.contains(call.getKey()))
                .anyMatch(call -> happened(
                        attempt,
                        Duration.ZERO,
                        fault -> NONSENSE.contains(fault.kind()) && fault.route() == call.getValue()));
    }

    private boolean onItsSubmission(Attempt attempt, FaultKind... kinds) {
        return happened(
                attempt,
                Duration.ZERO,
                fault ->
                        fault.route() == Route.SUBMIT && List.of(kinds).contains(fault.kind()) && isOf(attempt, fault));
    }

    private boolean died(Attempt attempt, Duration before) {
        return servers.deaths(server(attempt)).stream().anyMatch(death -> isDuring(attempt, before, death));
    }

    /** Whether the life of the server in which a run began was over before its attempt was: then it is forgotten. */
    boolean wasForgotten(Attempt attempt, Runs.Ran ran) {
        List<Instant> deaths = servers.deaths(ran.server());
        int life = ran.execution().life();
        return deaths.size() >= life
                && deaths.get(life - 1)
                        .isBefore(attempt.endedAt()
                                .orElse(Instant.MAX.minus(SLACK))
                                .plus(SLACK));
    }

    private long failedFetches(Attempt attempt) {
        return faults(attempt, Duration.ZERO)
                .filter(fault -> fault.route() == Route.VIEW && fault.kind() != FaultKind.DELAY)
                .count();
    }

    private static boolean raisedByItself(JobRecord record) {
        String workflow = record.job().spec().workflow().value();
        return workflow.equals("none") || workflow.equals("half");
    }

    private boolean onItsNode(Attempt attempt, FaultKind kind) {
        return happened(
                attempt,
                Duration.ZERO,
                fault -> fault.route() == Route.NODE && fault.kind() == kind && isOf(attempt, fault));
    }

    private boolean isOf(Attempt attempt, FaultEvent fault) {
        return fault.promptId().filter(runs.idsOf(attempt)::contains).isPresent();
    }

    private boolean happened(Attempt attempt, Duration before, Predicate<FaultEvent> what) {
        return faults(attempt, before).anyMatch(what);
    }

    private Stream<FaultEvent> faults(Attempt attempt, Duration before) {
        return server(attempt).simulator().faults().happened().stream()
                .filter(fault -> isDuring(attempt, before, servers.at(fault.atNanos())));
    }

    private static boolean isDuring(Attempt attempt, Duration before, Instant time) {
        Instant from = attempt.claimedAt().minus(SLACK).minus(before);
        Instant to = attempt.endedAt().orElse(Instant.MAX.minus(SLACK)).plus(SLACK);
        return !time.isBefore(from) && !time.isAfter(to);
    }

    private Servers.Server server(Attempt attempt) {
        Servers.Server server = servers.all().get(attempt.backend().value());
        if (server == null) {
            throw new AssertionError("no such server: " + attempt.backend());
        }
        return server;
    }
}
