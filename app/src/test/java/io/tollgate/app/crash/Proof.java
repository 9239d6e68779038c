package io.tollgate.app.crash;

/** Whether the long runs were asked for, with {@code -Pproof}. */
final class Proof {
    static final boolean ASKED_FOR = Boolean.getBoolean("tollgate.proof");

    private Proof() {}
}
