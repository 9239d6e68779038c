package io.tollgate.planted.sql;

import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ThreadFactory;

final class StartsThreads {
    ThreadFactory reference() {
        return Thread::new;
    }

    List<Object> all() {
        return List.of(
                new Thread(this::all),
                Executors.newCachedThreadPool(),
                ForkJoinPool.commonPool(),
                new java.util.Timer());
    }
}
