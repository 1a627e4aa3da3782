package io.zoetrope.worker;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/// From where requests may have files read: addresses that begin with one of the given prefixes, part by part. A
/// prefix `https://example.com/media` allows `https://example.com/media/a.png`, and neither
/// `https://example.com/mediation` nor anything on another host, port or scheme.
final class AllowedSources {

    private static final Set<String> SCHEMES = Set.of("file", "https", "http");

    /// Characters that could end or climb a path segment when somebody decodes them: `.`, `/`, `\` and NUL.
    private static final List<String> HIDDEN = List.of("%2e", "%2f", "%5c", "%00");

    private final List<URI> prefixes;

    private AllowedSources(List<URI> prefixes) {
        this.prefixes = prefixes;
    }

    /// @throws IllegalArgumentException if a prefix is none, naming it and the setting
    static AllowedSources of(List<String> prefixes) {
        return new AllowedSources(prefixes.stream().map(AllowedSources::prefix).toList());
    }

    /// Whether a file, whose path has no links in it, lies where files may be read.
    boolean holds(Path real) throws IOException {
        for (URI prefix : prefixes) {
            Path place = Path.of(prefix.getPath());
            if (scheme(prefix).equals("file") && Files.exists(place) && real.startsWith(place.toRealPath())) {
                return true;
            }
        }
        return false;
    }

    /// The address `source`, if it is allowed.
    ///
    /// @throws MediaSourceException naming `field`, the address and what is allowed
    URI require(String field, String source) {
        URI address = parse(source)
                .filter(URI::isAbsolute)
                .orElseThrow(() -> MediaSourceException.refused(
                        field, "neither the key of an artifact nor an address; allowed are " + this));
        if (prefixOf(address).isEmpty()) {
            throw MediaSourceException.refused(
                    field, "%s is not allowed; allowed are %s".formatted(plain(address), this));
        }
        return address;
    }

    /// The prefix under which `address` falls.
    Optional<URI> prefixOf(URI address) {
        return isClean(address)
                ? prefixes.stream().filter(prefix -> covers(prefix, address)).findFirst()
                : Optional.empty();
    }

    /// An address without what may be secret: user, password and query.
    static String plain(URI address) {
        String authority = address.getHost() == null
                ? ""
                : "//" + address.getHost() + (address.getPort() < 0 ? "" : ":" + address.getPort());
        return "%s:%s%s"
                .formatted(address.getScheme(), authority, address.getRawPath() == null ? "" : address.getRawPath());
    }

    @Override
    public String toString() {
        String addresses =
                String.join(", ", prefixes.stream().map(AllowedSources::plain).toList());
        return addresses.isEmpty() ? "keys of artifacts" : "keys of artifacts and what begins with " + addresses;
    }

    private static URI prefix(String text) {
        return parse(text.strip())
                .filter(AllowedSources::isClean)
                .filter(prefix -> SCHEMES.contains(scheme(prefix))
                        && prefix.getRawQuery() == null
                        && prefix.getRawFragment() == null
                        && scheme(prefix).equals("file") == (prefix.getHost() == null))
                .orElseThrow(() -> new IllegalArgumentException(
                        "zoetrope.media.allowed has '%s', expected prefixes such as file:/data/ or https://host/media/"
                                .formatted(text.replaceAll("//.*@", "//…@"))));
    }

    /// Whether an address is what it seems: a path from the root without detours, and nobody's password.
    private static boolean isClean(URI address) {
        String path = address.getRawPath();
        if (address.getScheme() == null || path == null || !path.startsWith("/") || address.getRawUserInfo() != null) {
            return false;
        }
        // Such an authority is no host and port; some readers make one of it.
        boolean odd = address.getRawAuthority() != null && address.getHost() == null;
        String lower = path.toLowerCase(Locale.ROOT);
        boolean detour = Arrays.stream(path.split("/", -1)).anyMatch(part -> part.equals(".") || part.equals(".."));
        return !odd && !detour && HIDDEN.stream().noneMatch(lower::contains);
    }

    private static boolean covers(URI prefix, URI address) {
        String path = prefix.getPath();
        boolean below =
                address.getPath().equals(path) || address.getPath().startsWith(path.endsWith("/") ? path : path + "/");
        return below
                && scheme(prefix).equals(scheme(address))
                && host(prefix).equals(host(address))
                && port(prefix) == port(address);
    }

    private static String scheme(URI address) {
        return address.getScheme().toLowerCase(Locale.ROOT);
    }

    private static String host(URI address) {
        return address.getHost() == null ? "" : address.getHost().toLowerCase(Locale.ROOT);
    }

    private static int port(URI address) {
        if (address.getPort() >= 0) {
            return address.getPort();
        }
        return switch (scheme(address)) {
            case "https" -> 443;
            case "http" -> 80;
            default -> -1;
        };
    }

    private static Optional<URI> parse(String text) {
        try {
            return Optional.of(new URI(text));
        } catch (URISyntaxException _) {
            return Optional.empty();
        }
    }
}
