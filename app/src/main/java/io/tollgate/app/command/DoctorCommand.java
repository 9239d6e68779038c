package io.tollgate.app.command;

import io.tollgate.app.cli.CommandFailed;
import io.tollgate.app.cli.Table;
import io.tollgate.app.config.LoadedConfig;
import io.tollgate.app.config.TollgateConfig;
import io.tollgate.app.container.Access;
import io.tollgate.app.container.ServiceContainer;
import io.tollgate.credits.ledger.AuditReport;
import io.tollgate.queue.Tollgate;
import io.tollgate.queue.backend.BackendStatus;
import io.tollgate.queue.backend.GenerationBackend;
import io.tollgate.queue.job.Delivery;
import io.tollgate.queue.job.DeliveryFilter;
import io.tollgate.queue.job.JobFilter;
import io.tollgate.queue.pull.PullBackend;
import io.tollgate.queue.workflow.Workflow;
import io.tollgate.sql.DataDirectoryBusyException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import picocli.CommandLine.Command;

/** Looks for what is wrong and says what to do. */
@Command(name = "doctor", description = "Checks configuration, database, backends and clock, and says what to fix.")
public final class DoctorCommand extends LocalCommand {
    private static final long LITTLE_ROOM = 1L << 30;
    private static final Duration PROBE_WITHIN = Duration.ofSeconds(10);
    private static final Duration CLOCK_OFF = Duration.ofMinutes(1);

    private final List<Check> checks = new ArrayList<>();

    /** How a check went. */
    enum Health {
        OK,
        WARNING,
        BAD
    }

    private record Check(String check, Health health, String detail) {}

    private record Document(boolean ok, List<Check> checks) {}

    @Override
    protected void execute() throws InterruptedException {
        checks.clear();
        LoadedConfig loaded = quietConfig();
        TollgateConfig config = loaded.config();
        note("configuration", Health.OK, loaded.settings().size() + " keys, node " + config.node());
        loaded.warnings().forEach(warning -> note("configuration", Health.WARNING, warning));
        room(config);
        telegram(config);
        try (ServiceContainer container = container(config)) {
            database(container);
            catalogue(container.tollgate());
            backends(container.tollgate());
            deliveries(container.tollgate());
        } catch (RuntimeException e) {
            note("database", Health.BAD, String.valueOf(e.getMessage()));
        }
        Table table = new Table("check", "result", "what");
        checks.forEach(
                check -> table.row(check.check(), check.health().name().toLowerCase(Locale.ROOT), check.detail()));
        long bad = checks.stream().filter(check -> check.health() == Health.BAD).count();
        output().result(new Document(bad == 0, checks), table);
        if (bad > 0) {
            throw new CommandFailed(bad + (bad == 1 ? " thing is" : " things are") + " to be fixed");
        }
    }

    private void note(String check, Health health, String detail) {
        checks.add(new Check(check, health, detail));
    }

    /** Beside a server only what can be read is looked at. */
    private ServiceContainer container(TollgateConfig config) {
        try {
            return open(config, Access.WRITE);
        } catch (DataDirectoryBusyException e) {
            note("process", Health.OK, String.valueOf(e.getMessage()).replaceFirst(":.*", ""));
            return open(config, Access.READ);
        }
    }

    private void room(TollgateConfig config) {
        Path data = ServiceContainer.databaseDirectory(config).toAbsolutePath();
        Path there = data;
        while (there != null && !Files.exists(there)) {
            there = there.getParent();
        }
        try {
            if (there == null || !Files.isWritable(there)) {
                note("data directory", Health.BAD, data + " can't be written; give this user the right to");
                return;
            }
            long free = Files.getFileStore(there).getUsableSpace();
            note(
                    "data directory",
                    free < LITTLE_ROOM ? Health.WARNING : Health.OK,
                    data + ", " + Words.bytes(free) + " free" + (free < LITTLE_ROOM ? "; make room" : ""));
        } catch (IOException e) {
            note("data directory", Health.BAD, data + ": " + e);
        }
    }

    private void telegram(TollgateConfig config) {
        note(
                "telegram",
                Health.OK,
                config.telegramToken().isPresent() ? "a token is configured" : "no token, so no bot");
    }

    private void database(ServiceContainer container) {
        AuditReport report = container.tollgate().operations().audit();
        if (report.clean()) {
            note("database", Health.OK, "the schema is current and the audit found nothing");
        } else {
            note(
                    "database",
                    Health.BAD,
                    report.findings().size() + " faults, the first: "
                            + report.findings().get(0) + "; see 'tollgate audit'");
        }
        Instant now = container.clock().instant();
        Optional<Instant> newest = container.jobs().list(JobFilter.ALL, Optional.empty(), 1).stream()
                .map(record -> record.job().spec().createdAt())
                .findFirst();
        if (newest.isPresent() && newest.get().isAfter(now.plus(CLOCK_OFF))) {
            note(
                    "clock",
                    Health.BAD,
                    "the newest job is of " + newest.get() + ", but it is " + now + "; set the clock");
        } else {
            note("clock", Health.OK, Words.time(now) + " UTC");
        }
    }

    private void catalogue(Tollgate tollgate) {
        List<Workflow> workflows = tollgate.catalogue().all();
        note("workflows", workflows.isEmpty() ? Health.WARNING : Health.OK, workflows.size() + " in the catalogue");
        for (Workflow workflow : workflows) {
            boolean served = tollgate.operations().registry().all().stream()
                    .map(GenerationBackend::capabilities)
                    .anyMatch(has ->
                            has.serves(workflow.queue()) && workflow.recipes().containsKey(has.type()));
            if (!served) {
                note(
                        "workflows",
                        Health.WARNING,
                        workflow.name() + ": no backend of "
                                + workflow.recipes().keySet() + " serves the queue " + workflow.queue()
                                + "; its jobs will be refused");
            }
        }
    }

    private void backends(Tollgate tollgate) throws InterruptedException {
        for (BackendStatus status : tollgate.operations().backends()) {
            if (status.type().equals(PullBackend.TYPE)) { // its workers ask a server, and this is none
                note(
                        "backend " + status.id(),
                        Health.OK,
                        status.type() + ", " + status.slots() + " slots, its workers come by themselves");
                continue;
            }
            GenerationBackend backend =
                    tollgate.operations().registry().find(status.id()).orElseThrow();
            try {
                Duration took =
                        backend.probe().toCompletableFuture().get(PROBE_WITHIN.toMillis(), TimeUnit.MILLISECONDS);
                note(
                        "backend " + status.id(),
                        Health.OK,
                        status.type() + ", " + status.slots() + " slots, answered in " + took.toMillis() + " ms");
            } catch (TimeoutException e) {
                note("backend " + status.id(), Health.BAD, "did not answer in " + PROBE_WITHIN.toSeconds() + " s");
            } catch (ExecutionException e) {
                note("backend " + status.id(), Health.BAD, String.valueOf(e.getCause()));
            }
        }
    }

    private void deliveries(Tollgate tollgate) {
        int dead = tollgate.operations()
                .deliveries(DeliveryFilter.ALL.in(Delivery.State.DEAD), Optional.empty(), 100)
                .size();
        note(
                "deliveries",
                dead == 0 ? Health.OK : Health.WARNING,
                dead == 0 ? "none was given up" : dead + " were given up; see 'tollgate deliveries list --state dead'");
    }
}
