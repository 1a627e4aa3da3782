package io.zoetrope.engine.videovae;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.zoetrope.engine.checkpoint.ConfigSection;
import io.zoetrope.engine.checkpoint.SafetensorsWriter;
import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.RandomStream;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorScope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/// A decoder of the structure of LTX-2.3, narrow, with seeded random weights.
public final class TinyVae {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int LATENT_CHANNELS = 16;

    private TinyVae() {}

    /// @param baseChannels width at the resolution of patches
    public static Path write(Path file, int baseChannels) throws IOException {
        ObjectNode vae = (ObjectNode) JSON.readTree("""
                {"patch_size": 4, "spatial_padding_mode": "zeros", "timestep_conditioning": false,
                 "decoder_blocks": [["res_x", 1], ["compress_space", {"multiplier": 2}], ["res_x", 1],
                     ["compress_time", {"multiplier": 2}], ["res_x", 1], ["compress_all", {"multiplier": 1}],
                     ["res_x", 1], ["compress_all", {"multiplier": 2}], ["res_x", 1]]}""");
        vae.put("latent_channels", LATENT_CHANNELS).put("decoder_base_channels", baseChannels);
        VideoVaeConfig config = VideoVaeConfig.of(ConfigSection.of("vae", vae));
        Map<String, Tensor> weights = new TreeMap<>();
        try (TensorScope _ = TensorScope.open();
                RandomStream random = RandomStream.seeded(7)) {
            weights.put("vae.per_channel_statistics.mean-of-means", random.normal(DataType.FLOAT32, LATENT_CHANNELS));
            weights.put("vae.per_channel_statistics.std-of-means", random.normal(DataType.FLOAT32, LATENT_CHANNELS));
            int width = config.bottleneck();
            convolution(weights, "vae.decoder.conv_in", width, LATENT_CHANNELS, random);
            for (int index = 0; index < config.decoderBlocks().size(); index++) {
                String block = "vae.decoder.up_blocks." + index;
                switch (config.decoderBlocks().get(index)) {
                    case VideoVaeConfig.Block.Expansion expansion -> {
                        int out = width / expansion.multiplier();
                        convolution(weights, block + ".conv", out * expansion.positions(), width, random);
                        width = out;
                    }
                    default -> {
                        convolution(weights, block + ".res_blocks.0.conv1", width, width, random);
                        convolution(weights, block + ".res_blocks.0.conv2", width, width, random);
                    }
                }
            }
            convolution(weights, "vae.decoder.conv_out", 48, width, random);
            ObjectNode config2 = JSON.createObjectNode();
            config2.set("vae", vae);
            Files.write(file, SafetensorsWriter.toBytes(weights, Map.of("config", JSON.writeValueAsString(config2))));
        }
        return file;
    }

    private static void convolution(Map<String, Tensor> weights, String name, long out, long in, RandomStream random) {
        weights.put(
                name + ".conv.weight",
                random.normal(DataType.FLOAT32, out, in, 3, 3, 3).times(1 / Math.sqrt(27.0 * in)));
        weights.put(name + ".conv.bias", random.normal(DataType.FLOAT32, out).times(0.1));
    }
}
