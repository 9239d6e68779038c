package io.tollgate.tracing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import com.sun.net.httpserver.HttpServer;
import io.tollgate.queue.test.JobEvents;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;

final class TracingTest {
    private static TracingSettings settings(int port, double sample) {
        return new TracingSettings(
                URI.create("http://127.0.0.1:" + port + "/v1/traces"),
                Optional.of("Api-Key open-sesame"),
                sample,
                "tollgate",
                "1.2.3");
    }

    @Test
    void close_afterJobs_hasSentTheirSpansToTheCollector() throws Exception {
        BlockingQueue<String> bodies = new LinkedBlockingQueue<>();
        BlockingQueue<String> keys = new LinkedBlockingQueue<>();
        HttpServer collector = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        collector.createContext("/v1/traces", call -> {
            byte[] body = call.getRequestBody().readAllBytes();
            try (GZIPInputStream plain = new GZIPInputStream(new ByteArrayInputStream(body))) {
                bodies.add(new String(plain.readAllBytes(), StandardCharsets.ISO_8859_1));
            }
            keys.add(String.valueOf(call.getRequestHeaders().getFirst("Authorization")));
            call.sendResponseHeaders(200, -1);
            call.close();
        });
        collector.start();
        try {
            Tracing tracing = new Tracing(settings(collector.getAddress().getPort(), 1), InstantSource.system());
            new JobEvents().story().forEach(tracing.jobs()::on);

            tracing.close();

            assertThat(bodies.poll(20, TimeUnit.SECONDS)).contains("tollgate", "1.2.3", "attempt", "job ");
            assertThat(keys.poll(20, TimeUnit.SECONDS)).isEqualTo("Api-Key open-sesame");
        } finally {
            collector.stop(0);
        }
    }

    @Test
    void jobs_withNobodyAtTheCollector_goOnAndCloseSoon() throws IOException {
        int free;
        try (ServerSocket socket = new ServerSocket(0)) {
            free = socket.getLocalPort();
        }
        assertTimeoutPreemptively(Duration.ofSeconds(60), () -> {
            try (Tracing tracing = new Tracing(settings(free, 1), InstantSource.system())) {
                for (int i = 0; i < 2_000; i++) {
                    new JobEvents().story().forEach(tracing.jobs()::on);
                }
            }
        });
    }

    @Test
    void settings_ofNoPart_areRefusedAndTellNoSecret() {
        assertThatThrownBy(() -> settings(1, 1.5)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> settings(1, Double.NaN)).isInstanceOf(IllegalArgumentException.class);
        assertThat(settings(1, 1).toString()).doesNotContain("sesame");
    }
}
