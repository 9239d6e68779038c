package io.tollgate.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** CPU time since the meter was made: this process's, and, on Linux, how busy others kept the machine. */
public final class CpuMeter {
    private static final Path STAT = Path.of("/proc/stat");
    private static final double TICKS_PER_SECOND = 100; // USER_HZ, the same on every architecture Java runs on
    private static final int IDLE = 4;
    private static final int IO_WAIT = 5;
    private static final int STEAL = 8;

    private final com.sun.management.OperatingSystemMXBean process =
            ManagementFactory.getPlatformMXBean(com.sun.management.OperatingSystemMXBean.class);
    private final long startedAt = System.nanoTime();
    private final long ownAtStart = process.getProcessCpuTime();
    private final double busyAtStart = machineBusySeconds();

    /** Of this process: callers, writer, garbage collector, compiler and all. */
    public double ownMicros() {
        return (process.getProcessCpuTime() - ownAtStart) / 1e3;
    }

    /** The share of the machine's CPUs that others used, from 0 to 1; not a number where it can't be known. */
    public double others() {
        double wall = (System.nanoTime() - startedAt) / 1e9 * process.getAvailableProcessors();
        double others = machineBusySeconds() - busyAtStart - ownMicros() / TimeUnit.SECONDS.toMicros(1);
        return wall <= 0 ? Double.NaN : Math.max(0, Math.min(1, others / wall)) + 0 * others;
    }

    private static double machineBusySeconds() {
        if (!Files.isReadable(STAT)) {
            return Double.NaN;
        }
        try (var lines = Files.lines(STAT)) {
            String[] ticks = lines.findFirst().orElse("").split("\\s+", -1);
            double busy = 0;
            for (int i = 1; i <= STEAL && i < ticks.length; i++) {
                busy += i == IDLE || i == IO_WAIT ? 0 : Long.parseLong(ticks[i]);
            }
            return busy / TICKS_PER_SECOND;
        } catch (IOException e) {
            throw new UncheckedIOException(STAT + ": " + e.getMessage(), e);
        }
    }
}
