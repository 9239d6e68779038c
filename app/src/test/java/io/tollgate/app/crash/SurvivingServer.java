package io.tollgate.app.crash;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A server that runs what it is told and counts it, in a process of its own, so that it outlives the node that told it.
 * Like a real one it does not ask whether it ran the same thing before: a repeated submission is counted again.
 *
 * <pre>
 * POST /runs/ID?ms=N&amp;fail=F   when a slot is free, runs for N ms, then succeeds or fails
 * GET  /runs/ID               200 if it knows the run, else 404
 * GET  /runs/ID/start         answers when the run began or ended
 * GET  /runs/ID/end           answers when the run ended: succeeded, failed or canceled
 * POST /runs/ID/cancel        ends it canceled, if it hasn't ended
 * GET  /counts                a line "ID COUNT" for each run
 * </pre>
 */
final class SurvivingServer implements AutoCloseable {
    private final Map<String, Run> runs = new ConcurrentHashMap<>();
    private final ScheduledExecutorService timers = Executors.newScheduledThreadPool(1);
    private final Deque<Run> waiting = new ArrayDeque<>();
    private final HttpServer server;
    private int free;

    private record Run(
            long millis,
            String how,
            AtomicInteger count,
            CompletableFuture<String> start,
            CompletableFuture<String> end) {}

    SurvivingServer(int port, int slots) throws IOException {
        free = slots;
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
        server.setExecutor(Executors.newCachedThreadPool());
        server.createContext("/", this::answer);
        server.start();
    }

    int port() {
        return server.getAddress().getPort();
    }

    /** Prints its port and serves until its standard input ends. Arguments: the port, or 0 for any; the slots. */
    public static void main(String... args) throws IOException {
        try (SurvivingServer server = new SurvivingServer(Integer.parseInt(args[0]), Integer.parseInt(args[1]))) {
            System.out.println("PORT " + server.port());
            while (System.in.read() >= 0) {
                // whoever started it holds its input open
            }
        }
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String[] path = exchange.getRequestURI().getPath().split("/", -1);
            boolean post = exchange.getRequestMethod().equals("POST");
            if (path[1].equals("counts")) {
                StringBuilder lines = new StringBuilder();
                runs.forEach((id, run) ->
                        lines.append(id).append(' ').append(run.count.get()).append('\n'));
                reply(exchange, 200, lines.toString());
                return;
            }
            String id = path[2];
            if (post && path.length == 3) {
                accept(id, exchange.getRequestURI().getQuery());
                reply(exchange, 200, "accepted");
                return;
            }
            Run run = runs.get(id);
            if (run == null) {
                reply(exchange, 404, "unknown");
            } else if (path.length == 3) {
                reply(exchange, 200, "known");
            } else if (path[3].equals("cancel")) {
                run.end.complete("canceled");
                reply(exchange, 200, "asked");
            } else {
                reply(exchange, 200, (path[3].equals("start") ? run.start : run.end).join());
            }
        }
    }

    private void accept(String id, String query) {
        String how = parameter(query, "fail").equals("true") ? "failed" : "succeeded";
        Run fresh = new Run(
                Long.parseLong(parameter(query, "ms")),
                how,
                new AtomicInteger(),
                new CompletableFuture<>(),
                new CompletableFuture<>());
        Run known = runs.putIfAbsent(id, fresh);
        (known == null ? fresh : known).count.incrementAndGet();
        if (known == null) {
            begin(fresh);
        }
    }

    private synchronized void begin(Run run) {
        if (free == 0) {
            waiting.addLast(run);
            var unused = run.end.thenRun(() -> run.start.complete("never"));
            return;
        }
        free--;
        run.start.complete("started");
        var unusedNext = run.end.thenRun(this::beginNext);
        var unused = timers.schedule(() -> run.end.complete(run.how), run.millis, TimeUnit.MILLISECONDS);
    }

    private synchronized void beginNext() {
        free++;
        while (free > 0 && !waiting.isEmpty()) {
            Run run = waiting.removeFirst();
            if (!run.end.isDone()) {
                begin(run);
            }
        }
    }

    private static String parameter(String query, String name) {
        for (String part : query.split("&", -1)) {
            if (part.startsWith(name + "=")) {
                return part.substring(name.length() + 1);
            }
        }
        throw new IllegalArgumentException("no " + name + " in " + query);
    }

    private static void reply(HttpExchange exchange, int status, String text) throws IOException {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
    }

    @Override
    public void close() {
        server.stop(0);
        timers.shutdownNow();
        runs.values().forEach(run -> run.end.complete("canceled"));
    }
}
