package io.tollgate.app.crash;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A server that runs what it is told and counts it, in a process of its own, so that it outlives the node that told it.
 * Like a real one it does not ask whether it ran the same thing before: a repeated submission is counted again.
 *
 * <pre>
 * POST /runs/ID?ms=N&amp;end=W&amp;mood=M  when a slot is free, runs for N ms, then ends with the word W
 * GET  /runs/ID                    200 if it knows the run, else 404
 * GET  /runs/ID/start              answers when the run began or ended
 * GET  /runs/ID/end                answers when the run ended: W or canceled
 * POST /runs/ID/cancel             ends it canceled, if it hasn't ended
 * GET  /counts                     a line "ID COUNT" for each run
 * </pre>
 *
 * What may go wrong with a run is its {@link Mood}.
 */
final class SurvivingServer implements AutoCloseable {
    private static final long SLOW_MILLIS = 400;

    private final Map<String, Run> runs = new ConcurrentHashMap<>();
    private final ScheduledExecutorService timers = Executors.newScheduledThreadPool(1);
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final Deque<Run> waiting = new ArrayDeque<>();
    private final CompletableFuture<Void> closing = new CompletableFuture<>();
    private final HttpServer server;
    private int free;

    private record Run(
            long millis,
            String how,
            AtomicInteger count,
            AtomicInteger unknownFor,
            CompletableFuture<String> start,
            CompletableFuture<String> end) {}

    SurvivingServer(int port, int slots) throws IOException {
        free = slots;
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
        server.setExecutor(threads);
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

    /** How often each run was submitted, by run id. */
    Map<String, Integer> counts() {
        Map<String, Integer> counts = new HashMap<>();
        runs.forEach((id, run) -> counts.put(id, run.count.get()));
        return counts;
    }

    /** Whether all runs it knows have ended. */
    boolean isIdle() {
        return runs.values().stream().allMatch(run -> run.end.isDone());
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String[] path = exchange.getRequestURI().getPath().split("/", -1);
            boolean post = exchange.getRequestMethod().equals("POST");
            if (path[1].equals("counts")) {
                StringBuilder lines = new StringBuilder();
                counts().forEach((id, count) ->
                        lines.append(id).append(' ').append(count).append('\n'));
                reply(exchange, 200, lines.toString());
                return;
            }
            String id = path[2];
            if (post && path.length == 3) {
                submit(exchange, id, exchange.getRequestURI().getQuery());
                return;
            }
            Run run = runs.get(id);
            if (run == null || (path.length == 3 && run.unknownFor.getAndDecrement() > 0)) {
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

    /** An exchange that is closed without a reply is a connection that breaks. */
    private void submit(HttpExchange exchange, String id, String query) throws IOException {
        Mood mood = Mood.valueOf(parameter(query, "mood"));
        if (mood == Mood.DROPPED) {
            return;
        }
        accept(
                id,
                query,
                switch (mood) {
                    case HIDDEN -> 1;
                    case DENIED -> Integer.MAX_VALUE;
                    case HONEST, SLOW, SILENT, LOST, DROPPED, TWICE -> 0;
                });
        switch (mood) {
            case LOST, HIDDEN, DENIED, DROPPED -> {}
            case SILENT -> awaitClose(Long.MAX_VALUE);
            case SLOW -> {
                awaitClose(SLOW_MILLIS);
                reply(exchange, 200, "accepted");
            }
            case HONEST, TWICE -> reply(exchange, 200, "accepted");
        }
    }

    private void awaitClose(long millisAtMost) {
        try {
            closing.get(millisAtMost, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            // as it should
        } catch (InterruptedException | ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    private void accept(String id, String query, int unknownFor) {
        Run fresh = new Run(
                Long.parseLong(parameter(query, "ms")),
                parameter(query, "end"),
                new AtomicInteger(),
                new AtomicInteger(unknownFor),
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
        server.stop(0); // first: nobody is to hear that runs were canceled
        timers.shutdownNow();
        closing.complete(null);
        runs.values().forEach(run -> run.end.complete("canceled"));
        threads.shutdownNow();
    }
}
