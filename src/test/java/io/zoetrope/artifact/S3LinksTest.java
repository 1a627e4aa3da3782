package io.zoetrope.artifact;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.zoetrope.request.JobId;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class S3LinksTest {

    private static final ArtifactKey CLIP = ArtifactKey.clipOf(new JobId("a-job"), "0123abcd");
    private static final byte[] CONTENT = new byte[10_000];

    @TempDir
    static Path objects;

    private static S3Server server;

    private final HttpClient http = HttpClient.newHttpClient();

    @BeforeAll
    static void start() throws Exception {
        server = S3Server.start(objects);
        for (int index = 0; index < CONTENT.length; index++) {
            CONTENT[index] = (byte) (index * 31);
        }
        try (S3Store store = S3Store.open(server.settings())) {
            store.write(CLIP, CONTENT).await().atMost(Duration.ofSeconds(30));
        }
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void whoeverHasALinkReadsTheClip() throws IOException, InterruptedException {
        HttpResponse<byte[]> answer = get(link(server.settings()), null);

        assertEquals(200, answer.statusCode());
        assertEquals(Optional.of("video/mp4"), answer.headers().firstValue("content-type"));
        assertArrayEquals(CONTENT, answer.body());
    }

    @Test
    void playersReadParts() throws IOException, InterruptedException {
        HttpResponse<byte[]> answer = get(link(server.settings()), "bytes=100-299");

        assertEquals(206, answer.statusCode());
        assertEquals(Optional.of("bytes 100-299/10000"), answer.headers().firstValue("content-range"));
        assertArrayEquals(Arrays.copyOfRange(CONTENT, 100, 300), answer.body());
    }

    @Test
    void aChangedLinkIsRefused() throws IOException, InterruptedException {
        String link = link(server.settings()).toString();
        URI otherKey = URI.create(link.replace("clip-0123abcd", "clip-0123abce"));
        URI otherSignature =
                URI.create(link.replaceFirst("X-Amz-Signature=[0-9a-f]{64}", "X-Amz-Signature=" + "0".repeat(64)));
        URI longer = URI.create(link.replace("X-Amz-Expires=300", "X-Amz-Expires=3000"));

        assertEquals(403, get(otherKey, null).statusCode());
        assertNotEquals(link, otherSignature.toString());
        assertEquals(403, get(otherSignature, null).statusCode());
        assertNotEquals(link, longer.toString());
        assertEquals(403, get(longer, null).statusCode());
        assertEquals(403, get(URI.create(link.replaceFirst("\\?.*", "")), null).statusCode());
    }

    @Test
    void anExpiredLinkIsRefused() throws IOException, InterruptedException {
        URI link = link(settings(Optional.empty(), Duration.ofSeconds(1)));
        Thread.sleep(2500);

        assertEquals(403, get(link, null).statusCode());
    }

    @Test
    void aLinkIsSignedForTheAddressThatReadersUse() throws IOException, InterruptedException {
        URI readers = URI.create("http://localhost:" + server.endpoint().getPort());

        URI link = link(settings(Optional.of(readers), Duration.ofMinutes(5)));

        assertEquals("localhost", link.getHost());
        assertEquals(200, get(link, null).statusCode());
        assertEquals(
                403,
                get(URI.create(link.toString().replace("localhost", "127.0.0.1")), null)
                        .statusCode());
    }

    @Test
    void aLinkHoldsNoSecret() {
        assertFalse(link(server.settings()).toString().contains(S3Server.CREDENTIALS.secretKey()));
    }

    private static URI link(S3Settings settings) {
        try (S3Links links = S3Links.open(settings)) {
            return links.of(CLIP);
        }
    }

    private static S3Settings settings(Optional<URI> publicEndpoint, Duration lifetime) {
        S3Settings settings = server.settings();
        return new S3Settings(
                settings.bucket(),
                settings.region(),
                settings.endpoint(),
                publicEndpoint,
                settings.pathStyle(),
                settings.credentials(),
                lifetime,
                settings.timeout());
    }

    private HttpResponse<byte[]> get(URI link, String range) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(link);
        if (range != null) {
            request.header("Range", range);
        }
        return http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    }
}
