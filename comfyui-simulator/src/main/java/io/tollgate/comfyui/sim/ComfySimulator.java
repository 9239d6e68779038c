package io.tollgate.comfyui.sim;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Fields;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.eclipse.jetty.websocket.server.ServerWebSocketContainer;
import org.eclipse.jetty.websocket.server.WebSocketCreator;
import org.eclipse.jetty.websocket.server.WebSocketUpgradeHandler;
import org.jspecify.annotations.Nullable;

/**
 * A ComfyUI server without a GPU: HTTP, websocket, queue, worker and nodes as in recordings of real servers, their
 * traps included. It can be killed and started again on its port, faults can be ordered, and it tells what it really
 * did.
 *
 * <p>Folders and files, faults, holds and what is told of executions outlive a restart; all else is forgotten, as in
 * the real server. Safe for use by many threads. Its own threads are daemons named {@code comfyui-sim-…}.
 */
public final class ComfySimulator implements AutoCloseable {

    /** aiohttp's limit for what a client may send in one websocket message. */
    private static final long MAX_SOCKET_MESSAGE = 4L * 1024 * 1024;

    private static final int MAX_THREADS = 64;

    private final Settings settings;
    private final Path home;
    private final Duration downtime;
    private final Server server;
    private final ServerConnector connector;
    private final Set<String> held;
    private final ReentrantLock lifecycle = new ReentrantLock();
    private final Condition never = lifecycle.newCondition();
    private final List<Long> deaths = new CopyOnWriteArrayList<>();
    private int lives;
    private boolean closed;
    private volatile HttpFront.@Nullable Present present;
    private volatile int port;
    private volatile double timeScale;

    private ComfySimulator(Builder builder) {
        home = builder.home == null ? temporaryHome() : builder.home;
        downtime = builder.downtime;
        timeScale = builder.timeScale;
        held = ConcurrentHashMap.newKeySet();
        FileRoom files = new FileRoom(home);
        NodeCatalog.Models models = new NodeCatalog.Models(builder.checkpoints, builder.loras, builder.vaes);
        settings = new Settings(
                builder.version,
                files,
                new NodeCatalog(builder.version, NodeCatalog.lists(files::inputImages, models)),
                models,
                builder.historyDelay,
                () -> timeScale,
                builder.samplerStep,
                builder.clock,
                new Faults(),
                new Witness(),
                held,
                this::restartSoon);
        QueuedThreadPool threads = new QueuedThreadPool(MAX_THREADS, 4);
        threads.setName("comfyui-sim-http");
        threads.setDaemon(true);
        server = new Server(threads);
        server.setStopTimeout(0);
        HttpConfiguration http = new HttpConfiguration();
        http.setSendServerVersion(false);
        connector = new ServerConnector(server, 1, 1, new HttpConnectionFactory(http));
        connector.setHost(builder.host);
        connector.setPort(builder.port);
        connector.setIdleTimeout(TimeUnit.SECONDS.toMillis(75)); // aiohttp's keep-alive
        connector.setShutdownIdleTimeout(0);
        server.addConnector(connector);
        HttpFront front = new HttpFront(this::present);
        front.setHandler(WebSocketUpgradeHandler.from(server, this::configure));
        server.setHandler(front);
    }

    /** A builder of simulators. */
    public static Builder builder() {
        return new Builder();
    }

    private static Path temporaryHome() {
        try {
            return Files.createTempDirectory("comfyui-sim");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void configure(ServerWebSocketContainer container) {
        container.setIdleTimeout(Duration.ZERO);
        container.setMaxTextMessageSize(MAX_SOCKET_MESSAGE);
        container.setMaxBinaryMessageSize(MAX_SOCKET_MESSAGE);
        container.setMaxFrameSize(MAX_SOCKET_MESSAGE);
        WebSocketCreator creator = (request, response, callback) -> {
            Fields query = org.eclipse.jetty.server.Request.extractQueryParameters(request);
            @Nullable String client = query.getValue("clientId");
            return new FrameSocket(present().life().hub(), client == null ? "" : client);
        };
        container.addMapping("/ws", creator);
        container.addMapping("/api/ws", creator);
    }

    private HttpFront.Present present() {
        HttpFront.@Nullable Present now = present;
        if (now == null) {
            throw new IllegalStateException("the simulator is down");
        }
        return now;
    }

    /** Where the server is, such as {@code http://127.0.0.1:8188}. It stays the same across restarts. */
    public URI url() {
        return URI.create("http://" + connector.getHost() + ":" + port);
    }

    /** The release that it plays. */
    public ComfyVersion version() {
        return settings.version();
    }

    /** The folder with {@code input}, {@code output} and {@code temp}. */
    public Path home() {
        return home;
    }

    /** Whether it is up. */
    public boolean isUp() {
        return present != null;
    }

    /** Which life this is, counted from 1. A new one counts as soon as its port is open. */
    public int life() {
        lifecycle.lock();
        try {
            return lives;
        } finally {
            lifecycle.unlock();
        }
    }

    /** When each life ended, by {@link System#nanoTime}, oldest first: one fewer than {@link #life}, if it is up. */
    public List<Long> deaths() {
        return List.copyOf(deaths);
    }

    /** The faults, to order and to read. */
    public Faults faults() {
        return settings.faults();
    }

    /** Every run that the worker began, in that order, in all lives. */
    public List<Execution> executions() {
        return settings.witness().executions();
    }

    /** Every HTTP call that came in, in that order, in all lives. */
    public List<Arrival> arrivals() {
        return settings.witness().arrivals();
    }

    /** What clients did that reached, or could have reached, prompts of others. */
    public List<Touch> touches() {
        return settings.witness().touches();
    }

    /**
     * Puts prompts of somebody else into the queue.
     *
     * @param count how many, at least 1
     * @param seconds how long each takes, unscaled, at least 0
     * @return their ids
     */
    public List<String> foreign(int count, double seconds) {
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            ObjectNode prompt = Json.object();
            ObjectNode sleep = prompt.putObject("1").put("class_type", "SleepProgress");
            int steps = Math.max(1, (int) Math.round(seconds * 20));
            sleep.putObject("inputs")
                    .put("seconds", seconds)
                    .put("steps", steps)
                    .put("seed", System.nanoTime());
            ObjectNode show = prompt.putObject("2").put("class_type", "PreviewImage");
            show.putObject("inputs").putArray("images").add("1").add(0);
            ids.add(present().routes().submitForeign(prompt, "somebody-else"));
        }
        return ids;
    }

    /** Changes what a second of a sleeping node really takes, for sleeps that begin from now on. */
    public void timeScale(double scale) {
        timeScale = checkedScale(scale);
    }

    private static double checkedScale(double scale) {
        if (!(scale >= 0)) {
            throw new IllegalArgumentException("time scale must not be negative: " + scale);
        }
        return scale;
    }

    /** How many prompts wait. */
    public int pending() {
        return present().life().queue().snapshot().pending().size();
    }

    /** How many prompts run: 0 or 1. */
    public int running() {
        return present().life().queue().snapshot().running().size();
    }

    /** Whether no prompt waits or runs, as of one moment: asked one by one, a prompt between the two is in neither. */
    public boolean isIdle() {
        return present().life().queue().remaining() == 0;
    }

    /** How many sockets the server knows; orphaned ones are not among them. */
    public int sockets() {
        return present().life().hub().openSockets();
    }

    /** How many frames were thrown away because too many waited behind a client that does not read. */
    public long droppedFrames() {
        return present().life().hub().dropped();
    }

    /** Whether the worker lives. It dies of two prompts with one id and one number. */
    public boolean isWorking() {
        return present().life().isWorking();
    }

    /**
     * Makes the worker wait at nodes of this class, from now on, until the hold is released; a restart changes nothing.
     */
    public Hold hold(String nodeClass) {
        if (!settings.catalog().has(nodeClass)) {
            throw new IllegalArgumentException("no such node class: " + nodeClass);
        }
        held.add(nodeClass);
        return new Hold(this, nodeClass);
    }

    /** The node that the worker is at, as far as sockets are told. */
    @Nullable String node() {
        return present().life().hub().lastNode();
    }

    void release(String nodeClass) {
        held.remove(nodeClass);
        HttpFront.@Nullable Present now = present;
        if (now != null) {
            now.life().pauses().wake();
        }
    }

    boolean awaitReached(String nodeClass, int times, Duration timeout) throws InterruptedException {
        return present().life().pauses().awaitReached(nodeClass, times, timeout.toNanos());
    }

    /** Kills the server as SIGKILL does: connections are cut, the port is closed, all but files is forgotten. */
    public void kill() {
        lifecycle.lock();
        try {
            HttpFront.@Nullable Present dying = present;
            if (dying == null) {
                return;
            }
            deaths.add(System.nanoTime());
            connector.close();
            connector.getConnectedEndPoints().forEach(EndPoint::close);
            dying.life().die();
            connector.getConnectedEndPoints().forEach(EndPoint::close);
            connector.stop();
            present = null;
        } catch (Exception e) {
            throw new IllegalStateException("the connector can't be stopped", e);
        } finally {
            lifecycle.unlock();
        }
    }

    /** Starts a killed server again, on the same port. Does nothing if it is up. */
    public void start() {
        lifecycle.lock();
        try {
            if (closed) {
                throw new IllegalStateException("the simulator is closed");
            }
            if (present != null) {
                return;
            }
            ServerLife life = new ServerLife(settings, lives + 1);
            life.start();
            present = new HttpFront.Present(life, new ComfyRoutes(life));
            if (server.isStarted()) {
                connector.start();
            } else {
                server.start();
                port = connector.getLocalPort();
                connector.setPort(port);
            }
            lives++;
        } catch (Exception e) {
            throw new IllegalStateException("the simulator can't be started at port " + connector.getPort(), e);
        } finally {
            lifecycle.unlock();
        }
    }

    /** Kills the server and starts it again after the builder's downtime. */
    public void restart() {
        restart(downtime);
    }

    /** Kills the server and starts it again after so long. */
    public void restart(Duration down) {
        lifecycle.lock();
        try {
            kill();
            long left = down.toNanos();
            while (left > 0) {
                left = never.awaitNanos(left);
            }
            if (!closed) {
                start();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            lifecycle.unlock();
        }
    }

    private void restartSoon() {
        Thread thread = new Thread(this::restart, "comfyui-sim-restart");
        thread.setDaemon(true);
        thread.start();
    }

    /** Ends the simulator for good. The home folder stays. */
    @Override
    public void close() {
        lifecycle.lock();
        try {
            closed = true;
            kill();
            server.stop();
        } catch (Exception e) {
            throw new IllegalStateException("the simulator can't be stopped", e);
        } finally {
            lifecycle.unlock();
        }
    }

    /** Waits until the simulator is closed by another thread. */
    public void join() throws InterruptedException {
        server.join();
    }

    /** Builds simulators. Not safe for use by many threads. */
    public static final class Builder {
        private ComfyVersion version = ComfyVersion.V0_27_0;
        private String host = "127.0.0.1";
        private int port;
        private @Nullable Path home;
        private List<String> checkpoints =
                List.of("sd_xl_base_1.0.safetensors", "v1-5-pruned-emaonly-fp16.safetensors");
        private List<String> loras = List.of("add_detail.safetensors");
        private List<String> vaes = List.of("sdxl_vae.safetensors");
        private Duration historyDelay = Duration.ZERO;
        private Duration samplerStep = Duration.ofMillis(50);
        private Duration downtime = Duration.ZERO;
        private double timeScale = 1;
        private InstantSource clock = InstantSource.system();

        private Builder() {}

        /** The release to play; 0.27.0 unless said. */
        public Builder version(ComfyVersion release) {
            version = release;
            return this;
        }

        /** The address to listen at; 127.0.0.1 unless said. */
        public Builder host(String address) {
            host = address;
            return this;
        }

        /** The port to listen at; 0, the default, takes a free one. */
        public Builder port(int number) {
            port = number;
            return this;
        }

        /** The folder for files; a temporary one unless said. */
        public Builder home(Path folder) {
            home = folder;
            return this;
        }

        /** The model files that the loaders offer. */
        public Builder models(List<String> checkpointFiles, List<String> loraFiles, List<String> vaeFiles) {
            checkpoints = List.copyOf(checkpointFiles);
            loras = List.copyOf(loraFiles);
            vaes = List.copyOf(vaeFiles);
            return this;
        }

        /** How long after the terminal frame the history is written; none unless said. */
        public Builder historyDelay(Duration delay) {
            historyDelay = delay;
            return this;
        }

        /** How long a step of a sampler takes; 50 ms unless said. */
        public Builder samplerStep(Duration step) {
            samplerStep = step;
            return this;
        }

        /**
         * How long the server stays down when it restarts, on order or by a fault; no longer than needed unless said.
         */
        public Builder downtime(Duration time) {
            downtime = time;
            return this;
        }

        /** What a second of a sleeping node really takes, in seconds; 1 unless said, at least 0. */
        public Builder timeScale(double scale) {
            timeScale = checkedScale(scale);
            return this;
        }

        /** The clock of the time stamps in answers and frames. */
        public Builder clock(InstantSource source) {
            clock = source;
            return this;
        }

        /** Starts a simulator, which answers on return. */
        public ComfySimulator start() {
            ComfySimulator simulator = new ComfySimulator(this);
            simulator.start();
            return simulator;
        }
    }
}
