package io.zoetrope.worker;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.Locale;
import java.util.regex.Pattern;

/// Addresses that mean another machine, or this one, depending on where one stands: those of this machine, of the
/// local network and of the provider's own services. A public name that leads to one of them is a trap.
final class PrivateAddresses {

    private static final Pattern LITERAL = Pattern.compile("[0-9.]+|\\[.*]");

    private PrivateAddresses() {}

    /// Whether `host` is an address itself, or `localhost`, rather than a name that may lead anywhere.
    static boolean isLiteral(String host) {
        return LITERAL.matcher(host).matches() || host.toLowerCase(Locale.ROOT).equals("localhost");
    }

    static boolean isPrivate(InetAddress address) {
        byte[] bytes = address.getAddress();
        int first = bytes[0] & 255;
        int second = bytes[1] & 255;
        boolean reserved = address instanceof Inet4Address
                ? first == 0 // this network
                        || first == 100 && second >= 64 && second < 128 // shared by customers of a provider
                        || first == 192 && second == 0 && bytes[2] == 0 // protocols
                        || first == 198 && (second == 18 || second == 19) // measurements
                        || first >= 240 // never assigned
                : (first & 0xfe) == 0xfc // local networks
                        || first == 0 && second == 0x64; // a translated address of version 4
        return reserved
                || address.isAnyLocalAddress()
                || address.isLoopbackAddress()
                || address.isLinkLocalAddress()
                || address.isSiteLocalAddress()
                || address.isMulticastAddress();
    }
}
