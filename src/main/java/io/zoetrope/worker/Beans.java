package io.zoetrope.worker;

import io.quarkus.runtime.configuration.MemorySize;
import io.zoetrope.artifact.ArtifactStore;
import io.zoetrope.artifact.FolderStore;
import io.zoetrope.artifact.S3Store;
import io.zoetrope.capacity.Capacity;
import io.zoetrope.engine.tensor.Device;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.net.URI;
import java.time.Clock;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;

/// The plain classes that the worker is made of, from its configuration.
@ApplicationScoped
class Beans {

    @Produces
    @Singleton
    Clock clock() {
        return Clock.systemUTC();
    }

    @Produces
    @Singleton
    ArtifactStore artifacts(WorkerConfig config, @ConfigProperty(name = "quarkus.http.port") int port) {
        WorkerConfig.Artifacts artifacts = config.artifacts();
        return switch (artifacts.store()) {
            case FOLDER ->
                new FolderStore(
                        artifacts.folder().path(),
                        artifacts
                                .folder()
                                .publicUrl()
                                .orElse(URI.create("http://localhost:%d/artifacts/".formatted(port))));
            case S3 -> {
                WorkerConfig.Artifacts.S3 s3 = artifacts.s3();
                yield new S3Store(new S3Store.Settings(
                        s3.bucket()
                                .orElseThrow(() -> new IllegalArgumentException(
                                        "zoetrope.artifacts.s3.bucket is missing, expected the name of a bucket")),
                        s3.endpoint().orElse(null),
                        s3.publicEndpoint().orElse(null),
                        s3.region(),
                        s3.pathStyle(),
                        s3.linkLifetime(),
                        DefaultCredentialsProvider.builder().build()));
            }
        };
    }

    void close(@Disposes ArtifactStore store) {
        store.close();
    }

    @Produces
    @Singleton
    Device device(WorkerConfig config) {
        int threads = config.engine().threads();
        Device.useThreads(threads == 0 ? Runtime.getRuntime().availableProcessors() : threads);
        return Device.parse(config.engine().device());
    }

    @Produces
    @Singleton
    Capacity capacity(WorkerConfig config, Device device) {
        return new Capacity(config.engine()
                .memory()
                .map(MemorySize::asLongValue)
                .orElseGet(() -> DeviceMemory.of(device).usable()));
    }
}
