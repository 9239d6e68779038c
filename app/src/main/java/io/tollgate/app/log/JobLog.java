package io.tollgate.app.log;

import io.tollgate.credits.account.UserId;
import io.tollgate.queue.event.JobEvent;
import io.tollgate.queue.event.JobListener;
import io.tollgate.queue.job.Attempt;
import io.tollgate.queue.job.Delivery;
import io.tollgate.queue.job.Failure;
import io.tollgate.queue.job.JobId;
import io.tollgate.queue.job.JobState;
import io.tollgate.queue.job.QueuedJob;
import io.tollgate.queue.job.WorkflowName;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import org.slf4j.spi.LoggingEventBuilder;

/** Tells the day's story in log lines: a constant message, and what it is about by name. Never what users wrote. */
public final class JobLog implements JobListener {
    private static final Logger LOG = LoggerFactory.getLogger(JobLog.class);

    /** By this name a job's metadata may say which request it came from. */
    private static final String REQUEST_ID = "request_id";

    private static final Pattern SAFE_REQUEST = Pattern.compile("[A-Za-z0-9._-]{1,64}");

    private final boolean traces;
    private final Map<JobId, UserId> owners = new ConcurrentHashMap<>();

    /** @param traces whether a fault's stack trace is logged even above {@code debug} */
    public JobLog(boolean traces) {
        this.traces = traces;
    }

    @Override
    public void on(JobEvent event) {
        if (event instanceof JobEvent.Queued queued) {
            line(Level.INFO, "job added", queued.job())
                    .addKeyValue("workflow", queued.job().spec().workflow())
                    .addKeyValue("queue", queued.job().spec().queue())
                    .addKeyValue("lane", queued.job().lane().word())
                    .addKeyValue("model", queued.job().spec().model())
                    .log();
        } else if (event instanceof JobEvent.Claimed claimed) {
            owners.put(claimed.job().id(), claimed.job().user());
            line(Level.INFO, "job popped", claimed.job())
                    .addKeyValue("queue", claimed.job().spec().queue())
                    .addKeyValue("attempt", claimed.attempt().number())
                    .addKeyValue("backend", claimed.attempt().backend())
                    .addKeyValue("slot", claimed.attempt().slot())
                    .log();
        } else if (event instanceof JobEvent.PhaseChanged changed) {
            phase(changed.attempt());
        } else if (event instanceof JobEvent.Ended ended) {
            owners.remove(ended.job().id());
            ended(ended);
        } else if (event instanceof JobEvent.Refused refused) {
            LoggingEventBuilder line =
                    LOG.atInfo().setMessage("request refused").addKeyValue(Logging.USER, refused.user());
            with(line, "workflow", workflow(refused.workflow()))
                    .addKeyValue("code", refused.refusal().code())
                    .log();
        } else if (event instanceof JobEvent.Promoted promoted) {
            line(Level.INFO, "job promoted", promoted.job()).log();
        } else if (event instanceof JobEvent.Retrying retrying) {
            retrying(retrying);
        } else if (event instanceof JobEvent.Canceling canceling) {
            line(Level.INFO, "job canceling", canceling.job()).log();
        } else if (event instanceof JobEvent.Left left) {
            line(Level.INFO, "job left for the next start", left.job())
                    .addKeyValue("attempt", left.attempt())
                    .log();
        } else if (event instanceof JobEvent.Fault fault) {
            fault(fault);
        } else {
            operations(event);
        }
    }

    /** What was asked for, if it could be a workflow: it may as well be a prompt in the wrong place. */
    private static Optional<WorkflowName> workflow(String asked) {
        try {
            return Optional.of(new WorkflowName(asked));
        } catch (IllegalArgumentException notEvenAName) {
            return Optional.empty();
        }
    }

    private void operations(JobEvent event) {
        if (event instanceof JobEvent.ManagerChanged changed) {
            if (changed.running()) {
                queueLine("queue manager initialized", changed);
                queueLine("background loop started", changed);
            } else {
                queueLine("background loop stopped", changed);
            }
        } else if (event instanceof JobEvent.BackendChanged changed) {
            LOG.atLevel(level(changed))
                    .setMessage("backend changed")
                    .addKeyValue("backend", changed.backend())
                    .addKeyValue("state", changed.state())
                    .addKeyValue("reason", changed.reason())
                    .log();
        } else if (event instanceof JobEvent.QueueSwitched switched) {
            LOG.atInfo()
                    .setMessage("queue switched")
                    .addKeyValue("queue", switched.queue().queue())
                    .addKeyValue("mode", switched.queue().mode())
                    .log();
        } else if (event instanceof JobEvent.EndpointPaused paused) {
            LOG.atWarn()
                    .setMessage("endpoint paused")
                    .addKeyValue(Logging.USER, paused.user())
                    .addKeyValue("endpoint", paused.endpoint())
                    .addKeyValue("reason", paused.reason())
                    .log();
        } else if (event instanceof JobEvent.LimitSet set) {
            OptionalInt limit = set.limit().set();
            LOG.atInfo()
                    .setMessage("model limit set")
                    .addKeyValue("model", set.limit().model())
                    .addKeyValue("limit", limit.isPresent() ? limit.getAsInt() : "as configured")
                    .log();
        } else if (event instanceof JobEvent.DeliveryChanged changed) {
            delivery(changed.delivery());
        }
    }

    private static void queueLine(String message, JobEvent.ManagerChanged changed) {
        LOG.atInfo().setMessage(message).addKeyValue("queue", changed.queue()).log();
    }

    /** What a backend has, or has to do, may change many times a minute. */
    private static Level level(JobEvent.BackendChanged changed) {
        return switch (changed.state()) {
            case "unreachable" -> Level.WARN;
            case "changed" -> Level.DEBUG;
            default -> Level.INFO;
        };
    }

    private void phase(Attempt attempt) {
        String message = switch (attempt.phase()) {
            case SUBMITTED -> "job submitted";
            case STARTED -> "job started";
            case UNKNOWN -> "job unknown";
            case COLLECTING -> "job collecting";
            case CLAIMED, ENDED -> ""; // told as popped, and as the job's end
        };
        if (!message.isEmpty()) {
            line(attempt.phase() == Attempt.Phase.UNKNOWN ? Level.WARN : Level.INFO, message, attempt.job())
                    .addKeyValue("attempt", attempt.number())
                    .addKeyValue("backend", attempt.backend())
                    .addKeyValue("run", attempt.runId())
                    .log();
        }
    }

    private static void ended(JobEvent.Ended ended) {
        QueuedJob job = ended.job();
        JobState state = job.state();
        boolean captured = state.kind() == JobState.Kind.SUCCEEDED;
        LoggingEventBuilder line = switch (state.kind()) {
            case SUCCEEDED ->
                line(Level.INFO, "job completed", job)
                        .addKeyValue("outputs", ended.outputs().size());
            case FAILED ->
                line(Level.WARN, "job failed", job)
                        .addKeyValue(
                                "error",
                                ((JobState.Failed) state).failure().kind().code());
            case CANCELED -> line(Level.INFO, "job canceled", job);
            case EXPIRED -> line(Level.WARN, "job expired", job);
            case QUEUED, RUNNING, CANCELING -> throw new IllegalArgumentException("not over: " + state);
        };
        line.addKeyValue("attempts", job.attempts()).log();
        LoggingEventBuilder released = line(Level.INFO, "job released", job)
                .addKeyValue("credits", captured ? "captured" : "released")
                .addKeyValue("model", job.spec().model());
        released = with(released, "backend", ended.attempt().map(Attempt::backend));
        with(released, "slot", ended.attempt().map(Attempt::slot)).log();
    }

    private static void retrying(JobEvent.Retrying retrying) {
        LoggingEventBuilder line =
                line(Level.WARN, "job retrying", retrying.job()).addKeyValue("ready_at", retrying.readyAt());
        Optional<Failure> failure = retrying.attempt().flatMap(Attempt::failure);
        with(line, "error", failure.map(why -> why.kind().code())).log();
    }

    private static void delivery(Delivery delivery) {
        LOG.atLevel(delivery.state() == Delivery.State.DEAD ? Level.WARN : Level.INFO)
                .setMessage("delivery changed")
                .addKeyValue(Logging.JOB, delivery.job())
                .addKeyValue("delivery", delivery.id())
                .addKeyValue("channel", delivery.target().channel())
                .addKeyValue("state", delivery.state().word())
                .addKeyValue("tries", delivery.tries())
                .log();
    }

    private void fault(JobEvent.Fault fault) {
        LoggingEventBuilder line = with(LOG.atError().setMessage("fault"), Logging.JOB, fault.job())
                .addKeyValue("where", fault.where())
                .addKeyValue("problem", String.valueOf(fault.problem()));
        (traces || LOG.isDebugEnabled() ? line.setCause(fault.problem()) : line).log();
    }

    private static LoggingEventBuilder with(LoggingEventBuilder line, String key, Optional<?> value) {
        return value.isPresent() ? line.addKeyValue(key, value.get()) : line;
    }

    private static LoggingEventBuilder line(Level level, String message, QueuedJob job) {
        LoggingEventBuilder line = LOG.atLevel(level)
                .setMessage(message)
                .addKeyValue(Logging.JOB, job.id())
                .addKeyValue(Logging.USER, job.user());
        Optional<String> request = Optional.ofNullable(job.spec().metadata().get(REQUEST_ID))
                .filter(id -> SAFE_REQUEST.matcher(id).matches());
        return with(line, Logging.REQUEST, request);
    }

    private LoggingEventBuilder line(Level level, String message, JobId job) {
        LoggingEventBuilder line = LOG.atLevel(level).setMessage(message).addKeyValue(Logging.JOB, job);
        UserId owner = owners.get(job);
        return owner == null ? line : line.addKeyValue(Logging.USER, owner);
    }
}
