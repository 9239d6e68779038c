package io.tollgate.http;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.locks.ReentrantLock;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.util.BufferUtil;

/*
 * Nothing reads from a connection while a call on it waits to be answered: its body was read, and the next call is read
 * when this one is answered. So this may. What it may find besides the end is the first byte of a next call that the
 * caller did not wait to send; that can't be put back, and the connection has to be closed after the answer. RFC 9112,
 * section 9.3.2, has such callers send it again.
 */
/** Whether the caller of a call that waits is still there. Safe for use by many threads. */
final class Presence {
    private final ReentrantLock lock = new ReentrantLock();
    private final EndPoint connection;
    private boolean over;
    private boolean spoiled;

    Presence(Request request) {
        this.connection = request.getConnectionMetaData().getConnection().getEndPoint();
    }

    /** Looks whether the caller has hung up. */
    boolean isThere() {
        lock.lock();
        try {
            if (over || spoiled) {
                return true; // nothing can be learned any more
            }
            ByteBuffer buffer = BufferUtil.allocate(1);
            int read = connection.fill(buffer);
            spoiled = read > 0;
            return read >= 0;
        } catch (IOException broken) {
            return false;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Looks no more, as the call is about to be answered.
     *
     * @return whether the connection has to be closed then
     */
    boolean end() {
        lock.lock();
        try {
            over = true;
            return spoiled;
        } finally {
            lock.unlock();
        }
    }
}
