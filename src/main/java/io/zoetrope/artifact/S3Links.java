package io.zoetrope.artifact;

import java.net.URI;
import java.net.URISyntaxException;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Configuration;
import software.amazon.awssdk.services.s3.presigner.S3Presigner;
import software.amazon.awssdk.services.s3.presigner.model.GetObjectPresignRequest;

/// Signed links to the artifacts in a bucket: whoever has one may read that artifact until it expires, by `GET`
/// and with byte ranges. Signed for the address that readers use, because the host is part of the signature; no
/// server is asked.
public final class S3Links implements ArtifactUrls, AutoCloseable {

    private final S3Settings settings;
    private final S3Presigner presigner;

    private S3Links(S3Settings settings, S3Presigner presigner) {
        this.settings = settings;
        this.presigner = presigner;
    }

    public static S3Links open(S3Settings settings) {
        S3Presigner.Builder builder = S3Presigner.builder()
                .region(Region.of(settings.region()))
                .credentialsProvider(credentials(settings))
                .serviceConfiguration(S3Configuration.builder()
                        .pathStyleAccessEnabled(settings.pathStyle())
                        .build());
        settings.publicEndpoint().or(settings::endpoint).ifPresent(builder::endpointOverride);
        return new S3Links(settings, builder.build());
    }

    /// A link that works from now on for the configured lifetime.
    ///
    /// @throws ArtifactException if there are no credentials
    @Override
    public URI of(ArtifactKey key) {
        try {
            return presigner
                    .presignGetObject(GetObjectPresignRequest.builder()
                            .signatureDuration(settings.linkLifetime())
                            .getObjectRequest(
                                    request -> request.bucket(settings.bucket()).key(key.value()))
                            .build())
                    .url()
                    .toURI();
        } catch (URISyntaxException e) {
            throw new IllegalStateException("link to " + key, e);
        } catch (RuntimeException e) {
            throw S3Faults.of("sign a link to " + key, settings, e);
        }
    }

    @Override
    public void close() {
        presigner.close();
    }

    static AwsCredentialsProvider credentials(S3Settings settings) {
        return settings.credentials()
                .<AwsCredentialsProvider>map(known -> StaticCredentialsProvider.create(
                        AwsBasicCredentials.create(known.accessKey(), known.secretKey())))
                .orElseGet(() -> DefaultCredentialsProvider.builder().build());
    }
}
