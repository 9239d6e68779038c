package io.tollgate.comfyui.sim;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;

/**
 * One run that the worker really began, whatever clients were told of it. It is remembered across restarts, so that a
 * test can tell a run that happened twice.
 *
 * @param promptId the id of the prompt; the same id may appear several times
 * @param clientId who posted it
 * @param extraData its extra data as the queue had it; not to be changed
 * @param number its place in the queue, the smaller the sooner
 * @param life which life of the server it was, counted from 1
 * @param foreign whether the simulator itself had put it there for somebody else
 * @param startedNanos when it began, by {@link System#nanoTime}
 * @param endedNanos when it ended, by {@link System#nanoTime}; 0 while it runs
 * @param ending how it ended
 */
public record Execution(
        String promptId,
        Optional<String> clientId,
        JsonNode extraData,
        double number,
        int life,
        boolean foreign,
        long startedNanos,
        long endedNanos,
        Ending ending) {

    /** How a run ended. */
    public enum Ending {
        /** It has not. */
        RUNNING,
        /** All of its outputs were made or cached. */
        SUCCEEDED,
        /** A node raised an error. */
        FAILED,
        /** Somebody interrupted it. */
        INTERRUPTED,
        /** The server died in it. */
        LOST
    }

    Execution ended(long at, Ending how) {
        return new Execution(promptId, clientId, extraData, number, life, foreign, startedNanos, at, how);
    }
}
