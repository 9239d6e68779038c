package io.tollgate.comfyui;

import io.tollgate.queue.backend.BackendWatcher;
import io.tollgate.queue.backend.Produced;
import io.tollgate.queue.backend.RunOutcome;
import io.tollgate.queue.event.Preview;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/*
 * The websocket is a hint, the history is the truth. A message that a run is over makes us look at its history, again
 * and again for some seconds if it isn't there yet. All else is found by rounds: one look at the queue for all runs, and
 * for each that isn't in it one at its history. A run that is in neither is looked for again after a grace, and is lost
 * if it is still nowhere. A round judges only runs that were there before it began, so that one that is posted
 * meanwhile isn't missed.
 *
 * `lock` guards the few fields here, a Run its own; neither is held during a call to anybody.
 */
/** Looks after the runs at a server until each has ended, and stops those that shall. Safe for use by many threads. */
final class RunWatch {
    private static final int MOST_EARLY = 500;
    private static final int END_LOOKS = 9;
    private static final int STOP_LOOKS = 9;
    private static final int MOST_NONSENSE = 5;
    /** About 10, 20, 40 ms and so on: a history entry was seen to come up to 2 s after the message. */
    private static final long FIRST_END_LOOK_MILLIS = 10;

    private static final long FIRST_STOP_LOOK_MILLIS = 40;

    private final ComfySettings.Pace pace;
    private final ComfyApi api;
    private final ComfySocket socket;
    private final ServerFeatures features;
    private final Finder finder;
    private final Outputs outputs;
    private final RunBook book;
    private final Alarms alarms;
    private final Supplier<BackendWatcher> watcher;
    private final AtomicBoolean inRound = new AtomicBoolean();
    private final AtomicBoolean countWanted = new AtomicBoolean();
    private final AtomicInteger submitting = new AtomicInteger();
    private final ReentrantLock lock = new ReentrantLock();
    private final Deque<Frame> early = new ArrayDeque<>();
    private @Nullable Object due;
    private @Nullable Run current;
    private int strangers;

    RunWatch(
            ComfySettings.Pace pace,
            ComfyApi api,
            ComfySocket socket,
            ServerFeatures features,
            Finder finder,
            Outputs outputs,
            RunBook book,
            Alarms alarms,
            Supplier<BackendWatcher> watcher) {
        this.pace = pace;
        this.api = api;
        this.socket = socket;
        this.features = features;
        this.finder = finder;
        this.outputs = outputs;
        this.book = book;
        this.alarms = alarms;
        this.watcher = watcher;
    }

    /** How many prompts of other people wait or run there. */
    int strangers() {
        lock.lock();
        try {
            return strangers;
        } finally {
            lock.unlock();
        }
    }

    /** A run is being handed over: messages may come before we know whose they are. */
    void submissionBegins() {
        submitting.incrementAndGet();
    }

    void submissionEnds() {
        if (submitting.decrementAndGet() == 0) {
            lock.lock();
            try {
                early.clear();
            } finally {
                lock.unlock();
            }
        }
    }

    /** The server has it, under that id. */
    void taken(Run run, String serverId) {
        boolean near = run.isThere();
        named(run, serverId);
        if (near) {
            lookForEnd(run, 0); // a message was faster than the answer
        }
        roundSoon();
    }

    /** Its id at the server is known: what came under it before is told now. */
    private void named(Run run, String serverId) {
        if (!serverId.equals(run.serverId())) {
            book.rename(run, serverId);
            List<Frame> missed;
            lock.lock();
            try {
                missed = early.stream()
                        .filter(frame ->
                                frame.promptId().filter(serverId::equals).isPresent())
                        .toList();
            } finally {
                lock.unlock();
            }
            missed.forEach(this::hear);
        }
    }

    /** Looks for one run everywhere. Not finding it the first time means little, the second time that it is lost. */
    void lookFor(Run run) {
        if (run.stage() != Run.Stage.THERE || book.isClosed()) {
            return;
        }
        CompletableFuture<Void> unused = finder.find(run.serverId(), run.id()).handle((sight, problem) -> {
            if (problem == null) { // else the rounds go on asking
                seen(run, sight, false);
            }
            return null;
        });
        roundSoon();
    }

    /** It isn't in the queue, and what is said of its end makes no sense: after some tries it has failed. */
    private void unseen(Run run, Throwable problem) {
        ComfyError nonsense = ComfyException.errorOf(problem);
        if ((nonsense instanceof ComfyError.Protocol || nonsense instanceof ComfyError.TooLarge)
                && run.nonsense() >= MOST_NONSENSE) {
            end(run, new RunOutcome.Failed(nonsense.failure(), List.of()));
        }
    }

    private void seen(Run run, Sight sight, boolean second) {
        if (run.stage() != Run.Stage.THERE) {
            return;
        }
        named(run, sight.serverId());
        run.learn(sight.classes());
        switch (sight.place()) {
            case RUNNING -> {
                run.seen();
                run.begun();
            }
            case WAITING, SOMEWHERE -> run.seen();
            case ENDED -> sight.entry().ifPresent(entry -> ended(run, entry));
            case NOWHERE -> missed(run, second);
        }
    }

    private void missed(Run run, boolean second) {
        if (second) {
            if (run.isCancelAsked()) {
                end(run, new RunOutcome.Canceled());
            } else {
                lost(run);
            }
        } else if (run.missed() == 1) {
            alarms.later(pace.grace().toMillis(), () -> lookAgain(run));
        }
    }

    private void lookAgain(Run run) {
        if (run.stage() != Run.Stage.THERE) {
            return;
        }
        CompletableFuture<Void> unused = finder.find(run.serverId(), run.id()).handle((sight, problem) -> {
            if (problem != null) {
                run.seen(); // not missed a second time: nobody could be asked
            } else {
                seen(run, sight, true);
            }
            return null;
        });
    }

    void lost(Run run) {
        book.remove(run); // it may be submitted again
        run.end(new RunOutcome.Lost());
    }

    /** It was canceled before the server heard of it. */
    void neverPosted(Run run) {
        run.isThere();
        end(run, new RunOutcome.Canceled());
    }

    private void end(Run run, RunOutcome outcome) {
        if (run.end(outcome)) {
            book.ended(run);
        }
    }

    private void ended(Run run, HistoryEntry entry) {
        CompletableFuture<Void> unused = features.now().handle((can, problem) -> {
            boolean dropped = run.isCancelAsked() && problem == null && !can.stopsRunning();
            end(run, outcome(run, entry, dropped));
            return null;
        });
    }

    private RunOutcome outcome(Run run, HistoryEntry entry, boolean dropped) {
        if (dropped) {
            return new RunOutcome.Canceled(); // it couldn't be stopped, only waited for
        }
        List<Produced> made = outputs.read(
                entry.outputs(), node -> run.counts(node, entry.item().label().outputs()));
        Optional<ComfyError> problem = Endings.problem(entry, secrets(run, entry));
        if (problem.isEmpty()) {
            return new RunOutcome.Succeeded(made);
        }
        return problem.get() instanceof ComfyError.Interrupted && run.isCancelAsked()
                ? new RunOutcome.Canceled()
                : new RunOutcome.Failed(problem.get().failure(), made);
    }

    /** What the user wrote, as far as we know it, and as far as the server does: others may have submitted it. */
    private static List<String> secrets(Run run, HistoryEntry entry) {
        List<String> secrets = new ArrayList<>(run.secrets());
        secrets.addAll(entry.item().texts());
        return secrets;
    }

    /** A message said that it is over: looks at its history until it is there. */
    private void lookForEnd(Run run, int number) {
        if (!run.beginLook()) {
            return;
        }
        CompletableFuture<Void> unused = api.history(run.serverId()).handle((entry, problem) -> {
            boolean again = run.endLook();
            if (problem == null && entry.isPresent()) {
                ended(run, entry.get());
            } else if (again) {
                lookForEnd(run, 0);
            } else if (number < END_LOOKS) {
                alarms.later(FIRST_END_LOOK_MILLIS << number, () -> lookForEnd(run, number + 1));
            } else if (problem != null) {
                unseen(run, problem);
            }
            return null;
        });
    }

    /** The next round comes at its usual time, if there is anything to look after. */
    void roundSoon() {
        Object mine = new Object();
        lock.lock();
        try {
            if (due == null) {
                due = mine;
                alarms.later(pause().toMillis(), () -> roundIfDue(mine));
            }
        } finally {
            lock.unlock();
        }
    }

    /** An alarm that another round came before does nothing. */
    private void roundIfDue(Object alarm) {
        lock.lock();
        try {
            if (due != alarm) {
                return;
            }
            due = null;
        } finally {
            lock.unlock();
        }
        round();
    }

    void roundNow() {
        lock.lock();
        try {
            due = null;
        } finally {
            lock.unlock();
        }
        round();
    }

    /** Short while there is a run of which no message may come. */
    private Duration pause() {
        String listening = socket.clientId();
        boolean heard = socket.isOpen()
                && book.there().stream().allMatch(run -> run.clientId().equals(listening));
        return heard ? pace.look() : pace.blindLook();
    }

    private void round() {
        List<Run> judged = book.there();
        boolean blind = strangers() > 0 && !socket.isOpen();
        if (book.isClosed() || (judged.isEmpty() && !blind && !countWanted.getAndSet(false))) {
            return;
        }
        if (!inRound.compareAndSet(false, true)) {
            return;
        }
        CompletableFuture<Void> unused = api.queue()
                .handle((queue, problem) -> {
                    if (problem == null) {
                        counted(queue.strangers());
                        judged.forEach(run -> judge(run, queue));
                    } else {
                        suspect(problem);
                    }
                    return null;
                })
                .handle((nothing, defect) -> {
                    inRound.set(false);
                    roundSoon();
                    return null;
                });
    }

    private void judge(Run run, QueueView queue) {
        if (run.stage() != Run.Stage.THERE) {
            return;
        }
        CompletableFuture<Void> unused = finder.find(queue, run.serverId(), run.id())
                .handle((sight, problem) -> {
                    if (problem == null) {
                        seen(run, sight, false);
                        if (sight.isInQueue() && run.isCancelAsked()) {
                            CompletableFuture<Void> unusedToo = askToStop(run); // the last time it had no effect
                        }
                    } else {
                        unseen(run, problem);
                    }
                    return null;
                });
    }

    void suspect(Throwable problem) {
        ComfyError error = ComfyException.errorOf(problem);
        if (error.saysDead()) {
            watcher.get().unreachable(error.message());
        }
    }

    private void counted(int now) {
        boolean news;
        lock.lock();
        try {
            news = strangers != now;
            strangers = now;
        } finally {
            lock.unlock();
        }
        if (news) {
            watcher.get().changed();
        }
    }

    /** Asks the server to stop it, and looks what came of it until it is over or that takes long. */
    CompletableFuture<Void> stop(Run run) {
        CompletableFuture<Void> asked = askToStop(run);
        CompletableFuture<Void> unused = asked.thenRun(() -> lookWhetherStopped(run, 0));
        roundSoon();
        return asked;
    }

    private void lookWhetherStopped(Run run, int number) {
        if (run.stage() != Run.Stage.THERE || book.isClosed()) {
            return;
        }
        CompletableFuture<Void> unused = finder.find(run.serverId(), run.id()).handle((sight, problem) -> {
            if (problem == null) {
                seen(run, sight, false);
            }
            if (number < STOP_LOOKS) {
                alarms.later(FIRST_STOP_LOOK_MILLIS << number, () -> lookWhetherStopped(run, number + 1));
                if (problem == null && sight.isInQueue()) {
                    CompletableFuture<Void> unusedToo = askToStop(run); // of copies that wait, one is gone
                }
            }
            return null;
        });
    }

    /** Never fails: rounds repeat it. */
    CompletableFuture<Void> askToStop(Run run) {
        return features.now()
                .thenCompose(can -> can.jobsCancel()
                        ? api.cancel(run.serverId()).thenCompose(answer -> {
                            if (answer.isPresent()) {
                                return CompletableFuture.<Void>completedFuture(null);
                            }
                            features.correct(can.withoutJobsCancel());
                            return stopInQueue(run, can);
                        })
                        : stopInQueue(run, can))
                .exceptionally(problem -> null);
    }

    private CompletableFuture<Void> stopInQueue(Run run, Features can) {
        return api.queue()
                .thenCompose(queue -> finder.inQueue(queue, run.serverId(), run.id()))
                .thenCompose(sight -> {
                    if (sight.isEmpty()) {
                        return CompletableFuture.completedFuture(null);
                    }
                    if (sight.get().place() == Sight.Place.WAITING) {
                        return api.deletePending(sight.get().serverId());
                    }
                    return can.interruptById()
                            ? api.interrupt(sight.get().serverId())
                            : CompletableFuture.completedFuture(null); // an interrupt could hit somebody else's
                });
    }

    /** A small picture; of the run named, or of the one that runs. */
    void preview(Optional<String> promptId, Preview preview) {
        Optional<Run> run = promptId.isPresent() ? promptId.flatMap(book::find) : Optional.ofNullable(current());
        run.ifPresent(known -> known.mailbox().preview(preview));
    }

    /** A message of the websocket. */
    void frame(Frame frame) {
        if (frame.remaining() >= 0) {
            remaining(frame.remaining());
        }
        hear(frame);
    }

    /** Messages may be missing from now on. */
    void deaf() {
        current(null);
        CompletableFuture<Void> unused = api.systemStats().handle((version, problem) -> {
            if (problem != null) {
                suspect(problem);
            }
            return null;
        });
        roundNow();
    }

    private @Nullable Run current() {
        lock.lock();
        try {
            return current;
        } finally {
            lock.unlock();
        }
    }

    private void current(@Nullable Run run) {
        lock.lock();
        try {
            current = run;
        } finally {
            lock.unlock();
        }
    }

    /** Another number of prompts than ours and theirs: then the next round counts them. */
    private void remaining(int count) {
        int ours = book.there().size() + submitting.get();
        int theirs = strangers();
        if (count == 0) {
            counted(0);
        } else if (count != ours + theirs) {
            countWanted.set(true);
            if (theirs == 0 && count > ours) {
                counted(count - ours); // as far as we know
            }
            roundSoon();
        }
    }

    private void hear(Frame frame) {
        Optional<Run> run;
        if (frame.promptId().isPresent()) {
            run = book.find(frame.promptId().get());
            if (run.isEmpty()) {
                keepEarly(frame);
                return;
            }
        } else {
            run = frame.type().equals("progress") ? Optional.ofNullable(current()) : Optional.empty();
        }
        run.ifPresent(known -> hear(known, frame));
    }

    private void hear(Run run, Frame frame) {
        if (frame.isEnd()) {
            current(null);
            if (run.endIsNear()) {
                lookForEnd(run, 0);
            }
            return;
        }
        switch (frame.type()) {
            case "execution_start", "execution_cached", "executing", "executed", "progress", "progress_state" -> {
                if (frame.type().startsWith("execut")) {
                    current(run);
                }
                run.begun();
                run.progress(frame);
            }
            default -> {}
        }
    }

    /** A server with ids of its own may begin before it has answered: then nobody knows yet whose it is. */
    private void keepEarly(Frame frame) {
        if (submitting.get() > 0) {
            lock.lock();
            try {
                if (early.size() < MOST_EARLY) {
                    early.add(frame);
                }
            } finally {
                lock.unlock();
            }
        }
    }
}
