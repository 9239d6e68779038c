package io.tollgate.app.container;

import io.tollgate.comfyui.CallWatcher;
import io.tollgate.queue.job.BackendId;

/** Who hears of the calls to each backend that is a server. */
@FunctionalInterface
interface BackendCalls {
    /** Whoever hears of the calls to this one. */
    CallWatcher watcher(BackendId id);
}
