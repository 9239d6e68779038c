package io.tollgate.webhook;

import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Keeps webhooks out of networks that are not everybody's: whoever may name an address must not make this server call
 * its own neighbors. It looks twice: at the address as it is written, when a job is taken with it, and at what its name
 * stands for, each time a connection is opened. Safe for use by many threads.
 */
public final class TargetGuard {
    private static final int FIRST_FREE_PORT = 1024;
    private static final int MAX_PORT = 65_535;
    private static final Set<Integer> WEB_PORTS = Set.of(80, 443);
    private static final List<String> INSIDE = List.of(
            ".localhost",
            ".local",
            ".localdomain",
            ".internal",
            ".intranet",
            ".private",
            ".corp",
            ".home",
            ".lan",
            ".home.arpa");

    private final boolean allowPrivate;
    private final List<AllowedHost> allowed;

    /**
     * @param allowPrivate whether private, loopback and link-local addresses may be called; where clouds keep
     *     credentials is not meant by that
     * @param allowed what may be called whatever it is
     */
    public TargetGuard(boolean allowPrivate, List<AllowedHost> allowed) {
        this.allowPrivate = allowPrivate;
        this.allowed = List.copyOf(allowed);
    }

    /**
     * Checks an address before a job is taken with it. Asks no name server.
     *
     * @throws IllegalArgumentException if it must not be called; the message says why
     */
    public void check(String address) {
        URI unused = target(address);
    }

    /**
     * The address, checked, with nothing in it that is not sent.
     *
     * @throws IllegalArgumentException if it must not be called
     */
    URI target(String address) {
        URI uri;
        try {
            uri = new URI(address);
        } catch (URISyntaxException e) {
            throw refused("it can't be read as an address such as https://example.com/hook");
        }
        String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
        if (!scheme.equals("https") && !scheme.equals("http")) {
            throw refused("it begins with https:// or http://");
        }
        String authority = uri.getRawAuthority();
        if (authority != null && authority.contains("@")) {
            throw refused("it has no user name and no password in it");
        }
        if (uri.getRawFragment() != null) {
            throw refused("it has no # in it");
        }
        String host = uri.getHost();
        if (host == null) {
            throw refused(
                    authority != null && IpLiteral.isDisguised(authority.replaceFirst(":[0-9]*$", ""))
                            ? "an IP address is written in its usual form"
                            : "it names a host, in ASCII, such as example.com");
        }
        String name = plain(host);
        boolean named = checkHost(name);
        checkPort(uri.getPort(), named);
        String port = uri.getPort() < 0 ? "" : ":" + uri.getPort();
        String path = uri.getRawPath() == null || uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
        String query = uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery();
        return URI.create(scheme + "://" + name + port + path + query);
    }

    /** Lower case and without the dot at the end, which changes nothing but how a name is compared. */
    private static String plain(String host) {
        String lower = host.toLowerCase(Locale.ROOT);
        return lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
    }

    /** Returns whether the operator allowed just this host. */
    private boolean checkHost(String host) {
        if (allowed.stream().anyMatch(each -> each.isName(host))) {
            return true;
        }
        Optional<InetAddress> literal = host.contains("%") ? Optional.empty() : IpLiteral.read(host);
        if (literal.isPresent()) {
            if (!mayBeCalled(literal.get())) {
                throw refused("private, loopback, link-local and other special addresses are not called");
            }
            return allowed.stream().anyMatch(each -> each.contains(literal.get()));
        }
        if (host.startsWith("[") || IpLiteral.isDisguised(host)) {
            throw refused("an IP address is written in its usual form");
        }
        boolean inside = !host.contains(".") || INSIDE.stream().anyMatch(host::endsWith);
        if (inside && !allowPrivate) {
            throw refused("names that only a private network knows are not called");
        }
        return false;
    }

    private static void checkPort(int port, boolean allowedHost) {
        boolean possible = port >= 1 && port <= MAX_PORT;
        boolean usual = WEB_PORTS.contains(port) || port >= FIRST_FREE_PORT;
        if (port != -1 && (!possible || !(usual || allowedHost))) {
            throw refused("its port is 80, 443 or from " + FIRST_FREE_PORT + " to " + MAX_PORT);
        }
    }

    /** The addresses of {@code host}, if all of them may be called: one that may not condemns the others. */
    List<InetAddress> admit(String host, List<InetAddress> found) throws ForbiddenTargetException {
        String name = plain(host);
        if (allowed.stream().noneMatch(each -> each.isName(name))
                && !found.stream().allMatch(this::mayBeCalled)) {
            // doesn't say which: that would draw a map of the network for whoever asks
            throw new ForbiddenTargetException("its host has an address that is not called");
        }
        return found;
    }

    private boolean mayBeCalled(InetAddress address) {
        if (allowed.stream().anyMatch(each -> each.contains(address))) {
            return true;
        }
        return switch (AddressKind.of(address)) {
            case PUBLIC -> true;
            case PRIVATE -> allowPrivate;
            case METADATA, SENSELESS -> false;
        };
    }

    private static IllegalArgumentException refused(String why) {
        return new IllegalArgumentException("this is no address for a webhook: " + why);
    }
}
