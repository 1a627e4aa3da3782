package io.zoetrope.artifact;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import io.zoetrope.artifact.ArtifactException.Kind;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class S3StoreTest extends ArtifactStoreContract {

    @TempDir
    static Path objects;

    private static S3Server server;
    private static S3Store store;

    @BeforeAll
    static void start() throws Exception {
        server = S3Server.start(objects);
        store = S3Store.open(server.settings());
    }

    @AfterAll
    static void stop() {
        store.close();
        server.close();
    }

    @Override
    ArtifactStore store() {
        return store;
    }

    @Test
    void aServerThatIsNotThereIsNamed() throws IOException {
        URI nowhere = URI.create("http://127.0.0.1:" + freePort());

        ArtifactException failure = failureOf(S3Server.settings(nowhere), store -> await(store.check()));

        assertEquals(Kind.UNREACHABLE, failure.kind());
        assertTrue(failure.retryable());
        assertTrue(failure.getMessage().contains(nowhere.toString()), failure.getMessage());
        assertTrue(failure.getMessage().contains("clips"), failure.getMessage());
    }

    @Test
    void aServerThatDoesNotAnswerIsUnreachableInTime() throws IOException {
        try (var silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            URI address = URI.create("http://127.0.0.1:" + silent.getLocalPort());
            long begin = System.nanoTime();

            ArtifactException failure = failureOf(
                    with(S3Server.settings(address), S3Server.CREDENTIALS, "clips", Duration.ofSeconds(1)),
                    store -> await(store.write(ArtifactKey.requestOf(job), text("{}"))));

            assertEquals(Kind.UNREACHABLE, failure.kind(), failure.getMessage());
            assertTrue(failure.getMessage().contains(ArtifactKey.requestOf(job).value()), failure.getMessage());
            assertTrue(Duration.ofNanos(System.nanoTime() - begin).toSeconds() < 10);
        }
    }

    @Test
    void aServerThatFailsIsUnreachableAndAFullOneFull() throws IOException {
        assertEquals(Kind.UNREACHABLE, failureOfAnswer(503, "SlowDown").kind());
        assertEquals(Kind.UNREACHABLE, failureOfAnswer(500, "InternalError").kind());
        assertEquals(Kind.FULL, failureOfAnswer(507, "XMinioStorageFull").kind());
        assertTrue(failureOfAnswer(507, "XMinioStorageFull").retryable());
    }

    @Test
    void wrongCredentialsAreDeniedAndNotPrinted() {
        var wrong = new S3Settings.Credentials("test-access-key", "not-the-secret-key");
        S3Settings settings = with(server.settings(), wrong, "clips", Duration.ofSeconds(20));

        ArtifactException failure = failureOf(settings, store -> await(store.read(ArtifactKey.requestOf(job))));

        assertEquals(Kind.DENIED, failure.kind());
        assertFalse(failure.retryable());
        for (String text : List.of(failure.getMessage(), settings.toString())) {
            assertFalse(text.contains("not-the-secret-key") || text.contains("test-access-key"), text);
        }
    }

    @Test
    void aBucketThatIsNotThereIsNamed() {
        S3Settings settings = with(server.settings(), S3Server.CREDENTIALS, "no-such-bucket", Duration.ofSeconds(20));

        ArtifactException writing =
                failureOf(settings, store -> await(store.write(ArtifactKey.requestOf(job), text("{}"))));
        ArtifactException checking = failureOf(settings, store -> await(store.check()));

        assertEquals(Kind.MISCONFIGURED, writing.kind());
        assertTrue(writing.getMessage().contains("no-such-bucket"), writing.getMessage());
        assertEquals(Kind.MISCONFIGURED, checking.kind());
    }

    @Test
    void aConditionalWriteWhoseAnswerIsLostIsStillOurs() throws IOException {
        try (var line = CutLine.to(server.endpoint());
                S3Store store = S3Store.open(S3Server.settings(line.address()))) {
            line.swallowNextAnswer();

            assertTrue(await(store.writeIfAbsent(ArtifactKey.terminalOf(job), text("ours"))));
            assertEquals(1, line.swallowed());
            assertFalse(await(store.writeIfAbsent(ArtifactKey.terminalOf(job), text("ours"))));
        }
    }

    @Test
    void settingsThatCannotWorkAreRefused() {
        URI address = URI.create("http://127.0.0.1:1");
        for (String wrong : List.of("ftp://host", "http:///path", "http://user:secret@host")) {
            String said = assertThrows(IllegalArgumentException.class, () -> S3Server.settings(URI.create(wrong)))
                    .getMessage();
            assertFalse(said.contains("secret"), said);
        }
        assertThrows(
                IllegalArgumentException.class,
                () -> with(S3Server.settings(address), S3Server.CREDENTIALS, " ", Duration.ofSeconds(1)));
        assertThrows(IllegalArgumentException.class, () -> new S3Settings.Credentials("", "x"));
    }

    private ArtifactException failureOfAnswer(int status, String code) throws IOException {
        HttpServer failing = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        byte[] body = "<Error><Code>%s</Code><Message>no</Message></Error>"
                .formatted(code)
                .getBytes(StandardCharsets.UTF_8);
        failing.createContext("/", exchange -> {
            exchange.getRequestBody().readAllBytes();
            exchange.sendResponseHeaders(status, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        failing.start();
        try {
            return failureOf(
                    S3Server.settings(URI.create(
                            "http://127.0.0.1:" + failing.getAddress().getPort())),
                    store -> await(store.write(ArtifactKey.requestOf(job), text("{}"))));
        } finally {
            failing.stop(0);
        }
    }

    private static ArtifactException failureOf(S3Settings settings, Consumer<ArtifactStore> use) {
        try (S3Store store = S3Store.open(settings)) {
            return assertThrows(ArtifactException.class, () -> use.accept(store));
        }
    }

    private static S3Settings with(
            S3Settings settings, S3Settings.Credentials credentials, String bucket, Duration timeout) {
        return new S3Settings(
                bucket,
                settings.region(),
                settings.endpoint(),
                settings.publicEndpoint(),
                settings.pathStyle(),
                Optional.of(credentials),
                settings.linkLifetime(),
                timeout);
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
