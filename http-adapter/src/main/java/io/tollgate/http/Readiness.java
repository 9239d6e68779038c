package io.tollgate.http;

import io.tollgate.credits.account.UserId;
import io.tollgate.queue.Tollgate;
import io.tollgate.queue.backend.BackendStatus;
import io.tollgate.queue.pull.PullBackend;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Whether the server is of use now, and if not, why. Safe for use by many threads. */
final class Readiness {
    private static final UserId NOBODY = new UserId("readiness");

    private final Tollgate tollgate;
    private final InstantSource clock;
    private volatile boolean open;

    Readiness(Tollgate tollgate, InstantSource clock) {
        this.tollgate = tollgate;
        this.clock = clock;
    }

    /**
     * How it is.
     *
     * @param checks what was looked at, and {@code ok} or what is wrong
     */
    record State(boolean ready, Map<String, String> checks) {}

    void open() {
        open = true;
    }

    void close() {
        open = false;
    }

    State state() {
        Map<String, String> checks = new LinkedHashMap<>();
        checks.put("server", open ? "ok" : "stopping");
        checks.put("store", store());
        List<BackendStatus> backends = tollgate.operations().backends();
        long well = backends.stream()
                .filter(backend -> backend.state() == BackendStatus.State.READY)
                .count();
        // workers come by themselves, and must find a server that is ready
        boolean workersMayCome =
                backends.stream().anyMatch(backend -> backend.type().equals(PullBackend.TYPE));
        checks.put(
                "backends",
                well > 0 || workersMayCome
                        ? "ok"
                        : backends.isEmpty() ? "none configured" : "none of " + backends.size() + " is ready");
        return new State(checks.values().stream().allMatch("ok"::equals), checks);
    }

    private String store() {
        try {
            tollgate.credits().account(NOBODY);
            return "ok";
        } catch (RuntimeException away) {
            return "can't be read at " + clock.instant();
        }
    }
}
