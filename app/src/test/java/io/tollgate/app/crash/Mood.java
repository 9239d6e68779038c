package io.tollgate.app.crash;

import io.tollgate.queue.job.InputValue;
import io.tollgate.queue.job.QueuedJob;
import java.util.Locale;
import java.util.Map;

/** How a {@link SurvivingServer} treats one run. */
enum Mood {
    /** As it should. */
    HONEST,
    /** Takes the run and is slow to say so. */
    SLOW,
    /** Takes the run and never says so. */
    SILENT,
    /** Takes the run and hangs up. */
    LOST,
    /** Takes the run, hangs up, and doesn't know the run when it is first asked. */
    HIDDEN,
    /** Takes the run, hangs up, and doesn't know the run however often it is asked; a lie that costs a second run. */
    DENIED,
    /** Hangs up without taking the run. */
    DROPPED,
    /** Tells the end twice, the second time another one. */
    TWICE;

    /** The input's value. */
    String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    static Mood of(QueuedJob job) {
        return of(job.spec().inputs());
    }

    static Mood of(Map<String, InputValue> inputs) {
        return inputs.get("mood") instanceof InputValue.Text text
                ? valueOf(text.value().toUpperCase(Locale.ROOT))
                : HONEST;
    }

    /** Whether a run that was taken may be given up for lost. */
    boolean deniesRuns() {
        return this == DENIED || this == DROPPED;
    }
}
