package io.tollgate.bench;

/** One contender's queue over one database. Safe for use by many threads, but for {@link #close}. */
interface Session extends AutoCloseable {
    /**
     * Submits one job and returns once it is durable.
     *
     * @param number names the job; no other of this session has it
     */
    void submit(long number) throws Exception;

    /** Submits the jobs {@code first} to {@code first + count - 1} the quickest way there is; off the clock. */
    void submitAll(long first, int count) throws Exception;

    /** Starts to run the jobs that are and will be there. At most one engine runs at a time. */
    Engine start(int workers, Work work) throws Exception;

    /** The submitted jobs that are not durably done; called while no engine runs. */
    long openJobs() throws Exception;

    /** Throws {@link IllegalStateException} if the books are wrong; called while no engine runs. */
    default void checkBooks() throws Exception {}

    @Override
    void close();

    /** What runs jobs. */
    interface Engine extends AutoCloseable {
        /** Starts no more jobs and waits for those that run. */
        @Override
        void close();
    }

    /** What a job does: nothing, but it is seen. Safe for use by many threads. */
    interface Work {
        /** The job has been claimed durably and runs now. */
        void started(long number);

        /** The job is durably done. */
        void finished(long number);
    }
}
