package io.tollgate.app.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.tollgate.queue.job.QueueSwitch;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Stops a node dead right before and right after each commit and each call to its backend, starts it again, and looks
 * whether anything was lost or done twice. A plain build tries the points that hurt most; {@code -Pproof} tries all.
 */
final class KillPointTest {

    private static final int SLOTS = 6;

    /** Deliveries that the dead node had in hand are due again after a while. */
    private static final Duration LATER = Duration.ofMinutes(5);

    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "backend.submit.before:1",
                "backend.submit.after:1",
                "Succeed.before:1",
                "ReportDelivery.before:1",
                "Expire.after:1",
                "Resolve.after:1"
            })
    void nodeThatStoppedDead_atOnePoint_losesNothingAndDoesNothingTwice(String point) throws Exception {
        assertThat(faultsAfter(point, directory)).isEmpty();
    }

    @Test
    void nodeThatStoppedDead_atEveryPoint_losesNothingAndDoesNothingTwice() throws Exception {
        assumeTrue(Proof.ASKED_FOR, "only with -Pproof");
        Map<String, Integer> points = new TreeMap<>();
        try (SurvivingServer server = new SurvivingServer(0, SLOTS);
                ChildProcess node = node(directory.resolve("whole"), server, "nowhere:1")) {
            node.awaitLine("IDLE");
            node.kill();
            node.seen("AT ").forEach(name -> points.merge(name, 1, Integer::sum));
        }
        assertThat(points).containsKeys(mustBePassed());

        List<String> faults = new ArrayList<>();
        int stops = 0;
        for (Map.Entry<String, Integer> point : points.entrySet()) {
            int times = point.getValue();
            for (int occurrence : new TreeSet<>(List.of(1, (times + 1) / 2, times))) {
                String where = point.getKey() + ":" + occurrence;
                Path place = directory.resolve(where.replace(':', '-'));
                faultsAfter(where, place).forEach(fault -> faults.add(where + ": " + fault));
                stops++;
            }
        }

        assertThat(faults).isEmpty();
        System.out.printf("%d stops at %d points: nothing lost, nothing run twice%n", stops, points.size());
    }

    private static String[] mustBePassed() {
        List<String> points = new ArrayList<>(List.of("commit.after"));
        for (String name : List.of(
                "Submit",
                "Claim",
                "Mark",
                "Succeed",
                "Fail",
                "Cancel",
                "Renew",
                "TakeOver",
                "ProvideSlots",
                "TakeDeliveries",
                "ReportDelivery",
                "Redeliver",
                "Expire",
                "Promote",
                "Resolve",
                "SetLimit",
                "SwitchQueue",
                "ledger.GrantCredits",
                "ledger.Adjust",
                "ledger.AssignTier",
                "backend.probe",
                "backend.submit",
                "backend.find",
                "backend.attach",
                "backend.cancel",
                "backend.collect",
                "backend.forget",
                "listener.started",
                "listener.ended")) {
            points.add(name + ".before");
            points.add(name + ".after");
        }
        return points.toArray(String[]::new);
    }

    private static List<String> faultsAfter(String point, Path place) throws Exception {
        Path data = place.resolve("data");
        try (SurvivingServer server = new SurvivingServer(0, SLOTS)) {
            ChildProcess dead = stop(place, server, point);
            List<String> faults = new ArrayList<>(Deeds.missing(data, dead.seen("DID "), dead.seen("END ")));
            InstantSource clock = () -> Instant.now().plus(LATER);
            try (Node node = Node.open(data, server.port(), event -> {}, clock, Node.NO_HALTS)) {
                node.tollgate()
                        .operations()
                        .switchQueue(Deeds.LOT, QueueSwitch.Mode.OPEN, "test")
                        .toCompletableFuture()
                        .join();
                node.awaitIdle();
                node.awaitDelivered();
            }
            faults.addAll(new Aftermath(data, server.counts())
                    .acknowledged(dead.seen("ACK "))
                    .faults());
            return faults;
        }
    }

    /** Runs a node until it stops at the point. Returns what is left of it. */
    private static ChildProcess stop(Path place, SurvivingServer server, String point) throws Exception {
        try (ChildProcess node = node(place, server, point)) {
            boolean idle = node.awaitLineOrEnd("IDLE");
            node.kill();
            // how often a point is passed differs a little from run to run, but all are passed once
            assertThat(idle && point.endsWith(":1")).as("went past %s", point).isFalse();
            assertThat(idle || node.exitCode() == Halts.EXIT_CODE)
                    .as("ended with %s at %s", node.exitCode(), point)
                    .isTrue();
            return node;
        }
    }

    private static ChildProcess node(Path place, SurvivingServer server, String point) throws Exception {
        Files.createDirectories(place);
        return ChildProcess.start(
                place.resolve("node.log"),
                CrashNode.class,
                place.resolve("data").toString(),
                String.valueOf(server.port()),
                "script",
                point);
    }
}
