package io.tollgate.queue.test;

import io.tollgate.credits.ledger.LedgerStore;
import io.tollgate.credits.ledger.StoreException;
import io.tollgate.credits.ledger.StoreUnavailableException;
import io.tollgate.queue.job.JobStore;
import io.tollgate.queue.memory.MemoryStore;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A store that can be away for a while. */
public final class ShakyStore {
    /** Both ports in one. */
    public interface Both extends JobStore, LedgerStore {}

    /** What a store says that doesn't know whether a commit came about. */
    private static final class InDoubtException extends StoreException {
        private static final long serialVersionUID = 1L;

        InDoubtException() {
            super("nobody knows whether it was stored", null);
        }
    }

    private final Both store;
    public volatile boolean down;
    /** Whether it can be read while it is down, but can't say what became of a command. */
    public volatile boolean inDoubt;
    /** The commands that a defect keeps from being executed, if any. */
    public volatile @Nullable Class<?> broken;

    /** The commands that are executed, but whose answers are lost, if any. */
    public volatile @Nullable Class<?> mute;

    /** The commands that are executed, but whose answers wait for {@link #answerLate}, if any. */
    public volatile @Nullable Class<?> late;

    private final Queue<Runnable> owed = new ConcurrentLinkedQueue<>();

    private final AtomicInteger failures = new AtomicInteger();

    public ShakyStore(MemoryStore memory) {
        this.store = (Both) Proxy.newProxyInstance(
                Both.class.getClassLoader(), new Class<?>[] {Both.class}, (proxy, method, arguments) -> {
                    boolean command = method.getName().equals("execute");
                    if (down && (inDoubt ? command : !method.getName().equals("onCommit"))) {
                        failures.incrementAndGet();
                        StoreException away = inDoubt
                                ? new InDoubtException()
                                : new StoreUnavailableException("the database is away");
                        if (method.getReturnType() == CompletionStage.class) {
                            return CompletableFuture.failedFuture(away);
                        }
                        throw away;
                    }
                    Class<?> defect = broken;
                    if (defect != null && arguments != null && defect.isInstance(arguments[0])) {
                        return CompletableFuture.failedFuture(new IllegalStateException("a defect of the store"));
                    }
                    try {
                        Class<?> lost = mute;
                        if (lost != null && arguments != null && lost.isInstance(arguments[0])) {
                            method.invoke(memory, arguments);
                            return CompletableFuture.failedFuture(new InDoubtException());
                        }
                        Class<?> waiting = late;
                        if (waiting != null && arguments != null && waiting.isInstance(arguments[0])) {
                            return owing((CompletionStage<?>) method.invoke(memory, arguments));
                        }
                        return method.invoke(memory, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause() == null ? e : e.getCause();
                    }
                });
    }

    private <T> CompletionStage<T> owing(CompletionStage<T> answer) {
        CompletableFuture<T> told = new CompletableFuture<>();
        owed.add(() -> answer.thenAccept(told::complete));
        return told;
    }

    /** Gives the answers that are owed. */
    public void answerLate() {
        for (Runnable next = owed.poll(); next != null; next = owed.poll()) {
            next.run();
        }
    }

    /** How many calls failed. */
    public int failures() {
        return failures.get();
    }

    /** The store as its users see it. */
    public Both store() {
        return store;
    }
}
