package io.tollgate.http;

import io.tollgate.queue.Operations.QueueStatus;
import io.tollgate.queue.job.Lane;
import io.tollgate.queue.job.QueueName;
import io.tollgate.queue.lane.QueueFlow;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** How a queue is, as programs read it, over HTTP and on the command line alike. */
public record QueueDocument(
        QueueName name,
        String mode,
        int queued,
        Map<String, Integer> lanes,
        int running,
        Throughput throughput,
        Map<String, QueueFlow.Waits> waits) {
    /** How many jobs succeeded lately. */
    public record Throughput(int lastMinute, int lastHour) {}

    /** As it is shown. */
    public static QueueDocument of(QueueStatus status) {
        Map<String, Integer> lanes = new TreeMap<>();
        for (Map.Entry<Lane, Integer> lane : status.waiting().entrySet()) {
            lanes.put(lane.getKey().word(), lane.getValue());
        }
        Map<String, QueueFlow.Waits> waits = new TreeMap<>();
        status.flow().waits().forEach((lane, some) -> waits.put(lane.word(), some));
        return new QueueDocument(
                status.queue(),
                status.mode().name().toLowerCase(Locale.ROOT),
                lanes.values().stream().mapToInt(Integer::intValue).sum(),
                lanes,
                status.running(),
                new Throughput(status.flow().lastMinute(), status.flow().lastHour()),
                waits);
    }
}
