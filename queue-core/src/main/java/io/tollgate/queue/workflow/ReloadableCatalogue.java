package io.tollgate.queue.workflow;

import java.util.concurrent.locks.ReentrantLock;

/**
 * The catalogue that is in use, and a way to read it again while the program runs. Who took {@link #current()} keeps
 * what they saw. Safe for use by many threads.
 */
public final class ReloadableCatalogue {
    private final WorkflowSource source;
    private final ReentrantLock loading = new ReentrantLock(); // so that the last to load is the last to set
    private volatile Catalogue current;

    /**
     * Loads the catalogue.
     *
     * @throws InvalidWorkflowException if a workflow can't be used
     */
    public ReloadableCatalogue(WorkflowSource source) {
        this.source = source;
        this.current = Catalogue.of(source.load());
    }

    /** The catalogue as it was loaded last. */
    public Catalogue current() {
        return current;
    }

    /**
     * Loads it again.
     *
     * @return what is in use from now on
     * @throws InvalidWorkflowException if a workflow can't be used; then the old catalogue stays in use
     */
    public Catalogue reload() {
        loading.lock();
        try {
            Catalogue loaded = Catalogue.of(source.load());
            current = loaded;
            return loaded;
        } finally {
            loading.unlock();
        }
    }
}
