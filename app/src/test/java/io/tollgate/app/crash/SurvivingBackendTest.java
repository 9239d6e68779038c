package io.tollgate.app.crash;

import io.tollgate.queue.backend.GenerationBackend;
import io.tollgate.queue.backend.GenerationBackendContract;
import io.tollgate.queue.backend.RunRequest;
import io.tollgate.queue.job.BackendId;
import io.tollgate.queue.job.InputValue;
import io.tollgate.queue.job.RunId;
import io.tollgate.queue.job.WorkflowName;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;

final class SurvivingBackendTest extends GenerationBackendContract {
    private static final int SLOTS = 2;

    private final List<SurvivingServer> servers = new ArrayList<>();

    @Override
    protected GenerationBackend newBackend() throws IOException {
        SurvivingServer server = new SurvivingServer(0, SLOTS);
        servers.add(server);
        return new SurvivingBackend(new BackendId("survivor"), URI.create("http://127.0.0.1:" + server.port()), SLOTS);
    }

    @AfterEach
    void closeServers() {
        servers.forEach(SurvivingServer::close);
    }

    @Override
    protected RunRequest quick(RunId run) {
        return request(run, Map.of("ms", new InputValue.Whole(10)));
    }

    @Override
    protected RunRequest slow(RunId run) {
        return request(run, Map.of("ms", new InputValue.Whole(600_000)));
    }

    @Override
    protected RunRequest failing(RunId run) {
        return request(run, Map.of("ms", new InputValue.Whole(10), "fail", new InputValue.Flag(true)));
    }

    @Override
    protected RunRequest refused(RunId run) {
        return request(run, Map.of());
    }

    private static RunRequest request(RunId run, Map<String, InputValue> inputs) {
        return new RunRequest(run, new WorkflowName("sleep"), Map.of(), inputs, id -> {
            throw new FileNotFoundException("it needs no files: " + id);
        });
    }
}
