package io.tollgate.queue.test;

import io.tollgate.credits.ledger.LedgerStore;
import io.tollgate.credits.ledger.StoreUnavailableException;
import io.tollgate.queue.job.JobStore;
import io.tollgate.queue.memory.MemoryStore;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A store that can be away for a while. */
public final class ShakyStore {
    /** Both ports in one. */
    public interface Both extends JobStore, LedgerStore {}

    private final Both store;
    public volatile boolean down;
    /** The commands that a defect keeps from being executed, if any. */
    public volatile @Nullable Class<?> broken;

    private final AtomicInteger failures = new AtomicInteger();

    public ShakyStore(MemoryStore memory) {
        this.store = (Both) Proxy.newProxyInstance(
                Both.class.getClassLoader(), new Class<?>[] {Both.class}, (proxy, method, arguments) -> {
                    if (down && !method.getName().equals("onCommit")) {
                        failures.incrementAndGet();
                        StoreUnavailableException away = new StoreUnavailableException("the database is away");
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
                        return method.invoke(memory, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause() == null ? e : e.getCause();
                    }
                });
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
