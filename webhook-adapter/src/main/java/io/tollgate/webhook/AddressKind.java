package io.tollgate.webhook;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What an address is good for, by the special-purpose registries of IANA (RFC 6890 and what was added since). Of IPv6
 * only global unicast is public, less what is set aside in it; IPv4 inside IPv6 is judged as IPv4.
 */
enum AddressKind {
    /** Anybody's. */
    PUBLIC,
    /** Of this host or of a network that is not everybody's. */
    PRIVATE,
    /** Where clouds tell a machine its credentials. */
    METADATA,
    /** Nobody's, or many at once: no receiver lives there. */
    SENSELESS;

    private static final Cidr GLOBAL_UNICAST = Cidr.parse("2000::/3");
    private static final Cidr SIX_TO_FOUR = Cidr.parse("2002::/16");
    private static final Cidr NAT64 = Cidr.parse("64:ff9b::/96");
    private static final Cidr COMPATIBLE = Cidr.parse("::/96");
    private static final Map<Cidr, AddressKind> BLOCKS = blocks();

    private static Map<Cidr, AddressKind> blocks() {
        Map<Cidr, AddressKind> blocks = new LinkedHashMap<>(); // the first that fits counts
        put(blocks, METADATA, "169.254.169.254", "169.254.170.2", "169.254.170.23", "100.100.100.200");
        put(blocks, METADATA, "168.63.129.16", "192.0.0.192", "fd00:ec2::254", "fd20:ce::254");
        put(blocks, SENSELESS, "0.0.0.0/8", "192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "192.88.99.0/24");
        put(blocks, SENSELESS, "224.0.0.0/4", "240.0.0.0/4");
        put(blocks, PRIVATE, "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12");
        put(blocks, PRIVATE, "192.0.0.0/24", "192.168.0.0/16", "198.18.0.0/15");
        put(blocks, PRIVATE, "::1", "fc00::/7", "fe80::/10", "fec0::/10", "64:ff9b:1::/48");
        put(blocks, SENSELESS, "2001:db8::/32", "3fff::/20", "2001::/23", "ff00::/8");
        return blocks;
    }

    private static void put(Map<Cidr, AddressKind> blocks, AddressKind kind, String... texts) {
        Stream.of(texts).map(Cidr::parse).forEach(block -> blocks.put(block, kind));
    }

    static AddressKind of(InetAddress address) {
        for (Map.Entry<Cidr, AddressKind> block : BLOCKS.entrySet()) {
            if (block.getKey().contains(address)) {
                return block.getValue();
            }
        }
        if (address instanceof Inet4Address) {
            return PUBLIC;
        }
        byte[] bytes = address.getAddress();
        for (Map.Entry<Cidr, Integer> carrier :
                List.of(Map.entry(NAT64, 12), Map.entry(SIX_TO_FOUR, 2), Map.entry(COMPATIBLE, 12))) {
            if (carrier.getKey().contains(address)) {
                int from = carrier.getValue();
                return of(ipv4(Arrays.copyOfRange(bytes, from, from + 4)));
            }
        }
        return GLOBAL_UNICAST.contains(address) ? PUBLIC : SENSELESS;
    }

    private static InetAddress ipv4(byte[] bytes) {
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new AssertionError("four bytes are an address", e);
        }
    }
}
