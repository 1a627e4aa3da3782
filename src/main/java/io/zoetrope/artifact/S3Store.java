package io.zoetrope.artifact;

import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.zoetrope.artifact.ArtifactException.Kind;
import io.zoetrope.request.Sha256;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import org.reactivestreams.FlowAdapters;
import software.amazon.awssdk.core.async.AsyncRequestBody;
import software.amazon.awssdk.core.async.AsyncResponseTransformer;
import software.amazon.awssdk.core.client.config.ClientOverrideConfiguration;
import software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3AsyncClient;
import software.amazon.awssdk.services.s3.S3AsyncClientBuilder;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.S3Object;

/// Artifacts in a bucket of any server that speaks S3 and honours `If-None-Match: *` on writing.
public final class S3Store implements ArtifactStore {

    private static final int RETRIES_OF_A_CONFLICT = 5;
    private static final Duration PAUSE = Duration.ofMillis(100);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(2);
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
    private static final String WRITER = "writer";

    private final S3Settings settings;
    private final S3AsyncClient client;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    private S3Store(S3Settings settings, S3AsyncClient client) {
        this.settings = settings;
        this.client = client;
    }

    /// Makes the client; nothing is asked of the server before the first use or [#check].
    public static S3Store open(S3Settings settings) {
        S3AsyncClientBuilder builder = S3AsyncClient.builder()
                .region(Region.of(settings.region()))
                .credentialsProvider(S3Links.credentials(settings))
                .forcePathStyle(settings.pathStyle())
                .httpClientBuilder(NettyNioAsyncHttpClient.builder().connectionTimeout(CONNECT_TIMEOUT))
                .overrideConfiguration(ClientOverrideConfiguration.builder()
                        .apiCallAttemptTimeout(settings.timeout())
                        .apiCallTimeout(settings.timeout().multipliedBy(2))
                        .build());
        settings.endpoint().ifPresent(builder::endpointOverride);
        return new S3Store(settings, builder.build());
    }

    @Override
    public Uni<Artifact> write(ArtifactKey key, byte[] content) {
        return call("write " + key, () -> put(key, AsyncRequestBody.fromBytes(content)))
                .map(_ -> Artifact.of(key, content.length, Sha256.of(content)));
    }

    @Override
    public Uni<Void> writeUndigested(ArtifactKey key, List<ByteBuffer> content) {
        // Copied: a request that was given up may still be reading when its buffers are freed.
        ByteBuffer[] parts = content.stream().map(ByteBuffer::duplicate).toArray(ByteBuffer[]::new);
        return call("write " + key, () -> put(key, AsyncRequestBody.fromByteBuffers(parts)))
                .replaceWithVoid();
    }

    /// What a server has taken is safe.
    @Override
    public Uni<Artifact> writePassing(ArtifactKey key, byte[] content) {
        return write(key, content);
    }

    @Override
    public Uni<Artifact> write(ArtifactKey key, Path file) {
        return Uni.createFrom()
                .item(() -> Artifact.of(
                        key, LocalFile.of(file).bytes(), LocalFile.of(file).sha256()))
                .runSubscriptionOn(threads)
                .call(_ -> call("write " + key, () -> put(key, AsyncRequestBody.fromFile(file))));
    }

    /// Each call writes under a token of its own: if the answer to a successful write is lost and the repeated
    /// one is told that the name is taken, the token tells whose it is.
    @Override
    public Uni<Boolean> writeIfAbsent(ArtifactKey key, byte[] content) {
        return writeIfAbsent(key, () -> AsyncRequestBody.fromBytes(content));
    }

    @Override
    public Uni<Boolean> writeIfAbsent(ArtifactKey key, Path file) {
        return Uni.createFrom()
                .item(() -> LocalFile.of(file).path())
                .runSubscriptionOn(threads)
                .chain(local -> writeIfAbsent(key, () -> AsyncRequestBody.fromFile(local)));
    }

    private Uni<Boolean> writeIfAbsent(ArtifactKey key, Supplier<AsyncRequestBody> content) {
        return Uni.createFrom().deferred(() -> {
            String token = UUID.randomUUID().toString();
            return call("write " + key, () -> putFirst(key, content.get(), token))
                    .replaceWith(true)
                    .onFailure(S3Faults::isTaken)
                    .recoverWithUni(() -> isWrittenBy(key, token))
                    .onFailure(S3Faults::isConflict)
                    .retry()
                    .withBackOff(PAUSE, LONGEST_PAUSE)
                    .atMost(RETRIES_OF_A_CONFLICT);
        });
    }

    @Override
    public Uni<byte[]> read(ArtifactKey key) {
        return call(
                        "read " + key,
                        () -> client.getObject(
                                request -> request.bucket(settings.bucket()).key(key.value()),
                                AsyncResponseTransformer.toBytes()))
                .map(response -> response.asByteArrayUnsafe());
    }

    @Override
    public Uni<ArtifactContent> open(ArtifactKey key, long offset, long length) {
        ArtifactContent.requireRange(key, offset, length);
        return size(key).chain(size -> {
            long total = size.orElseThrow(() -> S3Faults.notFound("read " + key, settings));
            long present = Math.clamp(total - offset, 0, length);
            if (present == 0) {
                return Uni.createFrom().item(new ArtifactContent(InputStream.nullInputStream(), offset, 0, total));
            }
            String range = "bytes=%d-%d".formatted(offset, offset + present - 1);
            return call(
                            "read " + key,
                            () -> client.getObject(
                                    request -> request.bucket(settings.bucket())
                                            .key(key.value())
                                            .range(range),
                                    AsyncResponseTransformer.<GetObjectResponse>toBlockingInputStream()))
                    .map(stream -> new ArtifactContent(stream, offset, present, total));
        });
    }

    @Override
    public Uni<OptionalLong> size(ArtifactKey key) {
        return head(key)
                .map(head -> OptionalLong.of(head.contentLength()))
                .onFailure(failure -> failure instanceof ArtifactException ours && ours.kind() == Kind.NOT_FOUND)
                .recoverWithItem(OptionalLong.empty());
    }

    @Override
    public Uni<Boolean> delete(ArtifactKey key) {
        return exists(key)
                .call(_ -> call(
                        "delete " + key,
                        () -> client.deleteObject(
                                request -> request.bucket(settings.bucket()).key(key.value()))));
    }

    @Override
    public Multi<ArtifactKey> list(String prefix) {
        return Multi.createFrom()
                .publisher(FlowAdapters.toFlowPublisher(client.listObjectsV2Paginator(
                                request -> request.bucket(settings.bucket()).prefix(prefix))
                        .contents()))
                .map(S3Object::key)
                .filter(ArtifactKey::isValid)
                .map(ArtifactKey::new)
                .onFailure()
                .transform(failure -> S3Faults.of("list " + prefix, settings, failure));
    }

    @Override
    public Uni<Void> check() {
        return call("work", () -> client.headBucket(request -> request.bucket(settings.bucket())))
                .replaceWithVoid();
    }

    @Override
    public void close() {
        client.close();
        threads.close();
    }

    private CompletableFuture<?> put(ArtifactKey key, AsyncRequestBody body) {
        return client.putObject(
                request -> request.bucket(settings.bucket()).key(key.value()).contentType(key.mediaType()), body);
    }

    private CompletableFuture<?> putFirst(ArtifactKey key, AsyncRequestBody content, String token) {
        return client.putObject(
                request -> request.bucket(settings.bucket())
                        .key(key.value())
                        .contentType(key.mediaType())
                        .ifNoneMatch("*")
                        .metadata(Map.of(WRITER, token)),
                content);
    }

    private Uni<Boolean> isWrittenBy(ArtifactKey key, String token) {
        return head(key).map(head -> token.equals(head.metadata().get(WRITER)));
    }

    private Uni<HeadObjectResponse> head(ArtifactKey key) {
        return call(
                "look up " + key,
                () -> client.headObject(
                        request -> request.bucket(settings.bucket()).key(key.value())));
    }

    private <T> Uni<T> call(String what, Supplier<CompletableFuture<? extends T>> call) {
        return Uni.createFrom()
                .<T>completionStage(() -> call.get().thenApply(answer -> answer))
                .runSubscriptionOn(threads) // finding credentials may block
                .onFailure()
                .transform(failure -> S3Faults.of(what, settings, failure));
    }
}
