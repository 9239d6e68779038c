package io.tollgate.http;

/** Where things are. */
final class Paths {
    static final String API = "/api/v2";
    static final String ADMIN = "/api/admin";
    static final String WORKER = "/api/worker";

    private Paths() {}
}
