package io.tollgate.app.container;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.tollgate.app.catalog.CatalogFiles;
import io.tollgate.app.config.ConfigLoader;
import io.tollgate.app.config.TollgateConfig;
import io.tollgate.app.log.JobLog;
import io.tollgate.queue.event.JobEvent;
import io.tollgate.queue.job.RetryPolicy;
import io.tollgate.queue.job.WorkflowName;
import io.tollgate.queue.workflow.Catalogue;
import io.tollgate.queue.workflow.InvalidWorkflowException;
import io.tollgate.queue.workflow.ReloadableCatalogue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

final class CatalogueWatchTest {
    private static final long PATIENCE = Duration.ofSeconds(30).toNanos();
    private static final String PLAIN = "title = T\nqueue = image\nmodel = m\nprice = 1\nrecipes.java2d.recipe = r\n";

    @TempDir
    private Path around;

    private Path dir = Path.of("");
    private int reads;
    private int broken;
    private Optional<ReloadableCatalogue> catalogue = Optional.empty();
    private Optional<CatalogueWatch> watch = Optional.empty();

    @BeforeEach
    void make() {
        dir = around.resolve("workflows");
        ReloadableCatalogue reloadable =
                new ReloadableCatalogue(new CatalogFiles(Optional.of(dir), RetryPolicy.DEFAULT));
        catalogue = Optional.of(reloadable);
        watch = Optional.of(new CatalogueWatch(dir, () -> read(reloadable)));
    }

    private Catalogue read(ReloadableCatalogue reloadable) {
        reads++;
        try {
            return reloadable.reload();
        } catch (InvalidWorkflowException e) {
            broken++;
            throw e;
        }
    }

    @AfterEach
    void close() {
        watch().close();
        assertThat(watch().look()).as("closed").isFalse();
    }

    @Test
    void look_nothingHappens_readsNothing() {
        for (int i = 0; i < 20; i++) {
            assertThat(watch().look()).isTrue();
        }

        assertThat(reads).isZero();
    }

    @Test
    void look_directoryComesAndGoes_isFollowed() throws IOException {
        watch().look();
        Files.createDirectory(dir);
        put("own.conf", PLAIN);
        lookUntil(() -> has("own"));

        Files.delete(dir.resolve("own.conf"));
        Files.delete(dir);
        lookUntil(() -> !has("own"));

        Files.createDirectory(dir);
        put("again.conf", PLAIN);
        lookUntil(() -> has("again"));
    }

    @Test
    void look_directoryThatWasThere_isReadOnce_forNobodySawWhatHappenedBefore() throws IOException {
        Files.createDirectory(dir);

        for (int i = 0; i < 20; i++) {
            watch().look();
        }

        assertThat(reads).isEqualTo(1);
    }

    @Test
    void quiet_newsAtEveryLook_waits_andComesOnce() {
        CatalogueWatch.Quiet quiet = new CatalogueWatch.Quiet();

        List<Boolean> told = Stream.of(false, true, true, true, false, false, true, false)
                .map(quiet::after)
                .toList();

        assertThat(told).containsExactly(false, false, false, false, true, false, false, true);
    }

    @Test
    void look_brokenChange_keepsTheOldAndFollowsTheCure() throws IOException {
        Files.createDirectory(dir);
        put("own.conf", PLAIN);
        lookUntil(() -> has("own"));

        put("own.conf", "outputs = 0");
        lookUntil(() -> broken > 0);
        assertThat(has("own")).isTrue();

        put("own.conf", PLAIN.replace("title = T", "title = Cured"));
        lookUntil(() -> catalogue
                .orElseThrow()
                .current()
                .find(new WorkflowName("own"))
                .orElseThrow()
                .title()
                .equals("Cured"));
    }

    @Test
    void container_atWork_readsWhatChanges_andTellsWhatIsBroken() throws Exception {
        TollgateConfig config = ConfigLoader.load(
                        Optional.empty(),
                        Map.of(),
                        Map.of(
                                "data-dir",
                                around.toString(),
                                "database.url",
                                "jdbc:sqlite:" + around.resolve("tollgate.db")))
                .config();
        BlockingQueue<JobEvent.Fault> faults = new LinkedBlockingQueue<>();
        Logger log = (Logger) LoggerFactory.getLogger(JobLog.class);
        log.setLevel(Level.OFF); // what is broken here is meant to be
        try (ServiceContainer server = ServiceContainer.open(config, Access.WORK, "tollgate serve")) {
            server.tollgate().listen(event -> {
                if (event instanceof JobEvent.Fault fault) {
                    faults.add(fault);
                }
            });
            assertThat(config.workflowsDir()).isEqualTo(dir);
            Files.createDirectory(dir);
            put("own.conf", PLAIN);
            until(() ->
                    server.tollgate().catalogue().find(new WorkflowName("own")).isPresent());

            put("own.conf", "outputs = 0\nprice = free");

            JobEvent.Fault fault = faults.poll(30, TimeUnit.SECONDS);
            assertThat(fault).isNotNull();
            assertThat(fault.problem()).hasMessageContainingAll("own.conf:1: outputs = 0", "own.conf:2: price");
            assertThat(server.tollgate().catalogue().find(new WorkflowName("own")))
                    .isPresent();
        }
        assertThat(List.copyOf(faults))
                .allSatisfy(fault -> assertThat(fault.where()).contains("workflows"));
    }

    private CatalogueWatch watch() {
        return watch.orElseThrow();
    }

    /** Puts a file there in one step. */
    private void put(String name, String text) throws IOException {
        Path whole = Files.writeString(around.resolve("whole"), text);
        Files.move(whole, dir.resolve(name), StandardCopyOption.ATOMIC_MOVE);
    }

    private boolean has(String name) {
        return catalogue.orElseThrow().current().find(new WorkflowName(name)).isPresent();
    }

    private void lookUntil(BooleanSupplier done) {
        until(() -> {
            watch().look();
            return done.getAsBoolean();
        });
    }

    private static void until(BooleanSupplier done) {
        long start = System.nanoTime();
        while (!done.getAsBoolean()) {
            assertThat(System.nanoTime() - start).as("waited too long").isLessThan(PATIENCE);
            Thread.onSpinWait();
        }
    }
}
