package io.tollgate.app.crash;

import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * The named points that a process passes, and the one at which it stops dead, as if it had been killed: no hook runs,
 * no buffer is flushed. Safe for use by many threads.
 */
final class Halts {
    /** What a process says that was killed by SIGKILL. */
    static final int EXIT_CODE = 137;

    private final String fatal;
    private final int occurrence;
    private final Consumer<String> passed;
    private final Map<String, AtomicInteger> counts = new ConcurrentHashMap<>();

    /**
     * @param where {@code NAME:N} to stop at the point of that name when it is passed for the Nth time, counted from 1
     * @param passed hears the name of each point that is passed
     */
    Halts(String where, Consumer<String> passed) {
        int colon = where.lastIndexOf(':');
        this.fatal = where.substring(0, colon);
        this.occurrence = Integer.parseInt(where.substring(colon + 1));
        this.passed = passed;
    }

    void pass(String name) {
        int count = counts.computeIfAbsent(name, first -> new AtomicInteger()).incrementAndGet();
        passed.accept(name);
        if (name.equals(fatal) && count == occurrence) {
            Runtime.getRuntime().halt(EXIT_CODE);
        }
    }

    /** Passes a point before a question is asked, and one when it is answered, before anybody hears the answer. */
    <T> CompletionStage<T> around(String name, Supplier<CompletionStage<T>> question) {
        pass(name + ".before");
        return question.get().whenComplete((answer, problem) -> pass(name + ".after"));
    }

    /** Passes a point before and one after a deed. */
    void around(String name, Runnable deed) {
        pass(name + ".before");
        deed.run();
        pass(name + ".after");
    }
}
