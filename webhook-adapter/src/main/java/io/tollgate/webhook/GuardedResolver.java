package io.tollgate.webhook;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.eclipse.jetty.util.Promise;
import org.eclipse.jetty.util.SocketAddressResolver;

/**
 * Looks a host up once for each connection, and hands out what the guard has seen: nobody asks again between the check
 * and the connection, so an answer that changes meanwhile changes nothing.
 */
final class GuardedResolver implements SocketAddressResolver {
    /** Who knows the addresses of a name. May block. */
    @FunctionalInterface
    interface Lookup {
        /** What the machine itself asks. */
        Lookup SYSTEM = host -> List.of(InetAddress.getAllByName(host));

        List<InetAddress> find(String host) throws UnknownHostException;
    }

    private final TargetGuard guard;
    private final Lookup lookup;
    private final Executor executor;

    GuardedResolver(TargetGuard guard, Lookup lookup, Executor executor) {
        this.guard = guard;
        this.lookup = lookup;
        this.executor = executor;
    }

    @Override
    public void resolve(String host, int port, Map<String, Object> context, Promise<List<InetSocketAddress>> promise) {
        try {
            executor.execute(() -> {
                List<InetSocketAddress> addresses;
                try {
                    addresses = guard.admit(host, lookup.find(host)).stream()
                            .map(address -> new InetSocketAddress(address, port))
                            .toList();
                    if (addresses.isEmpty()) {
                        throw new UnknownHostException(host);
                    }
                } catch (UnknownHostException | ForbiddenTargetException | RuntimeException problem) {
                    promise.failed(problem);
                    return;
                }
                promise.succeeded(addresses);
            });
        } catch (RejectedExecutionException closing) {
            promise.failed(closing);
        }
    }
}
