package io.tollgate.webhook;

import java.net.InetAddress;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A host that the operator lets webhooks call although it is private: a name, an address or a block of addresses such
 * as {@code 10.1.0.0/16}.
 */
public final class AllowedHost {
    private static final Pattern NAME =
            Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*");

    private final String text;
    private final Optional<Cidr> block;

    private AllowedHost(String text, Optional<Cidr> block) {
        this.text = text;
        this.block = block;
    }

    /**
     * Reads one.
     *
     * @throws IllegalArgumentException if it is neither a name nor a block of addresses
     */
    public static AllowedHost parse(String text) {
        String lower = text.toLowerCase(Locale.ROOT);
        if (lower.contains("/") || IpLiteral.read(lower).isPresent()) {
            return new AllowedHost(lower, Optional.of(Cidr.parse(lower)));
        }
        if (!NAME.matcher(lower).matches() || IpLiteral.isDisguised(lower)) {
            throw new IllegalArgumentException(
                    "not the name of a host or a block of addresses such as 10.0.0.0/8: '" + text + "'");
        }
        return new AllowedHost(lower, Optional.empty());
    }

    boolean isName(String host) {
        return block.isEmpty() && text.equals(host);
    }

    boolean contains(InetAddress address) {
        return block.isPresent() && block.get().contains(address);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof AllowedHost host && host.text.equals(text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    @Override
    public String toString() {
        return text;
    }
}
