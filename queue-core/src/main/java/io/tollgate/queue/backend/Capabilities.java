package io.tollgate.queue.backend;

import io.tollgate.queue.job.QueueName;
import java.util.Set;

/**
 * What a backend can be given.
 *
 * @param type the kind of backend, as recipes name it, such as {@code java2d} or {@code comfyui}
 * @param queues the queues it serves; empty for all
 * @param tags what else it has: node classes, model files, whatever a workflow may ask for
 */
public record Capabilities(String type, Set<QueueName> queues, Set<String> tags) {
    public Capabilities {
        queues = Set.copyOf(queues);
        tags = Set.copyOf(tags);
    }

    /** Whether it serves {@code queue}. */
    public boolean serves(QueueName queue) {
        return queues.isEmpty() || queues.contains(queue);
    }
}
