package io.tollgate.java2d;

import io.tollgate.queue.backend.Mailbox;
import io.tollgate.queue.backend.RunListener;
import io.tollgate.queue.backend.RunRequest;
import io.tollgate.queue.job.RunId;
import java.nio.file.Path;

/** One run at this backend. {@link #stage} and {@link #forgotten} are guarded by the backend's lock. */
final class Run {
    private final RunRequest request;
    private final Recipe.Render render;
    private final Path folder;
    private final StopSign stop = new StopSign();
    private final Mailbox mailbox;
    private Stage stage = Stage.WAITING;
    private boolean forgotten;

    Run(RunRequest request, Recipe.Render render, Path folder, RunListener listener) {
        this.request = request;
        this.render = render;
        this.folder = folder;
        this.mailbox = new Mailbox(listener);
    }

    /** How far it is. */
    enum Stage {
        WAITING,
        RUNNING,
        ENDED
    }

    RunId id() {
        return request.runId();
    }

    RunRequest request() {
        return request;
    }

    Recipe.Render render() {
        return render;
    }

    Path folder() {
        return folder;
    }

    StopSign stop() {
        return stop;
    }

    Mailbox mailbox() {
        return mailbox;
    }

    Stage stage() {
        return stage;
    }

    void stage(Stage next) {
        stage = next;
    }

    boolean forgotten() {
        return forgotten;
    }

    void forgotten(boolean yes) {
        forgotten = yes;
    }
}
