package io.tollgate.webhook;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Reads hosts that are IP addresses, without ever asking a name server. What looks like an address but is not in its
 * one usual spelling is no address here: programs read {@code 0177.0.0.1}, {@code 0x7f.1} and {@code 2130706433}
 * differently, and whoever writes them wants just that.
 */
final class IpLiteral {
    private static final String BYTE = "(?:0|[1-9][0-9]?|1[0-9]{2}|2[0-4][0-9]|25[0-5])";
    private static final Pattern USUAL = Pattern.compile(BYTE + "(?:\\." + BYTE + "){3}");
    private static final Pattern NUMBER = Pattern.compile("[0-9]+|0[xX][0-9a-fA-F]*");
    private static final Pattern IPV6 = Pattern.compile("[0-9a-fA-F:][0-9a-fA-F:.]*");
    private static final int IPV4_BYTES = 4;

    private IpLiteral() {}

    /** The address that {@code host} spells, in brackets or not; IPv4 mapped into IPv6 is IPv4. */
    static Optional<InetAddress> read(String host) {
        String bare = host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
        try {
            if (USUAL.matcher(bare).matches()) {
                byte[] bytes = new byte[IPV4_BYTES];
                String[] parts = bare.split("\\.", -1);
                for (int i = 0; i < IPV4_BYTES; i++) {
                    bytes[i] = (byte) Integer.parseInt(parts[i]);
                }
                return Optional.of(InetAddress.getByAddress(bytes));
            }
            if (bare.contains(":") && IPV6.matcher(bare).matches()) {
                return Optional.of(InetAddress.getByName(bare)); // a colon is in no name, so nobody is asked
            }
        } catch (UnknownHostException notAnAddress) {
            return Optional.empty();
        }
        return Optional.empty();
    }

    /** Whether some program would take {@code host} for an IPv4 address that {@link #read} doesn't know. */
    static boolean isDisguised(String host) {
        String name = host.toLowerCase(Locale.ROOT);
        String last = name.substring(name.lastIndexOf('.') + 1);
        return NUMBER.matcher(last).matches() && !USUAL.matcher(name).matches();
    }
}
