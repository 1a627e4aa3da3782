package io.zoetrope.artifact;

import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/// How a bucket is reached.
///
/// @param bucket         its name
/// @param region         such as `us-east-1`; most servers other than Amazon's take any
/// @param endpoint       address of the server; absent for Amazon's own of that region
/// @param publicEndpoint address under which readers reach the same server, part of a link's signature; absent
///                       if they use `endpoint`
/// @param pathStyle      whether the bucket stands in the path rather than in the host's name
/// @param credentials    absent for the usual sources: environment, profile, web identity, instance
/// @param linkLifetime   how long a link works, 1 second to 7 days
/// @param timeout        after how long without an answer the store counts as unreachable
public record S3Settings(
        String bucket,
        String region,
        Optional<URI> endpoint,
        Optional<URI> publicEndpoint,
        boolean pathStyle,
        Optional<Credentials> credentials,
        Duration linkLifetime,
        Duration timeout) {

    private static final Set<String> SCHEMES = Set.of("http", "https");
    private static final Duration LONGEST_LINK = Duration.ofDays(7);

    /// What proves who we are; never printed.
    public record Credentials(String accessKey, String secretKey) {
        public Credentials {
            if (accessKey == null || accessKey.isBlank() || secretKey == null || secretKey.isBlank()) {
                throw new IllegalArgumentException("access key or secret key of the artifact store is empty");
            }
        }

        @Override
        public String toString() {
            return "Credentials[hidden]";
        }
    }

    public S3Settings {
        if (bucket == null || bucket.isBlank() || region == null || region.isBlank()) {
            throw new IllegalArgumentException(
                    "bucket '%s' and region '%s' of the artifact store, expected both".formatted(bucket, region));
        }
        requireAddress("endpoint", endpoint);
        requireAddress("public endpoint", publicEndpoint);
        if (linkLifetime.toSeconds() < 1 || linkLifetime.compareTo(LONGEST_LINK) > 0) {
            throw new IllegalArgumentException(
                    "lifetime of links %s, expected 1 second to 7 days".formatted(linkLifetime));
        }
        if (!timeout.isPositive()) {
            throw new IllegalArgumentException("timeout %s, expected more than nothing".formatted(timeout));
        }
    }

    private static void requireAddress(String name, Optional<URI> address) {
        address.ifPresent(uri -> {
            if (uri.getHost() == null || uri.getRawUserInfo() != null || !SCHEMES.contains(uri.getScheme())) {
                throw new IllegalArgumentException(
                        "%s of the artifact store, expected http or https, host and port".formatted(name));
            }
        });
    }

    /// Bucket and server, for messages.
    String address() {
        return "bucket %s at %s".formatted(bucket, endpoint.map(URI::toString).orElse("Amazon S3 in " + region));
    }
}
