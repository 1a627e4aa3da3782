package io.zoetrope.engine.text;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.zoetrope.engine.checkpoint.Checkpoint;
import io.zoetrope.engine.checkpoint.CheckpointException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Whether a text model is the one that a checkpoint was trained with.
///
/// A checkpoint may name the version of its text model in its header; from 2.4 on it has to. One that names none
/// goes with the Gemma 3 as published.
final class GemmaPairing {

    private static final System.Logger LOG = System.getLogger(GemmaPairing.class.getName());
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String SOURCE = "gemma_source_checkpoint";
    private static final Pattern VERSION = Pattern.compile("(\\d{1,4})\\.(\\d{1,4}).*");

    private GemmaPairing() {}

    /// @throws CheckpointException if the two do not belong together
    static void require(Checkpoint checkpoint, GemmaFolder folder) {
        Optional<String> wanted = wantedVersion(checkpoint);
        Optional<String> found = folder.version();
        if (wanted.isPresent() && !wanted.equals(found)) {
            throw new CheckpointException(
                    checkpoint.subject(),
                    "needs version %s of the text model, but the one at %s is %s"
                            .formatted(wanted.get(), folder.tokenizer().getParent(), found.orElse("of no version")));
        }
        if (wanted.isEmpty() && namesItsTextModel(checkpoint)) {
            if (found.isPresent()) {
                throw new CheckpointException(
                        checkpoint.subject(),
                        "has no %s in its header, so it cannot be told whether version %s of the text model fits"
                                .formatted(SOURCE, found.get()));
            }
            LOG.log(
                    System.Logger.Level.WARNING,
                    "{0}: neither the checkpoint nor the text model says which version of the latter it is",
                    checkpoint.subject());
        }
    }

    private static Optional<String> wantedVersion(Checkpoint checkpoint) {
        String source = checkpoint.metadata().get(SOURCE);
        if (source == null) {
            return Optional.empty();
        }
        try {
            return Optional.ofNullable(
                    JSON.readTree(source).path("gemma_version").textValue());
        } catch (JsonProcessingException e) {
            throw new CheckpointException(checkpoint.subject(), "'%s' in its header is not JSON".formatted(SOURCE), e);
        }
    }

    /// From 2.4 on.
    private static boolean namesItsTextModel(Checkpoint checkpoint) {
        Matcher version = VERSION.matcher(checkpoint.metadata().getOrDefault("model_version", ""));
        if (!version.matches()) {
            return false;
        }
        int major = Integer.parseInt(version.group(1));
        return major > 2 || (major == 2 && Integer.parseInt(version.group(2)) >= 4);
    }
}
