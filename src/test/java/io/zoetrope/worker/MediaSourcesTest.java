package io.zoetrope.worker;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.zoetrope.artifact.ArtifactKey;
import io.zoetrope.artifact.FolderStore;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Sources of requests: from the store, from this machine, and from a server that does not always behave.
class MediaSourcesTest {

    private static final String FIELD = "conditions[2].source";
    private static final int MOST = 100_000;
    private static final byte[] CONTENT = content(50_000);

    @TempDir
    private Path folder;

    private final CountDownLatch over = new CountDownLatch(1);
    private Path target;
    private HttpServer server;
    private FolderStore store;
    private MediaSources sources;

    @BeforeEach
    void open() throws IOException {
        target = Files.createDirectory(folder.resolve("target"));
        store = FolderStore.open(folder.resolve("artifacts"));
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", this::answer);
        server.start();
        sources = sources(Duration.ofSeconds(20), InetAddress::getAllByName);
    }

    @AfterEach
    void close() {
        over.countDown();
        sources.close();
        server.stop(0);
        store.close();
    }

    @Test
    void artifactsComeFromTheStore() throws IOException {
        ArtifactKey key = new ArtifactKey("inputs/picture.png");
        store.write(key, CONTENT).await().indefinitely();
        Path found = sources.fetch(FIELD, "inputs/picture.png", target);
        assertEquals(target, found.getParent());
        assertArrayEquals(CONTENT, Files.readAllBytes(found));
        store.write(key, content(MOST + 1)).await().indefinitely();
        assertRefused("inputs/picture.png", "has 100001 bytes, at most 100000");
        assertRefused("inputs/other.png", "there is no artifact inputs/other.png");
    }

    @Test
    void filesAreUsedWhereTheyLie() throws IOException {
        Path file = Files.write(allowedFolder().resolve("a b.png"), CONTENT);
        assertEquals(file.toRealPath(), sources.fetch(FIELD, file.toUri().toString(), target));
        assertRefused(allowedFolder().resolve("none.png").toUri().toString(), "there is no file:");
        assertRefused(allowedFolder().toUri().toString(), "is not a file");
        Path large = Files.write(allowedFolder().resolve("large.png"), content(MOST + 1));
        assertRefused(large.toUri().toString(), "has 100001 bytes, at most 100000");
    }

    @Test
    void linksDoNotLeadOut() throws IOException {
        Path secret = Files.write(folder.resolve("secret.png"), CONTENT);
        Path out = Files.createSymbolicLink(allowedFolder().resolve("out.png"), secret);
        assertRefused(out.toUri().toString(), "leads out of what is allowed");
        Path up = Files.createSymbolicLink(allowedFolder().resolve("up"), folder);
        assertRefused(up.resolve("secret.png").toUri().toString(), "leads out of what is allowed");
        Path file = Files.write(allowedFolder().resolve("inside.png"), CONTENT);
        Path in = Files.createSymbolicLink(allowedFolder().resolve("in.png"), file);
        assertEquals(file.toRealPath(), sources.fetch(FIELD, in.toUri().toString(), target));
    }

    @ParameterizedTest
    @ValueSource(strings = {"plain", "chunked", "redirect/1", "redirect/5", "relative", "plain?signature=secret"})
    void filesAreFetched(String path) throws IOException {
        Path found = sources.fetch(FIELD, media(path), target);
        assertEquals(target, found.getParent());
        assertArrayEquals(CONTENT, Files.readAllBytes(found));
    }

    @Test
    void redirectsDoNotLeadOut() {
        assertRefused(media("out"), "/secret/plain, which is not allowed");
        assertRefused(media("up"), "which is not allowed");
        assertRefused(media("elsewhere"), "http://192.0.2.1/media/plain, which is not allowed");
        assertRefused(media("disk"), "file:/etc/passwd, which is not allowed");
        assertRefused(media("redirect/6"), "leads on more than 5 times");
        assertRefused(media("nowhere"), "leads on to nowhere");
    }

    @Test
    void whatIsTooLargeIsNotReadToItsEnd() {
        assertRefused(media("announced"), "larger than 100000 bytes");
        assertRefused(media("endless"), "larger than 100000 bytes");
    }

    @ParameterizedTest
    @ValueSource(ints = {204, 206, 304, 400, 401, 403, 404, 410})
    void aRefusalOfTheServerIsAFaultOfTheRequest(int status) {
        assertRefused(media("status/" + status), "answers with status " + status);
    }

    @ParameterizedTest
    @ValueSource(ints = {408, 429, 500, 502, 503})
    void aFaultOfTheServerMayPass(int status) {
        assertUnavailable(sources, media("status/" + status), "answers with status " + status);
    }

    @Test
    void aCutLineAndSilenceMayPass() {
        assertUnavailable(sources, media("cut"), "cannot be fetched");
        try (MediaSources impatient = sources(Duration.ofMillis(500), InetAddress::getAllByName)) {
            assertUnavailable(impatient, media("silent"), "did not arrive within 0.5 s");
            assertUnavailable(impatient, media("slow"), "did not arrive within 0.5 s");
        }
        server.stop(0);
        assertUnavailable(sources, media("plain"), "cannot be fetched");
    }

    @Test
    void namesDoNotLeadToPrivateAddresses() throws IOException {
        for (String address : new String[] {"127.0.0.1", "10.0.0.7", "169.254.169.254"}) {
            try (MediaSources named =
                    sources(Duration.ofSeconds(5), _ -> new InetAddress[] {InetAddress.getByName(address)})) {
                var refusal = assertThrows(
                        MediaSourceException.class,
                        () -> named.fetch(FIELD, "http://media.invalid:%d/media/plain".formatted(port()), target));
                assertFalse(refusal.retryable());
                assertTrue(refusal.getMessage().contains("private address"), refusal.getMessage());
            }
        }
        try (MediaSources unknown = sources(Duration.ofSeconds(5), host -> {
            throw new UnknownHostException(host);
        })) {
            assertUnavailable(
                    unknown, "http://media.invalid:%d/media/plain".formatted(port()), "nothing is known of this host");
        }
    }

    @Test
    void whatIsNotAllowedIsNotAskedFor() {
        assertRefused("http://127.0.0.1:%d/secret/plain".formatted(port()), "is not allowed; allowed are");
        assertRefused(media("../secret/plain"), "is not allowed");
    }

    private MediaSources sources(Duration timeout, MediaDownload.NameService names) {
        try {
            AllowedSources allowed = AllowedSources.of(List.of(
                    "http://127.0.0.1:%d/media/".formatted(port()),
                    "http://media.invalid:%d/media/".formatted(port()),
                    allowedFolder().toUri().toString()));
            return new MediaSources(store, allowed, new MediaDownload.Rules(MOST, timeout, false), names);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private Path allowedFolder() throws IOException {
        return Files.createDirectories(folder.resolve("allowed"));
    }

    private int port() {
        return server.getAddress().getPort();
    }

    private String media(String path) {
        return "http://127.0.0.1:%d/media/%s".formatted(port(), path);
    }

    private void assertRefused(String source, String part) {
        var refusal = assertThrows(MediaSourceException.class, () -> sources.fetch(FIELD, source, target));
        assertFalse(refusal.retryable(), refusal.getMessage());
        assertTrue(refusal.getMessage().startsWith(FIELD + ": "), refusal.getMessage());
        assertTrue(refusal.getMessage().contains(part), refusal.getMessage());
    }

    private void assertUnavailable(MediaSources of, String source, String part) {
        var failure = assertThrows(MediaSourceException.class, () -> of.fetch(FIELD, source, target));
        assertTrue(failure.retryable(), failure.getMessage());
        assertTrue(failure.getMessage().startsWith(FIELD + ": "), failure.getMessage());
        assertTrue(failure.getMessage().contains(part), failure.getMessage());
    }

    private void answer(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        String[] parts = path.split("/");
        switch (parts.length < 3 ? "" : parts[2]) {
            case "plain" -> send(exchange, CONTENT.length);
            case "chunked" -> send(exchange, 0);
            case "redirect" -> {
                int left = Integer.parseInt(parts[3]);
                lead(exchange, left == 1 ? media("plain") : media("redirect/" + (left - 1)));
            }
            case "relative" -> lead(exchange, "plain");
            case "out" -> lead(exchange, "/secret/plain?signature=secret");
            case "up" -> lead(exchange, "%2e%2e/secret/plain");
            case "elsewhere" -> lead(exchange, "http://192.0.2.1/media/plain");
            case "disk" -> lead(exchange, "file:/etc/passwd");
            case "nowhere" -> exchange.sendResponseHeaders(302, -1);
            case "announced" -> {
                exchange.sendResponseHeaders(200, MOST + 1);
                exchange.getResponseBody().flush();
                waitForTheEnd();
            }
            case "endless" -> {
                exchange.sendResponseHeaders(200, 0);
                while (true) {
                    exchange.getResponseBody().write(CONTENT); // until the other side hangs up
                }
            }
            case "status" -> exchange.sendResponseHeaders(Integer.parseInt(parts[3]), -1);
            case "cut" -> {
                exchange.sendResponseHeaders(200, CONTENT.length);
                exchange.getResponseBody().write(CONTENT, 0, 1000);
                exchange.getResponseBody().flush();
                throw new IOException("the line is cut");
            }
            case "silent" -> waitForTheEnd();
            case "slow" -> {
                exchange.sendResponseHeaders(200, CONTENT.length);
                exchange.getResponseBody().write(CONTENT, 0, 1000);
                exchange.getResponseBody().flush();
                waitForTheEnd();
            }
            default -> exchange.sendResponseHeaders(500, -1);
        }
        exchange.close();
    }

    private static void send(HttpExchange exchange, int announced) throws IOException {
        exchange.sendResponseHeaders(200, announced);
        exchange.getResponseBody().write(CONTENT);
    }

    private static void lead(HttpExchange exchange, String location) throws IOException {
        exchange.getResponseHeaders().add("Location", location);
        exchange.sendResponseHeaders(302, -1);
    }

    private void waitForTheEnd() throws IOException {
        try {
            if (!over.await(30, TimeUnit.SECONDS)) {
                throw new IOException("nobody ended the test");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }

    private static byte[] content(int bytes) {
        byte[] content = new byte[bytes];
        new Random(bytes).nextBytes(content);
        return content;
    }
}
