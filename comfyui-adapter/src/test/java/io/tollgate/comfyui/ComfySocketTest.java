package io.tollgate.comfyui;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.queue.event.Preview;
import java.io.BufferedReader;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The websocket against a server that writes what a test tells it to, and never answers by itself. */
final class ComfySocketTest {
    private static final int PATIENCE_SECONDS = 20;

    @TempDir
    private Path folder;

    private final BlockingQueue<Line> lines = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private ServerSocket server;
    private Bench bench;
    private ComfySocket socket;

    /** A connection that was upgraded. */
    private record Line(Socket socket, String path, DataInputStream in, DataOutputStream out) {
        void write(int opcode, byte[] payload) throws IOException {
            out.write(0x80 | opcode);
            if (payload.length < 126) {
                out.write(payload.length);
            } else if (payload.length < 1 << 16) {
                out.write(126);
                out.writeShort(payload.length);
            } else {
                out.write(127);
                out.writeLong(payload.length);
            }
            out.write(payload);
            out.flush();
        }

        void text(String text) throws IOException {
            write(1, text.getBytes(StandardCharsets.UTF_8));
        }

        /** The next message of the client, unmasked. */
        String read() throws IOException {
            int opcode = in.readUnsignedByte() & 0xF;
            int length = in.readUnsignedByte() & 0x7F;
            length = length == 126 ? in.readUnsignedShort() : length;
            byte[] mask = in.readNBytes(4);
            byte[] payload = in.readNBytes(length);
            for (int i = 0; i < payload.length; i++) {
                payload[i] ^= mask[i % 4];
            }
            return opcode + " " + new String(payload, StandardCharsets.UTF_8);
        }
    }

    @BeforeEach
    void open() throws IOException {
        server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
        threads.execute(this::accept);
        bench = new Bench(folder);
        URI root = URI.create("http://127.0.0.1:" + server.getLocalPort() + "/comfy");
        socket = new ComfySocket(
                HttpClient.newBuilder().executor(bench.executor).build(),
                Bench.settings(root),
                root,
                bench.executor,
                bench.timers,
                java.time.InstantSource.system(),
                new ComfySocket.Receiver() {
                    @Override
                    public void frame(Frame frame) {
                        heard.add(frame.type());
                    }

                    @Override
                    public void preview(Optional<String> promptId, Preview preview) {
                        heard.add("preview of " + promptId.orElse("?"));
                    }

                    @Override
                    public void opened() {
                        heard.add("opened");
                    }

                    @Override
                    public void lost(String reason) {
                        heard.add("lost: " + reason);
                    }
                });
    }

    @AfterEach
    void close() throws IOException {
        socket.close();
        bench.close();
        server.close();
        threads.shutdownNow();
    }

    private void accept() {
        try {
            while (!server.isClosed()) {
                Socket client = server.accept();
                DataInputStream in = new DataInputStream(client.getInputStream());
                String path = "";
                String key = "";
                BufferedReader reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.ISO_8859_1), 1);
                for (String line = reader.readLine(); line != null && !line.isEmpty(); line = reader.readLine()) {
                    path = line.startsWith("GET ") ? line.substring(4, line.lastIndexOf(' ')) : path;
                    key = line.toLowerCase(java.util.Locale.ROOT).startsWith("sec-websocket-key:")
                            ? line.substring(18).strip()
                            : key;
                }
                byte[] accept = MessageDigest.getInstance("SHA-1")
                        .digest((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").getBytes(StandardCharsets.US_ASCII));
                client.getOutputStream()
                        .write(("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                                        + "Sec-WebSocket-Accept: "
                                        + Base64.getEncoder().encodeToString(accept) + "\r\n\r\n")
                                .getBytes(StandardCharsets.US_ASCII));
                lines.add(new Line(client, path, in, new DataOutputStream(client.getOutputStream())));
            }
        } catch (Exception e) {
            // the server is closed
        }
    }

    private Line nextLine() throws InterruptedException {
        Line line = lines.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        if (line == null) {
            throw new AssertionError("no connection");
        }
        return line;
    }

    private String nextHeard() throws InterruptedException {
        return String.valueOf(heard.poll(PATIENCE_SECONDS, TimeUnit.SECONDS));
    }

    @Test
    void connection_fresh_saysItsFeaturesFirst() throws Exception {
        socket.start();

        Line line = nextLine();

        assertThat(line.path()).isEqualTo("/comfy/ws?clientId=" + socket.clientId());
        assertThat(line.read()).startsWith("1 {\"type\": \"feature_flags\"").contains("supports_preview_metadata");
        assertThat(nextHeard()).isEqualTo("opened");
        assertThat(socket.isOpen()).isTrue();
    }

    @Test
    void connection_cut_isMadeAgainUnderAnotherId() throws Exception {
        socket.start();
        Line first = nextLine();
        String id = socket.clientId();

        first.socket().close();

        Line second = nextLine();
        assertThat(second.path()).isNotEqualTo(first.path()).endsWith(socket.clientId());
        assertThat(socket.clientId()).isNotEqualTo(id);
        assertThat(nextHeard()).isEqualTo("opened");
        assertThat(nextHeard()).startsWith("lost");
        assertThat(nextHeard()).isEqualTo("opened");
    }

    @Test
    void connection_silentThoughAsked_isReplaced() throws Exception {
        socket.start();
        Line first = nextLine();
        first.read();

        assertThat(first.read()).as("a ping").startsWith("9 ");
        Line second = nextLine();

        assertThat(second.path()).isNotEqualTo(first.path());
    }

    @Test
    void messages_hugeOrSenseless_areSkippedAndTheNextIsHeard() throws Exception {
        socket.start();
        Line line = nextLine();
        nextHeard();

        line.text("{\"type\": \"progress_state\", \"data\": {\"prompt_id\": \"p\", \"nodes\": {\"1\": {\"x\": \""
                + "A".repeat(18 << 20) + "\"}}}}");
        line.text("{\"type\": \"executed\", \"data\": {\"output\": \"" + "B".repeat(9 << 20) + "\"}}");
        line.text("not json");
        line.text("{\"data\": 1}");
        line.text("[".repeat(5_000));
        line.write(2, new byte[9 << 20]);
        line.write(2, new byte[] {0, 0, 0, 1});
        line.write(2, new byte[0]);
        line.text("{\"type\": \"status\", \"data\": {}}");

        assertThat(nextHeard()).isEqualTo("status");
    }

    @Test
    void connection_closed_staysClosed() throws Exception {
        socket.start();
        Line first = nextLine();

        socket.close();

        assertThat(first.socket().getInputStream().readAllBytes()).isNotNull(); // to the end: it was hung up
        assertThat(lines).isEmpty();
        socket.start();
        assertThat(socket.isOpen()).isFalse();
    }
}
