package io.tollgate.app.container;

/** What a container does with its data directory. */
public enum Access {
    /** Looks at it; another process may write there. */
    READ,
    /** Changes it, but runs no jobs. */
    WRITE,
    /** Changes it and runs jobs. */
    WORK
}
