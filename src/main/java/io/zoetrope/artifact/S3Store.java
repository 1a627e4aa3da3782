package io.zoetrope.artifact;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.core.ResponseBytes;
import software.amazon.awssdk.core.async.AsyncRequestBody;
import software.amazon.awssdk.core.async.AsyncResponseTransformer;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3AsyncClient;
import software.amazon.awssdk.services.s3.S3Configuration;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.presigner.S3Presigner;

/// A bucket of any server that speaks S3 and honours `If-None-Match`.
public final class S3Store implements ArtifactStore {

    /// @param endpoint       address of the server; null for Amazon's
    /// @param publicEndpoint address that readers use, part of a link's signature; null for `endpoint`
    /// @param pathStyle      whether the bucket stands in the path rather than in the host's name
    /// @param linkLifetime   how long a link works
    public record Settings(
            String bucket,
            URI endpoint,
            URI publicEndpoint,
            String region,
            boolean pathStyle,
            Duration linkLifetime,
            AwsCredentialsProvider credentials) {}

    private static final int NOT_FOUND = 404;
    private static final int FORBIDDEN = 403;
    private static final int CONFLICT = 409;
    private static final int PRECONDITION_FAILED = 412;

    private final Settings settings;
    private final S3AsyncClient client;
    private final S3Presigner presigner;

    public S3Store(Settings settings) {
        this.settings = settings;
        Region region = Region.of(settings.region());
        var clientBuilder = S3AsyncClient.builder()
                .region(region)
                .credentialsProvider(settings.credentials())
                .forcePathStyle(settings.pathStyle());
        var presignerBuilder = S3Presigner.builder()
                .region(region)
                .credentialsProvider(settings.credentials())
                .serviceConfiguration(S3Configuration.builder()
                        .pathStyleAccessEnabled(settings.pathStyle())
                        .build());
        if (settings.endpoint() != null) {
            clientBuilder.endpointOverride(settings.endpoint());
            presignerBuilder.endpointOverride(
                    settings.publicEndpoint() == null ? settings.endpoint() : settings.publicEndpoint());
        }
        this.client = clientBuilder.build();
        this.presigner = presignerBuilder.build();
    }

    @Override
    public Artifact put(ArtifactKey key, byte[] content, String mediaType) {
        put(key, AsyncRequestBody.fromBytes(content), mediaType, false);
        return new Artifact(key, mediaType, content.length, Digests.of(content));
    }

    @Override
    public Artifact put(ArtifactKey key, Path file, String mediaType) {
        put(key, AsyncRequestBody.fromFile(file), mediaType, false);
        try {
            return new Artifact(key, mediaType, java.nio.file.Files.size(file), Digests.of(file));
        } catch (java.io.IOException e) {
            throw new ArtifactException(
                    ArtifactException.Kind.FAULT, "cannot read %s: %s".formatted(file, e.getMessage()), e);
        }
    }

    @Override
    public boolean putIfAbsent(ArtifactKey key, byte[] content, String mediaType) {
        try {
            put(key, AsyncRequestBody.fromBytes(content), mediaType, true);
            return true;
        } catch (ArtifactException e) {
            if (e.getCause() instanceof S3Exception refused
                    && (refused.statusCode() == PRECONDITION_FAILED || refused.statusCode() == CONFLICT)) {
                return false;
            }
            throw e;
        }
    }

    @Override
    public Optional<byte[]> get(ArtifactKey key) {
        try {
            CompletableFuture<ResponseBytes<GetObjectResponse>> read = client.getObject(
                    request -> request.bucket(settings.bucket()).key(key.path()), AsyncResponseTransformer.toBytes());
            return Optional.of(read.join().asByteArrayUnsafe());
        } catch (CompletionException e) {
            if (isMissing(e.getCause())) {
                return Optional.empty();
            }
            throw failure("read " + key, e.getCause());
        }
    }

    @Override
    public boolean exists(ArtifactKey key) {
        try {
            client.headObject(request -> request.bucket(settings.bucket()).key(key.path()))
                    .join();
            return true;
        } catch (CompletionException e) {
            if (isMissing(e.getCause())) {
                return false;
            }
            throw failure("look for " + key, e.getCause());
        }
    }

    @Override
    public URI url(ArtifactKey key) {
        var signed = presigner.presignGetObject(request -> request.signatureDuration(settings.linkLifetime())
                .getObjectRequest(get -> get.bucket(settings.bucket()).key(key.path())));
        return URI.create(signed.url().toString());
    }

    @Override
    public void check() {
        try {
            client.headBucket(request -> request.bucket(settings.bucket())).join();
        } catch (CompletionException e) {
            throw failure("use the bucket", e.getCause());
        }
    }

    @Override
    public String address() {
        String server = settings.endpoint() == null
                ? "s3." + settings.region()
                : settings.endpoint().toString();
        return server + "/" + settings.bucket();
    }

    @Override
    public void close() {
        client.close();
        presigner.close();
    }

    private void put(ArtifactKey key, AsyncRequestBody body, String mediaType, boolean ifAbsent) {
        try {
            client.putObject(
                            request -> {
                                request.bucket(settings.bucket())
                                        .key(key.path())
                                        .contentType(mediaType);
                                if (ifAbsent) {
                                    request.ifNoneMatch("*");
                                }
                            },
                            body)
                    .join();
        } catch (CompletionException e) {
            throw failure("write " + key, e.getCause());
        }
    }

    private static boolean isMissing(Throwable cause) {
        return cause instanceof NoSuchKeyException
                || cause instanceof S3Exception exception && exception.statusCode() == NOT_FOUND;
    }

    private ArtifactException failure(String verb, Throwable cause) {
        ArtifactException.Kind kind = switch (cause) {
            case S3Exception refused when refused.statusCode() == FORBIDDEN -> ArtifactException.Kind.DENIED;
            case SdkClientException _ -> ArtifactException.Kind.UNREACHABLE;
            default -> ArtifactException.Kind.FAULT;
        };
        return new ArtifactException(kind, "cannot %s at %s: %s".formatted(verb, address(), cause.getMessage()), cause);
    }
}
