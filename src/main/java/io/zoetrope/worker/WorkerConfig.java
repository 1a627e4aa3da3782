package io.zoetrope.worker;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithConverter;
import io.smallrye.config.WithDefault;
import io.zoetrope.audit.Stage;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Every setting of a worker. Explained for operators in `docs/configuration.md`.
@ConfigMapping(prefix = "zoetrope")
public interface WorkerConfig {

    /// Folder of the program, which the launcher names; models lie in it unless said otherwise.
    Optional<Path> home();

    /// What the names of all topics begin with.
    @WithDefault("zoetrope")
    String topics();

    Worker worker();

    Checkpoints checkpoints();

    Retry retry();

    Engine engine();

    Models models();

    Artifacts artifacts();

    Media media();

    Reaper reaper();

    /// Who this worker is in the trail.
    interface Worker {

        /// Name of this worker in facts and logs; by default the host's name and the process id.
        Optional<String> id();

        /// The stages that this worker does: `text-encode` (or `encode`), `denoise`, `decode`.
        @WithDefault("text-encode,denoise,decode")
        @WithConverter(StageName.class)
        Set<Stage> stages();

        /// What joins the stages that this worker does: `memory`, or `kafka`, by which it also takes jobs whose earlier
        /// stages others have done.
        @WithDefault("memory")
        Joint joinedBy();

        /// What joins two stages.
        enum Joint {
            MEMORY,
            KAFKA
        }

        /// How long a worker that is told to leave waits for its jobs to finish their step.
        @WithDefault("25s")
        Duration drain();
    }

    /// From where another worker goes on.
    interface Checkpoints {

        /// At least so much time lies between two checkpoints; 0 for one after each step.
        @WithDefault("1s")
        Duration every();
    }

    /// What is tried again.
    interface Retry {

        /// Failures of a job itself after which it is given up.
        @WithDefault("3")
        int failures();

        /// The delivery at which a record is published again instead of being worked on: below the broker's
        /// `group.share.delivery.count.limit`, at which it would be lost.
        @WithDefault("4")
        int republishAt();
    }

    /// Who looks after jobs that nobody has any more.
    interface Reaper {

        /// Whether this worker takes part.
        @WithDefault("true")
        boolean enabled();

        /// After so long without a word a job is looked at: longer than a job that is worked on is ever silent.
        @WithDefault("15m")
        Duration silence();

        /// How often a job is published again before it is given up.
        @WithDefault("3")
        int attempts();
    }

    /// Where and how the models compute.
    interface Engine {

        /// `cpu`, `cuda`, `cuda:N`, or `auto`: the first CUDA device if there is one.
        @WithDefault("auto")
        String device();

        /// `float32`, `bfloat16`, or `auto`: bfloat16 on CUDA, float32 on the CPU.
        @WithDefault("auto")
        String precision();

        /// How the transformer's large layers lie in memory: `compute-type`, `float8-cast` or `float8-scaled`.
        @WithDefault("compute-type")
        String weights();

        /// Guidance passes, 1 to 4, that go through the transformer as one batch where memory allows.
        @WithDefault("4")
        int passesAtOnce();

        /// Threads of the CPU operators; 0 for one per processor.
        @WithDefault("0")
        int threads();

        /// Encoded prompts that stay in memory, of each model; 0 for none.
        @WithDefault("128M")
        MemorySize textCache();
        /// Kernel that attentions of a CUDA device use where it can: `auto`, `flash`, `memory-efficient`,
        /// `cudnn` or `math`.
        @WithDefault("auto")
        String attention();

        /// Whether the large layers of the transformer's blocks stay on the host and come to a CUDA device a block
        /// at a time.
        @WithDefault("false")
        boolean streamedBlocks();

        /// Whether passes are recorded as CUDA graphs.
        @WithDefault("false")
        boolean recordedPasses();

        /// Memory that jobs may use, weights included; by default nine tenths of the device's.
        Optional<MemorySize> memory();
    }

    /// Which models this worker serves.
    interface Models {

        /// Folder whose subfolders are models, each named like its subfolder.
        Path folder();

        /// Names of the models to load; by default the default model alone.
        Optional<List<String>> load();

        /// The model of requests that name none.
        @WithDefault("demo")
        String byDefault();
    }

    /// Where contexts, latents and clips are kept.
    interface Artifacts {

        /// The kinds of store.
        enum Store {
            FOLDER,
            S3
        }

        @WithDefault("folder")
        Store store();

        /// How long a store that fails is tried again before a job is given back.
        @WithDefault("60s")
        Duration patience();

        /// Whether contexts and latents outlive their job.
        @WithDefault("false")
        boolean keepIntermediate();

        Folder folder();

        S3 s3();

        /// A folder, whose clips this worker serves over HTTP.
        interface Folder {

            Path path();

            /// Address under which readers reach this worker; by default this host and port.
            Optional<URI> publicUrl();
        }

        /// A bucket. Credentials come from the environment, as usual for S3 clients.
        interface S3 {

            Optional<String> bucket();

            /// Address of the server; by default Amazon's for the region.
            Optional<URI> endpoint();

            /// Address under which readers reach the server: it is part of the signature of a link.
            Optional<URI> publicEndpoint();

            @WithDefault("us-east-1")
            String region();

            /// Whether the bucket stands in the path rather than in the host's name.
            @WithDefault("false")
            boolean pathStyle();

            /// After how long without an answer the server counts as unreachable.
            @WithDefault("30s")
            Duration timeout();

            /// How long a link in a result works.
            @WithDefault("24h")
            Duration linkLifetime();
        }
    }

    /// Where the pictures, clips and sounds of requests may come from, beside the artifact store.
    interface Media {

        /// What an address must begin with, such as `https://example.com/media/` or `file:/data/`.
        Optional<List<String>> allowed();

        /// Largest file.
        @WithDefault("500M")
        MemorySize sizeLimit();

        /// For one file, redirects included.
        @WithDefault("60s")
        Duration timeout();

        /// Whether allowed names may lead to addresses of private networks.
        @WithDefault("false")
        boolean privateHosts();
    }
}
