package io.tollgate.webhook;

import java.net.InetAddress;
import java.util.Optional;

/**
 * A block of IP addresses, such as {@code 10.0.0.0/8}.
 *
 * @param base its first address, or any of it
 * @param prefix how many leading bits are the same in all of it
 */
record Cidr(InetAddress base, int prefix) {
    Cidr {
        if (prefix < 0 || prefix > base.getAddress().length * Byte.SIZE) {
            throw new IllegalArgumentException("not a block of addresses: " + base.getHostAddress() + "/" + prefix);
        }
    }

    /**
     * Reads {@code ADDRESS/BITS}, or one address.
     *
     * @throws IllegalArgumentException if it is neither
     */
    static Cidr parse(String text) {
        int slash = text.indexOf('/');
        Optional<InetAddress> base = IpLiteral.read(slash < 0 ? text : text.substring(0, slash));
        String bits = slash < 0 ? "" : text.substring(slash + 1);
        if (base.isEmpty() || (slash >= 0 && !bits.matches("[0-9]{1,3}"))) {
            throw new IllegalArgumentException("not a block of addresses such as 10.0.0.0/8: '" + text + "'");
        }
        return new Cidr(base.get(), slash < 0 ? base.get().getAddress().length * Byte.SIZE : Integer.parseInt(bits));
    }

    boolean contains(InetAddress address) {
        byte[] ours = base.getAddress();
        byte[] theirs = address.getAddress();
        if (ours.length != theirs.length) {
            return false;
        }
        int whole = prefix / Byte.SIZE;
        for (int i = 0; i < whole; i++) {
            if (ours[i] != theirs[i]) {
                return false;
            }
        }
        int rest = prefix % Byte.SIZE;
        return rest == 0 || ((ours[whole] ^ theirs[whole]) & 0xff) >>> (Byte.SIZE - rest) == 0;
    }
}
