package io.tollgate.app.crash;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** A {@link SurvivingServer} in a process of its own. */
final class ServerProcess implements AutoCloseable {
    private static final String SLOTS = "6";

    private final ChildProcess process;
    private final int port;

    private ServerProcess(ChildProcess process, int port) {
        this.process = process;
        this.port = port;
    }

    static ServerProcess start(Path directory) throws IOException, InterruptedException {
        ChildProcess process = ChildProcess.start(directory.resolve("server.log"), SurvivingServer.class, "0", SLOTS);
        return new ServerProcess(
                process, Integer.parseInt(process.awaitLine("PORT ").substring("PORT ".length())));
    }

    int port() {
        return port;
    }

    /** How often each run was submitted, by run id. */
    Map<String, Integer> counts() throws IOException, InterruptedException {
        String body = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/counts"))
                                .build(),
                        BodyHandlers.ofString())
                .body();
        Map<String, Integer> counts = new HashMap<>();
        body.lines().forEach(line -> {
            String[] parts = line.split(" ", 2);
            counts.put(parts[0], Integer.parseInt(parts[1]));
        });
        return counts;
    }

    @Override
    public void close() {
        process.close();
    }
}
