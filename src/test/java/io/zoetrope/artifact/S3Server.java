package io.zoetrope.artifact;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.auth.AuthenticationType;
import org.gaul.s3proxy.nio2blob.FilesystemNio2BlobStore;

/// A real S3 server in this process, with a bucket.
public final class S3Server implements AutoCloseable {

    public static final S3Settings.Credentials CREDENTIALS =
            new S3Settings.Credentials("test-access-key", "test-secret-key");
    public static final String BUCKET = "clips";

    private final S3Proxy server;

    private S3Server(S3Proxy server) {
        this.server = server;
    }

    /// @param folder where it keeps its objects
    public static S3Server start(Path folder) throws Exception {
        var objects = new FilesystemNio2BlobStore(folder.toString());
        objects.createContainer(BUCKET);
        S3Proxy server = S3Proxy.builder()
                .blobStore(objects)
                .endpoint(URI.create("http://127.0.0.1:0"))
                .awsAuthentication(AuthenticationType.AWS_V4, CREDENTIALS.accessKey(), CREDENTIALS.secretKey())
                .build();
        server.start();
        return new S3Server(server);
    }

    public URI endpoint() {
        return URI.create("http://127.0.0.1:" + server.getPort());
    }

    public S3Settings settings() {
        return settings(endpoint());
    }

    public static S3Settings settings(URI endpoint) {
        return new S3Settings(
                BUCKET,
                "us-east-1",
                Optional.of(endpoint),
                Optional.empty(),
                true,
                Optional.of(CREDENTIALS),
                Duration.ofMinutes(5),
                Duration.ofSeconds(20));
    }

    @Override
    public void close() {
        try {
            server.stop();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Exception e) {
            throw new IllegalStateException("the S3 server does not stop", e);
        }
    }
}
