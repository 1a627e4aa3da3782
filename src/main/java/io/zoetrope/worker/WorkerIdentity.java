package io.zoetrope.worker;

import jakarta.enterprise.context.ApplicationScoped;
import java.net.InetAddress;
import java.net.URI;
import java.net.URLEncoder;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/// Who this worker is, in facts and logs.
@ApplicationScoped
class WorkerIdentity {

    private final String id;
    private final String software;

    WorkerIdentity(WorkerConfig config, @ConfigProperty(name = "quarkus.application.version") String version) {
        this.id = config.worker().id().orElseGet(WorkerIdentity::hostAndProcess);
        this.software = "zoetrope " + version;
    }

    String id() {
        return id;
    }

    /// Name and version of the program.
    String software() {
        return software;
    }

    /// Source of this worker's events.
    URI source() {
        return URI.create("/zoetrope/workers/" + URLEncoder.encode(id, StandardCharsets.UTF_8));
    }

    private static String hostAndProcess() {
        String host;
        try {
            host = InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException _) {
            host = "localhost";
        }
        return host + "-" + ProcessHandle.current().pid();
    }
}
