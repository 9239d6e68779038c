package io.tollgate.comfyui.sim;

import java.time.Duration;
import java.time.InstantSource;
import java.util.Set;
import java.util.function.DoubleSupplier;

/**
 * What all lives of one simulator share.
 *
 * @param historyDelay how long after the terminal frame the history is written
 * @param timeScale what a second of a sleeping node, and of the progress throttle, really takes
 * @param samplerStep how long one step of a sampler takes, before scaling
 * @param held the node classes that a test holds
 * @param die ends this life soon and begins the next; returns at once
 */
record Settings(
        ComfyVersion version,
        FileRoom files,
        NodeCatalog catalog,
        NodeCatalog.Models models,
        Duration historyDelay,
        DoubleSupplier timeScale,
        Duration samplerStep,
        InstantSource clock,
        Faults faults,
        Witness witness,
        Set<String> held,
        Runnable die) {}
