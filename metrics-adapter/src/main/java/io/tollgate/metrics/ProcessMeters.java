package io.tollgate.metrics;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import java.io.File;
import java.nio.file.Path;

/** What the process itself is and needs: version, memory, threads, CPU, files, room on its disk. */
public final class ProcessMeters implements MeterBinder, AutoCloseable {
    private final JvmGcMetrics collections = new JvmGcMetrics();
    private final String version;
    private final Path dataDir;

    /**
     * @param version of the program
     * @param dataDir whose disk's room is measured; its name is on no label
     */
    public ProcessMeters(String version, Path dataDir) {
        this.version = version;
        this.dataDir = dataDir;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ClassLoaderMetrics().bindTo(registry);
        collections.bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
        new FileDescriptorMetrics().bindTo(registry);
        Gauge.builder("tollgate.build.info", () -> 1)
                .description("1, with what runs as labels.")
                .tag("version", version)
                .register(registry);
        File disk = dataDir.toAbsolutePath().toFile();
        Gauge.builder("tollgate.disk.free", disk, File::getUsableSpace)
                .description("What may still be written where the data is.")
                .baseUnit("bytes")
                .strongReference(true)
                .register(registry);
        Gauge.builder("tollgate.disk.size", disk, File::getTotalSpace)
                .description("How large the disk is where the data is.")
                .baseUnit("bytes")
                .strongReference(true)
                .register(registry);
    }

    /** Hears of no more garbage collections. Twice is fine. */
    @Override
    public void close() {
        collections.close();
    }
}
