package io.zoetrope.verify;

import com.fasterxml.jackson.databind.JsonNode;
import io.zoetrope.engine.checkpoint.ConfigSection;
import io.zoetrope.engine.checkpoint.Weights;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorArena;
import io.zoetrope.engine.tensor.TensorScope;
import io.zoetrope.engine.videovae.Tiling;
import io.zoetrope.engine.videovae.VideoDecoder;
import io.zoetrope.engine.videovae.VideoVaeConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;

/// Video latents to pixels by tiles, in the pieces in which they leave.
final class TiledDecodeCheck implements GoldenCheck {

    @Override
    public Map<String, Tensor> run(GoldenCase golden, Locations locations) {
        VideoVaeConfig config =
                VideoVaeConfig.of(ConfigSection.of("vae", golden.config().path("vae")));
        try (TensorArena arena = new TensorArena();
                TensorScope scope = TensorScope.open()) {
            Weights weights = golden.weights(golden.outputType(), arena).under("vae");
            weights.ignore("encoder.");
            VideoDecoder decoder = VideoDecoder.load(config, weights);
            weights.finish("video decoder");
            List<Tensor> chunks = new ArrayList<>();
            decoder.decode(
                    golden.input("latent"),
                    null,
                    tiling(golden.params().path("tiling")),
                    chunk -> chunks.add(scope.keep(chunk.copy())));
            requireLengths(golden.params().path("chunk_frames"), chunks);
            return Map.of("video", scope.keep(Tensor.concatenate(2, chunks.toArray(Tensor[]::new))));
        }
    }

    private static Tiling tiling(JsonNode params) {
        return new Tiling(axis(params, "frames"), axis(params, "height"), axis(params, "width"));
    }

    /// `[tile, overlap]`, or `[tiles, overlap]` where the mode is to count.
    private static Tiling.Axis axis(JsonNode params, String name) {
        int first = params.path(name).path(0).asInt();
        int overlap = params.path(name).path(1).asInt();
        if (params.path("mode").asText().equals("count")) {
            return new Tiling.Axis.Count(first, overlap);
        }
        return first == 0 ? new Tiling.Axis.Whole() : new Tiling.Axis.Size(first, overlap);
    }

    private static void requireLengths(JsonNode expected, List<Tensor> chunks) {
        List<Long> lengths = StreamSupport.stream(expected.spliterator(), false)
                .map(JsonNode::asLong)
                .toList();
        List<Long> found = chunks.stream().map(chunk -> chunk.size(2)).toList();
        if (!found.equals(lengths)) {
            throw new IllegalStateException("pieces of %s frames, expected %s".formatted(found, lengths));
        }
    }
}
