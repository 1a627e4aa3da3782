package io.zoetrope.worker;

import io.quarkus.runtime.configuration.MemorySize;
import io.zoetrope.artifact.ArtifactStore;
import io.zoetrope.artifact.ArtifactUrls;
import io.zoetrope.artifact.FolderStore;
import io.zoetrope.artifact.S3Links;
import io.zoetrope.artifact.S3Settings;
import io.zoetrope.artifact.S3Store;
import io.zoetrope.capacity.Capacity;
import io.zoetrope.engine.tensor.AttentionPreference;
import io.zoetrope.engine.tensor.Device;
import io.zoetrope.engine.transformer.RecordedPasses;
import io.zoetrope.worker.ledger.JobArtifacts;
import io.zoetrope.worker.ledger.JobLedger;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.net.InetAddress;
import java.net.URI;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;

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
    ArtifactStore artifacts(WorkerConfig config) {
        return switch (config.artifacts().store()) {
            case FOLDER -> FolderStore.open(config.artifacts().folder().path());
            case S3 -> S3Store.open(settings(config.artifacts().s3()));
        };
    }

    void close(@Disposes ArtifactStore store) {
        store.close();
    }

    @Produces
    @Singleton
    ArtifactUrls urls(WorkerConfig config, @ConfigProperty(name = "quarkus.http.port") int port) {
        return switch (config.artifacts().store()) {
            case FOLDER ->
                ArtifactUrls.below(config.artifacts()
                        .folder()
                        .publicUrl()
                        .orElse(URI.create("http://localhost:%d/artifacts/".formatted(port))));
            case S3 -> S3Links.open(settings(config.artifacts().s3()));
        };
    }

    @Produces
    @Singleton
    JobArtifacts jobArtifacts(ArtifactStore store, ArtifactUrls urls, WorkerConfig config, StoreWatch watch) {
        return new JobArtifacts(store, urls, config.artifacts().patience(), watch);
    }

    @Produces
    @Singleton
    JobLedger ledger(JobArtifacts artifacts, Clock clock, WorkerConfig config) {
        return new JobLedger(artifacts, clock, config.artifacts().keepIntermediate());
    }

    @Produces
    @Singleton
    MediaSources mediaSources(ArtifactStore store, WorkerConfig config) {
        WorkerConfig.Media media = config.media();
        var rules = new MediaDownload.Rules(media.sizeLimit().asLongValue(), media.timeout(), media.privateHosts());
        AllowedSources allowed = AllowedSources.of(media.allowed().orElse(List.of()));
        return new MediaSources(store, allowed, rules, InetAddress::getAllByName);
    }

    void close(@Disposes MediaSources sources) {
        sources.close();
    }

    private static S3Settings settings(WorkerConfig.Artifacts.S3 s3) {
        String bucket = s3.bucket()
                .orElseThrow(() -> new IllegalArgumentException(
                        "zoetrope.artifacts.s3.bucket is missing, expected the name of a bucket"));
        return new S3Settings(
                bucket,
                s3.region(),
                s3.endpoint(),
                s3.publicEndpoint(),
                s3.pathStyle(),
                Optional.empty(),
                s3.linkLifetime(),
                s3.timeout());
    }

    @Produces
    @Singleton
    Device device(WorkerConfig config) {
        int threads = config.engine().threads();
        Device.useThreads(threads == 0 ? Runtime.getRuntime().availableProcessors() : threads);
        Device device = Device.parse(config.engine().device());
        attention(config.engine().attention()).apply(device);
        RecordedPasses.want(config.engine().recordedPasses());
        return device;
    }

    private static AttentionPreference attention(String name) {
        try {
            return AttentionPreference.named(name);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("zoetrope.engine.attention: " + e.getMessage(), e);
        }
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
