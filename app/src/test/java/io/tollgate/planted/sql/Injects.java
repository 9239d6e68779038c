package io.tollgate.planted.sql;

final class Injects {
    com.google.inject.Injector injector() {
        return com.google.inject.Guice.createInjector();
    }
}
