package io.tollgate.app.client;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/** Stands before a server and cuts connections, as a bad network does. */
public final class CuttingProxy implements Closeable {
    private static final int ENDLESS = Integer.MAX_VALUE;

    private final ServerSocket socket;
    private final URI target;
    private final ExecutorService threads = Executors.newCachedThreadPool(work -> {
        Thread thread = new Thread(work, "cutting-proxy");
        thread.setDaemon(true);
        return thread;
    });
    private final List<Closeable> open = new CopyOnWriteArrayList<>();
    private final AtomicInteger cuts = new AtomicInteger();
    private final AtomicInteger cutsLeft = new AtomicInteger();
    private volatile String asked = "\0";
    private volatile int bytes = ENDLESS;

    /** Stands before {@code target}. */
    public CuttingProxy(URI target) {
        this.target = target;
        try {
            this.socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        threads.execute(this::accept);
    }

    /** Cuts the next {@code times} answers to what begins like this, after so many bytes. */
    public void cut(String request, int afterBytes, int times) {
        bytes = afterBytes;
        asked = request;
        cutsLeft.set(times);
    }

    /** Cuts all that is open. */
    public void cutAll() {
        open.forEach(CuttingProxy::closeQuietly);
        cuts.incrementAndGet();
    }

    /** How often it cut. */
    public int cuts() {
        return cuts.get();
    }

    public URI url() {
        return URI.create("http://127.0.0.1:" + socket.getLocalPort());
    }

    private void accept() {
        while (!socket.isClosed()) {
            try {
                Socket client = socket.accept();
                Socket server = new Socket(target.getHost(), target.getPort());
                open.add(client);
                open.add(server);
                AtomicInteger allowed = new AtomicInteger(ENDLESS);
                threads.execute(() -> pipe(client, server, allowed, true));
                threads.execute(() -> pipe(server, client, allowed, false));
            } catch (IOException e) {
                return; // closed
            }
        }
    }

    private void pipe(Socket from, Socket to, AtomicInteger allowed, boolean requests) {
        byte[] buffer = new byte[8192];
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                if (requests) {
                    String text = new String(buffer, 0, count, StandardCharsets.ISO_8859_1);
                    if (text.startsWith(asked) && cutsLeft.getAndDecrement() > 0) {
                        allowed.set(bytes);
                    }
                } else if (allowed.get() != ENDLESS) {
                    int left = Math.min(count, allowed.get());
                    out.write(buffer, 0, left);
                    out.flush();
                    if (allowed.addAndGet(-left) == 0) {
                        cuts.incrementAndGet();
                        break;
                    }
                    continue;
                }
                out.write(buffer, 0, count);
                out.flush();
            }
        } catch (IOException e) {
            // cut
        }
        closeQuietly(from);
        closeQuietly(to);
    }

    private static void closeQuietly(Closeable what) {
        try {
            what.close();
        } catch (IOException e) {
            // it is gone
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
        open.forEach(CuttingProxy::closeQuietly);
        threads.shutdownNow();
    }
}
