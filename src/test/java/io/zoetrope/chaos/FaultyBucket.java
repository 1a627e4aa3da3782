package io.zoetrope.chaos;

import io.zoetrope.artifact.ArtifactStore;
import io.zoetrope.artifact.S3Server;
import io.zoetrope.artifact.S3Store;
import io.zoetrope.chaos.FaultyLine.Mode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// A bucket of a real S3 server, which workers reach through a line that fails.
final class FaultyBucket implements FaultyStore {

    private final S3Server server;
    private final FaultyLine line;

    private FaultyBucket(S3Server server, FaultyLine line) {
        this.server = server;
        this.line = line;
    }

    static FaultyBucket create(Path parent) throws Exception {
        S3Server server = S3Server.start(Files.createDirectories(parent.resolve("store-bucket")));
        try {
            return new FaultyBucket(server, FaultyLine.to(server.endpoint()));
        } catch (IOException e) {
            server.close();
            throw e;
        }
    }

    @Override
    public Map<String, String> settings() {
        Map<String, String> settings = new HashMap<>();
        settings.put("zoetrope.artifacts.store", "s3");
        settings.put("zoetrope.artifacts.s3.bucket", S3Server.BUCKET);
        settings.put("zoetrope.artifacts.s3.endpoint", line.address().toString());
        settings.put("zoetrope.artifacts.s3.path-style", "true");
        settings.put("zoetrope.artifacts.s3.timeout", "3s");
        return settings;
    }

    @Override
    public Map<String, String> environment() {
        return Map.of(
                "AWS_ACCESS_KEY_ID", S3Server.CREDENTIALS.accessKey(),
                "AWS_SECRET_ACCESS_KEY", S3Server.CREDENTIALS.secretKey());
    }

    @Override
    public String fail(double choice, Duration length) throws InterruptedException {
        List<Mode> outages = Mode.outages();
        Mode mode = outages.get((int) (choice * outages.size()));
        line.change(mode);
        try {
            Thread.sleep(length);
        } finally {
            line.change(Mode.WELL);
        }
        return mode.label();
    }

    @Override
    public ArtifactStore open() {
        return S3Store.open(server.settings());
    }

    @Override
    public long abandoned() {
        return 0; // the server writes whole objects
    }

    @Override
    public void close() {
        line.close();
        server.close();
    }
}
