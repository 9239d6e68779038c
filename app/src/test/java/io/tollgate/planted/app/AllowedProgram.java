package io.tollgate.planted.app;

/** May do all that others may not. */
public final class AllowedProgram {
    java.time.Instant time() {
        return java.time.Instant.now();
    }

    com.google.inject.Injector injector() {
        return com.google.inject.Guice.createInjector();
    }

    Thread thread() {
        return new Thread(this::time);
    }
}
