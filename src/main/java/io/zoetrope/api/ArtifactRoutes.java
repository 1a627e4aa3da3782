package io.zoetrope.api;

import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.handler.FileSystemAccess;
import io.vertx.ext.web.handler.StaticHandler;
import io.zoetrope.worker.WorkerConfig;
import io.zoetrope.worker.WorkerConfig.Artifacts.Store;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.regex.Pattern;

/// `GET /artifacts/jobs/<job id>/<name>`: the clips and pictures of the folder store. Contexts, latents and
/// records of the jobs lie in the same folder and are not served.
@ApplicationScoped
final class ArtifactRoutes {

    private static final Pattern MEDIA =
            Pattern.compile("/artifacts/jobs/[A-Za-z0-9_-]{1,64}/[A-Za-z0-9._-]+\\.(mp4|png|wav)");
    private static final int NOT_FOUND = 404;

    private final WorkerConfig config;

    ArtifactRoutes(WorkerConfig config) {
        this.config = config;
    }

    void register(@Observes Router router) {
        if (config.artifacts().store() != Store.FOLDER) {
            return;
        }
        String folder = config.artifacts().folder().path().toAbsolutePath().toString();
        StaticHandler files = StaticHandler.create(FileSystemAccess.ROOT, folder)
                .setDirectoryListing(false)
                .setIncludeHidden(false)
                .setFilesReadOnly(true) // an artifact never changes under its key
                .setEnableRangeSupport(true);
        router.route("/artifacts/*")
                .method(HttpMethod.GET)
                .method(HttpMethod.HEAD)
                .handler(context -> {
                    if (MEDIA.matcher(context.normalizedPath()).matches()) {
                        context.next();
                    } else {
                        context.fail(NOT_FOUND);
                    }
                })
                .handler(files);
    }
}
