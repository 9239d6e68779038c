package io.tollgate.comfyui.sim;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/**
 * One life of the server, from start to death: queue, history, cache, counter, sockets, and its two threads. All of it
 * is forgotten with it.
 */
final class ServerLife {

    private static final long JOIN_MILLIS = TimeUnit.SECONDS.toMillis(10);

    private final Settings settings;
    private final int number;
    private final Pauses pauses = new Pauses();
    private final PromptQueue queue;
    private final FrameHub hub;
    private final Thread worker;
    private final Thread publisher;
    private volatile boolean freeAsked;

    ServerLife(Settings settings, int number) {
        this.settings = settings;
        this.number = number;
        queue = new PromptQueue(this::queueChanged);
        hub = new FrameHub(this::queueInfo, this::features, settings.version(), settings.faults());
        worker = daemon(this::work, "comfyui-sim-worker-" + number);
        publisher = daemon(hub, "comfyui-sim-publisher-" + number);
    }

    private static Thread daemon(Runnable body, String name) {
        Thread thread = new Thread(body, name);
        thread.setDaemon(true);
        return thread;
    }

    void start() {
        worker.start();
        publisher.start();
    }

    Settings settings() {
        return settings;
    }

    PromptQueue queue() {
        return queue;
    }

    FrameHub hub() {
        return hub;
    }

    Pauses pauses() {
        return pauses;
    }

    void askForFree() {
        freeAsked = true;
    }

    boolean isWorking() {
        return worker.isAlive();
    }

    private void queueChanged() {
        hub.sendStatus();
    }

    ObjectNode queueInfo() {
        ObjectNode info = Json.object();
        info.putObject("exec_info").put("queue_remaining", queue.remaining());
        return info;
    }

    /** What the server can do, as {@code /features} and the socket say it. */
    ObjectNode features() {
        ObjectNode features = Json.object().put("supports_preview_metadata", true);
        features.put("max_upload_size", ComfyRoutes.MAX_BODY);
        if (settings.version().namesMissingNodes()) {
            features.putObject("extension").putObject("manager").put("supports_v4", true);
            features.put("node_replacements", true).put("assets", false);
        }
        return features;
    }

    private void work() {
        NodeCache cache = new NodeCache(settings.files());
        String suffix = tempSuffix();
        try {
            for (Optional<PromptQueue.Task> task = queue.take(); task.isPresent(); task = queue.take()) {
                if (freeAsked) {
                    freeAsked = false;
                    cache.clear();
                }
                run(task.get(), cache, suffix);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (PythonError | Pauses.Died e) {
            // The worker's thread ends: in the first case the real one dies of its heap, in the second the server does.
            hub.current(null);
        }
    }

    private void run(PromptQueue.Task task, NodeCache cache, String suffix) {
        QueueItem item = task.item();
        int ticket = settings.witness().began(item, number);
        try {
            PromptRun run = new PromptRun(item, settings, hub, pauses, cache, suffix);
            Execution.Ending ending = run.run();
            if (!settings.historyDelay().isZero()) {
                pauses.sleep(settings.historyDelay().toNanos());
            }
            settings.witness().ended(ticket, ending);
            queue.done(task.ticket(), item.id(), run.history(ending));
            item.clientId().ifPresent(client -> {
                ObjectNode idle = Json.object().putNull("node").put("prompt_id", item.id());
                hub.send("executing", idle, client);
            });
        } catch (Pauses.Died e) {
            settings.witness().ended(ticket, Execution.Ending.LOST);
            throw e;
        }
    }

    private static String tempSuffix() {
        Random random = new Random();
        StringBuilder suffix = new StringBuilder();
        for (int i = 0; i < 5; i++) {
            suffix.append((char) ('a' + random.nextInt(26)));
        }
        return suffix.toString();
    }

    /** Ends this life and waits for its threads. A run that is under way is lost. */
    void die() {
        pauses.die();
        queue.close();
        publisher.interrupt();
        try {
            worker.join(JOIN_MILLIS);
            publisher.join(JOIN_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
