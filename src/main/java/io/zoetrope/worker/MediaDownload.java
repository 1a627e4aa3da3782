package io.zoetrope.worker;

import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodySubscribers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Fetches files over HTTP, from allowed addresses only: each redirect is checked like the first address, and so is
/// where a name leads. A file arrives within the time and size that are set, or not at all.
final class MediaDownload implements AutoCloseable {

    /// Tells where a name leads.
    interface NameService {
        InetAddress[] addressesOf(String host) throws UnknownHostException;
    }

    /// What holds for every file.
    ///
    /// @param mostBytes    size, at most
    /// @param timeout      for everything, redirects included
    /// @param privateHosts whether allowed names may lead to private addresses
    record Rules(long mostBytes, Duration timeout, boolean privateHosts) {}

    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);
    private static final int MOST_REDIRECTS = 5;
    private static final int OK = 200;
    private static final int SERVER_FAULT = 500;
    private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);

    /// Too slow, too early, too often: the request itself is in order.
    private static final Set<Integer> LATER = Set.of(408, 425, 429);

    private final AllowedSources allowed;
    private final Rules rules;
    private final NameService names;
    private final HttpClient client = HttpClient.newBuilder()
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(CONNECT_TIMEOUT)
            .build();

    MediaDownload(AllowedSources allowed, Rules rules, NameService names) {
        this.allowed = allowed;
        this.rules = rules;
        this.names = names;
    }

    /// Fetches `address`, which is allowed, into `file`.
    ///
    /// @param field of the request, for messages
    void fetch(String field, URI address, Path file) {
        long deadline = System.nanoTime() + rules.timeout().toNanos();
        URI current = address;
        for (int redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
            requirePublic(field, current);
            HttpResponse<Path> response = send(field, current, file, deadline);
            int status = response.statusCode();
            if (status == OK) {
                return;
            }
            if (!REDIRECTS.contains(status)) {
                throw failed(field, current, status);
            }
            current = target(field, current, response);
        }
        throw MediaSourceException.refused(
                field, "%s leads on more than %d times".formatted(AllowedSources.plain(address), MOST_REDIRECTS));
    }

    @Override
    public void close() {
        client.shutdownNow();
        client.close();
    }

    private HttpResponse<Path> send(String field, URI address, Path file, long deadline) {
        HttpRequest request = HttpRequest.newBuilder(address).GET().build();
        CompletableFuture<HttpResponse<Path>> response = client.sendAsync(
                request,
                head -> head.statusCode() == OK
                        ? new LimitedBody<>(
                                BodySubscribers.ofFile(file),
                                rules.mostBytes(),
                                head.headers()
                                        .firstValueAsLong("Content-Length")
                                        .orElse(0))
                        : new LimitedBody<>(BodySubscribers.replacing(file), rules.mostBytes(), 0));
        try {
            return response.get(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            response.cancel(true);
            throw MediaSourceException.unavailable(
                    field,
                    "%s did not arrive within %s s"
                            .formatted(
                                    AllowedSources.plain(address),
                                    rules.timeout().toMillis() / 1000.0),
                    e);
        } catch (InterruptedException e) {
            response.cancel(true);
            Thread.currentThread().interrupt();
            throw MediaSourceException.unavailable(
                    field, "the download of %s was interrupted".formatted(AllowedSources.plain(address)), e);
        } catch (ExecutionException e) {
            throw failed(field, address, e.getCause());
        }
    }

    private MediaSourceException failed(String field, URI address, Throwable cause) {
        if (LimitedBody.isTooLarge(cause)) {
            return MediaSourceException.refused(
                    field,
                    "%s is larger than %d bytes, the most allowed"
                            .formatted(AllowedSources.plain(address), rules.mostBytes()),
                    cause);
        }
        String reason = cause instanceof IOException && cause.getMessage() != null
                ? cause.getMessage()
                : cause.getClass().getSimpleName();
        return MediaSourceException.unavailable(
                field, "%s cannot be fetched: %s".formatted(AllowedSources.plain(address), reason), cause);
    }

    private static MediaSourceException failed(String field, URI address, int status) {
        String reason = "%s answers with status %d".formatted(AllowedSources.plain(address), status);
        return status >= SERVER_FAULT || LATER.contains(status)
                ? MediaSourceException.unavailable(field, reason, null)
                : MediaSourceException.refused(field, reason);
    }

    private URI target(String field, URI address, HttpResponse<Path> response) {
        Optional<URI> target = response.headers().firstValue("Location").flatMap(text -> resolve(address, text));
        if (target.isEmpty()) {
            throw MediaSourceException.refused(
                    field, "%s leads on to nowhere".formatted(AllowedSources.plain(address)));
        }
        if (allowed.prefixOf(target.get()).isEmpty()) {
            throw MediaSourceException.refused(
                    field,
                    "%s leads on to %s, which is not allowed; allowed are %s"
                            .formatted(AllowedSources.plain(address), AllowedSources.plain(target.get()), allowed));
        }
        return target.get();
    }

    private static Optional<URI> resolve(URI address, String location) {
        try {
            return Optional.of(address.resolve(location));
        } catch (IllegalArgumentException _) {
            return Optional.empty();
        }
    }

    /// The client asks again where the name leads; for half a minute the answer is the one that was checked here.
    private void requirePublic(String field, URI address) {
        String host = address.getHost();
        if (rules.privateHosts() || PrivateAddresses.isLiteral(host)) {
            return; // the operator named it
        }
        try {
            for (InetAddress found : names.addressesOf(host)) {
                if (PrivateAddresses.isPrivate(found)) {
                    throw MediaSourceException.refused(
                            field,
                            "%s leads to a private address; those are allowed by their number only"
                                    .formatted(AllowedSources.plain(address)));
                }
            }
        } catch (UnknownHostException e) {
            throw MediaSourceException.unavailable(
                    field, "%s: nothing is known of this host".formatted(AllowedSources.plain(address)), e);
        }
    }
}
