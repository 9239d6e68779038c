package io.tollgate.bench;

import java.nio.file.Path;

/** The floor: what hand-written JDBC reaches when callers share commits and the ledger is the least there can be. */
final class FloorContender implements Contender {
    static final String NAME = "floor";

    private final Workload workload;

    FloorContender() {
        this(Workload.RACE);
    }

    /** @param workload of which its users count; it knows no models */
    FloorContender(Workload workload) {
        this.workload = workload;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public boolean hasLedger() {
        return true;
    }

    @Override
    public Session open(Path dir) throws Exception {
        return new FloorSession(dir, workload.users(), true);
    }

    @Override
    public Session reopen(Path dir, long submitted) throws Exception {
        return new FloorSession(dir, workload.users(), false);
    }
}
