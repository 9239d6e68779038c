package io.tollgate.comfyui;

import io.tollgate.queue.backend.RunOutcome;
import io.tollgate.queue.backend.Submission;
import io.tollgate.queue.event.Progress;
import io.tollgate.queue.job.RunId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** A run that we look after: submitted here, or attached to. Safe for use by many threads. */
final class Run {
    /** Where it stands, as far as we know. */
    enum Stage {
        /** It is being handed over: that the server doesn't know it means nothing yet. */
        SUBMITTING,
        /** The server has it, or may have it. */
        THERE,
        /** It is over and its outcome is known. */
        ENDED
    }

    private final RunId id;
    private final Mailbox mailbox;
    private final ReentrantLock lock = new ReentrantLock();
    private String serverId;
    private @Nullable CompletableFuture<Submission> submission;
    private RunProgress progress = new RunProgress(Map.of());
    private boolean graphKnown;
    private Set<String> outputs = Set.of();
    private List<String> secrets = List.of();
    private Stage stage = Stage.THERE;
    private boolean attached;
    private String clientId = "";
    private boolean cancelAsked;
    private boolean looking;
    private boolean lookAgain;
    private boolean begun;
    private boolean endNear;
    private int missed;
    private int nonsense;

    Run(RunId id, Mailbox mailbox) {
        this.id = id;
        this.mailbox = mailbox;
        this.serverId = id.toString();
    }

    RunId id() {
        return id;
    }

    Mailbox mailbox() {
        return mailbox;
    }

    /** What the server knows it by. */
    String serverId() {
        lock.lock();
        try {
            return serverId;
        } finally {
            lock.unlock();
        }
    }

    void serverId(String given) {
        lock.lock();
        try {
            serverId = given;
        } finally {
            lock.unlock();
        }
    }

    Stage stage() {
        lock.lock();
        try {
            return stage;
        } finally {
            lock.unlock();
        }
    }

    /** The submission that goes on or was accepted, if it was submitted here. */
    Optional<CompletableFuture<Submission>> submission() {
        lock.lock();
        try {
            return Optional.ofNullable(submission);
        } finally {
            lock.unlock();
        }
    }

    /** It is being handed over from now on; false if it is already, or has ended. */
    boolean beginSubmission(CompletableFuture<Submission> answer) {
        lock.lock();
        try {
            if (submission != null || stage == Stage.ENDED) {
                return false;
            }
            submission = answer;
            stage = Stage.SUBMITTING;
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** The server has it, or may have it. Returns whether a message said meanwhile that it is over. */
    boolean isThere() {
        lock.lock();
        try {
            if (stage == Stage.SUBMITTING) {
                stage = Stage.THERE;
            }
            missed = 0;
            return endNear;
        } finally {
            lock.unlock();
        }
    }

    /** A message said that it is over. Returns whether to look for that now; else {@link #isThere} tells it. */
    boolean endIsNear() {
        lock.lock();
        try {
            endNear = true;
            return stage == Stage.THERE;
        } finally {
            lock.unlock();
        }
    }

    /** The submission came to nothing that is certain: another one may be tried. */
    void submissionFailed() {
        lock.lock();
        try {
            submission = null;
            if (stage == Stage.SUBMITTING) {
                stage = Stage.THERE;
            }
        } finally {
            lock.unlock();
        }
    }

    /** Somebody waits for it who did not submit it. */
    void attached() {
        lock.lock();
        try {
            attached = true;
        } finally {
            lock.unlock();
        }
    }

    boolean isAttached() {
        lock.lock();
        try {
            return attached;
        } finally {
            lock.unlock();
        }
    }

    /** The websocket it was submitted under; empty if it wasn't submitted here. */
    String clientId() {
        lock.lock();
        try {
            return clientId;
        } finally {
            lock.unlock();
        }
    }

    void clientId(String used) {
        lock.lock();
        try {
            clientId = used;
        } finally {
            lock.unlock();
        }
    }

    /** What is known of its graph. */
    void graph(Map<String, String> classes, Set<String> counting, List<String> userTexts) {
        lock.lock();
        try {
            progress = new RunProgress(classes);
            graphKnown = !classes.isEmpty();
            outputs = Set.copyOf(counting);
            secrets = List.copyOf(userTexts);
        } finally {
            lock.unlock();
        }
    }

    /** The classes of its nodes as the server tells them, if nobody here knows. */
    void learn(Map<String, String> classes) {
        lock.lock();
        try {
            if (!graphKnown && !classes.isEmpty()) {
                progress = new RunProgress(classes);
                graphKnown = true;
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Whether the outputs of that node count; what the run itself carries stands in when it was submitted elsewhere.
     */
    boolean counts(String node, List<String> labeled) {
        lock.lock();
        try {
            return outputs.isEmpty() ? labeled.isEmpty() || labeled.contains(node) : outputs.contains(node);
        } finally {
            lock.unlock();
        }
    }

    List<String> secrets() {
        lock.lock();
        try {
            return secrets;
        } finally {
            lock.unlock();
        }
    }

    void begun() {
        lock.lock();
        try {
            if (begun || stage == Stage.ENDED) {
                return;
            }
            begun = true;
        } finally {
            lock.unlock();
        }
        mailbox.started();
    }

    boolean hasBegun() {
        lock.lock();
        try {
            return begun;
        } finally {
            lock.unlock();
        }
    }

    void progress(Frame frame) {
        Optional<Progress> news;
        lock.lock();
        try {
            news = progress.after(frame);
        } finally {
            lock.unlock();
        }
        news.ifPresent(mailbox::progress);
    }

    /** It is over; false if it was already. */
    boolean end(RunOutcome outcome) {
        lock.lock();
        try {
            if (stage == Stage.ENDED) {
                return false;
            }
            stage = Stage.ENDED;
        } finally {
            lock.unlock();
        }
        if (outcome instanceof RunOutcome.Succeeded || outcome instanceof RunOutcome.Failed) {
            mailbox.started(); // once, if nobody saw it
        }
        mailbox.ended(outcome);
        return true;
    }

    /** It shall stop. */
    void askCancel() {
        lock.lock();
        try {
            cancelAsked = true;
        } finally {
            lock.unlock();
        }
    }

    boolean isCancelAsked() {
        lock.lock();
        try {
            return cancelAsked;
        } finally {
            lock.unlock();
        }
    }

    /** Whether to look now; false if somebody looks already, who will look once more then. */
    boolean beginLook() {
        lock.lock();
        try {
            lookAgain = looking;
            if (looking || stage != Stage.THERE) {
                return false;
            }
            looking = true;
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Whether somebody asked for another look meanwhile. */
    boolean endLook() {
        lock.lock();
        try {
            looking = false;
            boolean again = lookAgain;
            lookAgain = false;
            return again && stage == Stage.THERE;
        } finally {
            lock.unlock();
        }
    }

    /** The server was asked and knows it. */
    void seen() {
        lock.lock();
        try {
            missed = 0;
            nonsense = 0;
        } finally {
            lock.unlock();
        }
    }

    /** The server was asked and doesn't know it. Returns how often in a row. */
    int missed() {
        lock.lock();
        try {
            return ++missed;
        } finally {
            lock.unlock();
        }
    }

    /** The server was asked how it ended, and the answer makes no sense. Returns how often in a row. */
    int nonsense() {
        lock.lock();
        try {
            return ++nonsense;
        } finally {
            lock.unlock();
        }
    }
}
