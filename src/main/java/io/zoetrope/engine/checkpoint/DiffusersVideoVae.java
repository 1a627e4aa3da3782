package io.zoetrope.engine.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The video autoencoder's configuration of a diffusers folder becomes the official `vae`.
///
/// Officially the networks are lists of blocks. In diffusers there are the residual units of each resolution, the
/// widths, and what happens between two resolutions, each a list of its own. A resolution without units has no entry in
/// the official list; therefore the official numbers of blocks, which are part of the tensors' names, are counted here.
final class DiffusersVideoVae {

    /// An official list of blocks that grows in the order of the tensors' names.
    private final class Blocks {
        private final String beginning;
        private final List<JsonNode> list = new ArrayList<>();

        Blocks(String beginning) {
            this.beginning = beginning;
        }

        void units(int layers, boolean noise, String diffusers) {
            if (layers != 0) {
                ObjectNode parameters = add("res_x", diffusers).put("num_layers", layers);
                if (noise) {
                    parameters.put("inject_noise", true);
                }
            }
        }

        ObjectNode add(String kind, String diffusers) {
            names.put(diffusers, beginning + list.size() + ".");
            ArrayNode block = JsonNodeFactory.instance.arrayNode().add(kind);
            list.add(block);
            return block.addObject();
        }
    }

    private static final Map<String, Object> FIXED = Map.of(
            "patch_size_t",
            1,
            "encoder_causal",
            true,
            "out_channels",
            3,
            "resnet_norm_eps",
            1e-6,
            "quantization_config",
            "null");

    private final DiffusersSection section;
    private final Map<String, String> names = new HashMap<>();

    private DiffusersVideoVae(DiffusersSection section) {
        this.section = section;
    }

    /// @return how the tensors are called officially
    static DiffusersNames translate(DiffusersSection section, ObjectNode official) {
        DiffusersVideoVae translation = new DiffusersVideoVae(section);
        translation.scalars(official);
        official.putArray("encoder_blocks").addAll(translation.encoder());
        official.putArray("decoder_blocks").addAll(translation.decoder(official).reversed());
        section.ignore("down_block_types", "scaling_factor", "spatial_compression_ratio", "temporal_compression_ratio");
        section.finish();
        return DiffusersNames.videoVae(translation.names);
    }

    private void scalars(ObjectNode official) {
        section.fixed(FIXED);
        section.copy(official, "in_channels", "latent_channels", "patch_size");
        official.put("_class_name", "CausalVideoAutoencoder")
                .put("norm_layer", "pixel_norm")
                .put("latent_log_var", "uniform")
                .put("causal_decoder", section.flag("decoder_causal", false))
                .put("timestep_conditioning", section.flag("timestep_conditioning", false));
        String encoder = section.require("encoder_spatial_padding_mode").asText();
        String decoder = section.require("decoder_spatial_padding_mode").asText();
        if (encoder.equals(decoder)) {
            official.put("spatial_padding_mode", decoder);
        } else {
            official.put("encoder_spatial_padding_mode", encoder); // and none for both: the decoder reflects
            section.fixed(Map.of("decoder_spatial_padding_mode", "reflect"));
        }
    }

    /// From the picture to the latent: units, then half the size, and so on; units at the end.
    private List<JsonNode> encoder() {
        List<Integer> widths = section.integers("block_out_channels");
        List<Integer> layers = integers("layers_per_block", widths.size() + 1);
        List<String> axes = axes("downsample_type", widths.size());
        requireAllTrue("spatio_temporal_scaling", widths.size());
        Blocks blocks = new Blocks("encoder.down_blocks.");
        int width = section.require("latent_channels").asInt(); // of the first convolution
        for (int level = 0; level < widths.size(); level++) {
            String place = "encoder.down_blocks.%d.".formatted(level);
            blocks.units(layers.get(level), false, place);
            blocks.add("compress_%s_res".formatted(axes.get(level)), place + "downsamplers.0.")
                    .put("multiplier", quotient("block_out_channels", widths.get(level), width));
            width = widths.get(level);
        }
        blocks.units(layers.getLast(), false, "encoder.mid_block.");
        return blocks.list;
    }

    /// From the latent to the picture: units, then twice the size and units again, and so on. diffusers writes all
    /// these
    /// lists the other way round, but for the kinds.
    private List<JsonNode> decoder(ObjectNode official) {
        List<Integer> widths = section.integers("decoder_block_out_channels").reversed();
        int levels = widths.size();
        List<Integer> layers = integers("decoder_layers_per_block", levels + 1).reversed();
        List<Integer> factors = integers("upsample_factor", levels).reversed();
        List<Boolean> residual = flags("upsample_residual", levels).reversed();
        List<Boolean> noise = flags("decoder_inject_noise", levels + 1).reversed();
        List<String> axes = section.get("upsample_type").isPresent()
                ? axes("upsample_type", levels)
                : Collections.nCopies(levels, "all"); // older folders do not say it
        requireAllTrue("decoder_spatio_temporal_scaling", levels);
        Blocks blocks = new Blocks("decoder.up_blocks.");
        blocks.units(layers.getFirst(), noise.getFirst(), "decoder.mid_block.");
        int width = levels == 0 ? 0 : widths.getFirst();
        for (int level = 0; level < levels; level++) {
            if (widths.get(level) != width) {
                section.problem(
                        "decoder_block_out_channels is %s with upsample_factor %s: %d channels come to where %d are expected"
                                .formatted(widths.reversed(), factors.reversed(), width, widths.get(level)));
            }
            String place = "decoder.up_blocks.%d.".formatted(level);
            ObjectNode parameters = blocks.add("compress_" + axes.get(level), place + "upsamplers.0.")
                    .put("multiplier", factors.get(level));
            if (residual.get(level)) {
                parameters.put("residual", true);
                if (!axes.get(level).equals("all")) {
                    section.problem("upsample_residual is true for a block that is not spatiotemporal");
                }
            }
            blocks.units(layers.get(level + 1), noise.get(level + 1), place);
            width = quotient("decoder_block_out_channels", widths.get(level), factors.get(level));
        }
        official.put("decoder_base_channels", width);
        return blocks.list;
    }

    private List<Integer> integers(String key, int length) {
        return ofLength(key, section.integers(key), length, 1);
    }

    /// One value may stand for all.
    private List<Boolean> flags(String key, int length) {
        JsonNode json = section.require(key);
        if (json.isBoolean()) {
            return Collections.nCopies(length, json.asBoolean());
        }
        List<Boolean> flags = new ArrayList<>();
        json.forEach(value -> flags.add(value.asBoolean()));
        return ofLength(key, flags, length, false);
    }

    /// The axes that change their size, as official block names call them.
    private List<String> axes(String key, int length) {
        List<String> axes = new ArrayList<>();
        for (JsonNode kind : section.require(key)) {
            axes.add(
                    switch (kind.asText()) {
                        case "spatial" -> "space";
                        case "temporal" -> "time";
                        case "spatiotemporal" -> "all";
                        case String other -> {
                            section.problem(
                                    "%s has %s, expected spatial, temporal or spatiotemporal".formatted(key, other));
                            yield "all";
                        }
                    });
        }
        return ofLength(key, axes, length, "all");
    }

    private void requireAllTrue(String key, int length) {
        if (flags(key, length).contains(false)) {
            section.problem("%s is %s, expected true everywhere".formatted(key, section.require(key)));
        }
    }

    /// @param filler what stands in for a list of another length, so that the translation can go on
    private <T> List<T> ofLength(String key, List<T> list, int length, T filler) {
        if (list.size() == length) {
            return list;
        }
        section.problem("%s has %d entries, expected %d".formatted(key, list.size(), length));
        return Collections.nCopies(length, filler);
    }

    private int quotient(String key, int width, int divisor) {
        if (divisor < 1 || width < 1 || width % divisor != 0) {
            section.problem("%s has %d, expected a multiple of %d".formatted(key, width, divisor));
            return 1;
        }
        return width / divisor;
    }
}
