package io.tollgate.bench;

import io.tollgate.queue.Tollgate;
import io.tollgate.queue.dispatch.Lines;
import io.tollgate.queue.event.JobEvent;
import io.tollgate.queue.gate.JobRequest;
import io.tollgate.queue.job.JobCommand;
import io.tollgate.queue.job.JobCommand.SubmitResult;
import io.tollgate.queue.job.WaitingJob;
import io.tollgate.queue.memory.MemoryMediaStore;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** How long it takes from opening a database with many waiting jobs until the first is run. */
final class StartUp {
    private static final Figure.Target TARGET = new Figure.Target(Figure.Rule.AT_MOST, 10);
    private static final int SLOTS = 8;
    private static final int KEPT = 100_000;
    private static final long STUCK_SECONDS = 120;

    private final ScaleReport report;

    StartUp(ScaleReport report) {
        this.report = report;
    }

    /** The file's pages are in the system's memory, as after a restart of the process; the parts follow each other. */
    void measure(Templates templates, Load load) throws Exception {
        Path home = templates.copy(new StoreContender(load.workload()), load);
        ExecutorService io = Executors.newFixedThreadPool(2, Node.DAEMONS);
        CountDownLatch started = new CountDownLatch(1);
        Workload workload = load.workload();
        Clock clock = new Clock(load);
        try (Node node = Node.open(home, workload)) {
            clock.part("1 open and migrate");
            node.store
                    .execute(new JobCommand.ProvideSlots(InstantBackend.ID, SLOTS))
                    .toCompletableFuture()
                    .join();
            clock.part("2 the writer's state");
            try (Tollgate tollgate = Tollgate.builder()
                    .store(node.store)
                    .policy(workload.policy())
                    .media(new MemoryMediaStore())
                    .workflows(workload.recipes())
                    .backend(new InstantBackend(SLOTS, number -> started.countDown()))
                    .threads(node.work, io)
                    .listener(event -> heard(event, node))
                    .build()) {
                clock.part("3 the lines, limits and run times");
                tollgate.start();
                clock.part("4 slots and leftovers");
                SubmitResult result = tollgate.submitAsync(JobRequest.of(
                                        workload.user(0), workload.workflow(0).value())
                                .with(Noop.NUMBER, load.stock().submitted() + 1))
                        .toCompletableFuture()
                        .join();
                if (!(result instanceof SubmitResult.Accepted)) {
                    throw new IllegalStateException("tollgate refused: " + result);
                }
                clock.part("5 first job accepted");
                if (!started.await(STUCK_SECONDS, TimeUnit.SECONDS)) {
                    throw new IllegalStateException("tollgate: no job started");
                }
                clock.part("6 first job started");
                clock.whole();
            }
            again(node, load);
            node.checkUnharmed();
        } finally {
            io.shutdownNow();
            Directories.delete(home);
        }
    }

    private static void heard(JobEvent event, Node node) {
        if (event instanceof JobEvent.Fault fault) {
            node.failed(fault.problem());
        }
    }

    /** What the lines take is reading and putting in: each by itself. */
    private void again(Node node, Load load) {
        List<WaitingJob> some = new ArrayList<>();
        long[] read = new long[1];
        Clock clock = new Clock(load);
        node.store.forEachWaiting(job -> {
            if (read[0]++ < KEPT) {
                some.add(job);
            }
        });
        clock.part("of 3: reading the rows, again");
        Lines lines = new Lines();
        Instant now = Instant.now();
        some.forEach(job -> lines.put(job, now));
        clock.part("of 3: putting the first 100,000 in their lines");
    }

    /** Notes how long each part took. */
    private final class Clock {
        private final Load load;
        private final long begin = System.nanoTime();
        private long last = begin;

        Clock(Load load) {
            this.load = load;
        }

        void part(String name) {
            long now = System.nanoTime();
            note("start-up: " + name, Figure.Target.NONE, now - last);
            last = now;
        }

        void whole() {
            note("start-up", TARGET, last - begin);
        }

        private void note(String measure, Figure.Target target, long nanos) {
            report.add(new Figure.Name("startup", measure, "s", false, "tollgate", target), load.label(), nanos / 1e9);
        }
    }
}
