package io.zoetrope.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.zoetrope.engine.checkpoint.SafetensorsWriter;
import io.zoetrope.engine.checkpoint.SafetensorsWriter.Layout;
import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Device;
import io.zoetrope.engine.tensor.RandomStream;
import io.zoetrope.engine.tensor.Tensor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/// A transformer of version 2.0 with drawn weights: it makes nothing worth seeing, in the time that a trained one of
/// its size takes. Latents have the published shape: 128 channels, 8 frames and 32x32 pixels to a token of picture.
///
/// The same configuration gives the same file, byte for byte.
public final class RandomModel {

    /// How large the transformer is, and what it is drawn from.
    ///
    /// @param heads          of every attention
    /// @param headWidth      of the picture's stream, even
    /// @param audioHeadWidth of the sound's stream, even
    /// @param blocks         number of blocks
    /// @param captionWidth   of text contexts
    public record Config(long seed, int heads, int headWidth, int audioHeadWidth, int blocks, int captionWidth) {

        int width() {
            return heads * headWidth;
        }

        int audioWidth() {
            return heads * audioHeadWidth;
        }
    }

    private static final int CHANNELS = 128;
    private static final int TIMESTEP_FREQUENCIES = 256;
    private static final int FEED_FORWARD = 4;
    private static final int MODULATION = 6;
    private static final String PREFIX = "model.diffusion_model.";

    /// The autoencoders' configuration tells the shape of latents; their networks are not in the file.
    private static final String CONFIG = """
            {
             "vae": {"_class_name": "CausalVideoAutoencoder", "dims": 3, "latent_channels": 128, "patch_size": 4,
               "norm_layer": "pixel_norm", "causal_decoder": false, "timestep_conditioning": false,
               "decoder_base_channels": 128, "decoder_blocks": [
                 ["res_x", {"num_layers": 1, "inject_noise": false}], ["compress_all", {"residual": true, "multiplier": 2}],
                 ["res_x", {"num_layers": 1, "inject_noise": false}], ["compress_all", {"residual": true, "multiplier": 2}],
                 ["res_x", {"num_layers": 1, "inject_noise": false}], ["compress_all", {"residual": true, "multiplier": 2}],
                 ["res_x", {"num_layers": 1, "inject_noise": false}]]},
             "audio_vae": {"model": {"params": {"sampling_rate": 16000, "ddconfig": {"double_z": true, "mel_bins": 64,
                 "z_channels": 8, "resolution": 256, "downsample_time": false, "in_channels": 2, "out_ch": 2, "ch": 128,
                 "ch_mult": [1, 2, 4], "num_res_blocks": 2, "attn_resolutions": [], "dropout": 0.0,
                 "mid_block_add_attention": false, "norm_type": "pixel", "causality_axis": "height"}}},
               "preprocessing": {"stft": {"filter_length": 1024, "hop_length": 160, "win_length": 1024, "causal": true},
                 "mel": {"n_mel_channels": 64, "mel_fmin": 0, "mel_fmax": 8000}}}}""";

    /// How a tensor comes to be.
    ///
    /// @param spread standard deviation about zero; 0 for ones
    private record Draw(double spread, long... shape) {

        Tensor from(RandomStream random) {
            return spread == 0
                    ? Tensor.ones(DataType.FLOAT32, Device.CPU, shape)
                    : random.normal(DataType.FLOAT32, shape).timesInPlace(spread);
        }
    }

    /// Of tensors that are added, not multiplied.
    private static final double SMALL = 0.02;

    private final Config config;
    private final SortedMap<String, Draw> draws = new TreeMap<>();

    private RandomModel(Config config) {
        this.config = config;
    }

    /// Draws a model and writes it, in float32.
    public static void write(Path file, Config config) throws IOException {
        write(file, config, DataType.FLOAT32);
    }

    /// Draws a model and writes it, a tensor at a time.
    ///
    /// @param type of the numbers in the file
    public static void write(Path file, Config config, DataType type) throws IOException {
        RandomModel model = of(config);
        try (RandomStream random = RandomStream.seeded(config.seed());
                OutputStream out = new FileOutputStream(file.toFile())) { // whose channel copies nothing
            SafetensorsWriter.write(
                    out,
                    model.layouts(type),
                    Map.of("config", model.configuration().toString(), "model_version", "2.0.0"),
                    name -> model.draws.get(name).from(random).to(type));
        }
    }

    /// The same, but a draft beside the file becomes it when it is complete, so that a file that is there is whole.
    ///
    /// @param type of the numbers in the file
    public static void writeWhole(Path file, Config config, DataType type) throws IOException {
        Path draft = file.resolveSibling(file.getFileName() + ".draft");
        try {
            write(draft, config, type);
            Files.move(draft, file);
        } finally {
            Files.deleteIfExists(draft);
        }
    }

    static RandomModel of(Config config) {
        RandomModel model = new RandomModel(config);
        model.draw();
        return model;
    }

    /// What a file of this model holds.
    Map<String, Layout> layouts(DataType type) {
        Map<String, Layout> layouts = new TreeMap<>();
        draws.forEach((name, draw) -> layouts.put(name, new Layout(type, draw.shape())));
        return layouts;
    }

    private JsonNode configuration() throws IOException {
        ObjectNode tree = (ObjectNode) new ObjectMapper().readTree(CONFIG);
        ObjectNode transformer = tree.putObject("transformer");
        transformer.put("num_attention_heads", config.heads()).put("audio_num_attention_heads", config.heads());
        transformer.put("attention_head_dim", config.headWidth());
        transformer.put("audio_attention_head_dim", config.audioHeadWidth());
        transformer.put("cross_attention_dim", config.width()).put("audio_cross_attention_dim", config.audioWidth());
        transformer.put("num_layers", config.blocks()).put("caption_channels", config.captionWidth());
        transformer.put("rope_type", "split").put("frequencies_precision", "float64");
        transformer.put("av_ca_timestep_scale_multiplier", 1000);
        return tree;
    }

    private void draw() {
        int width = config.width();
        int audio = config.audioWidth();
        stream("", width);
        stream("audio_", audio);
        timestepHead("av_ca_video_scale_shift_adaln_single", width, 4);
        timestepHead("av_ca_audio_scale_shift_adaln_single", audio, 4);
        timestepHead("av_ca_a2v_gate_adaln_single", width, 1);
        timestepHead("av_ca_v2a_gate_adaln_single", audio, 1);
        for (int block = 0; block < config.blocks(); block++) {
            String place = "transformer_blocks." + block + ".";
            streamBlock(place, "", width);
            streamBlock(place, "audio_", audio);
            attention(place + "audio_to_video_attn", width, audio, audio);
            attention(place + "video_to_audio_attn", audio, width, audio);
            normal(place + "scale_shift_table_a2v_ca_video", 5, width);
            normal(place + "scale_shift_table_a2v_ca_audio", 5, audio);
        }
    }

    private void stream(String name, int width) {
        linear(name + "patchify_proj", width, CHANNELS);
        linear(name + "proj_out", CHANNELS, width);
        normal(name + "scale_shift_table", 2, width);
        timestepHead(name + "adaln_single", width, MODULATION);
        linear(name + "caption_projection.linear_1", width, config.captionWidth());
        linear(name + "caption_projection.linear_2", width, width);
    }

    private void timestepHead(String name, int width, int vectors) {
        linear(name + ".emb.timestep_embedder.linear_1", width, TIMESTEP_FREQUENCIES);
        linear(name + ".emb.timestep_embedder.linear_2", width, width);
        linear(name + ".linear", vectors * width, width);
    }

    private void streamBlock(String place, String name, int width) {
        attention(place + name + "attn1", width, width, width);
        attention(place + name + "attn2", width, width, width);
        linear(place + name + "ff.net.0.proj", FEED_FORWARD * width, width);
        linear(place + name + "ff.net.2", width, FEED_FORWARD * width);
        normal(place + name + "scale_shift_table", MODULATION, width);
    }

    /// @param from  width of what asks
    /// @param to    width of what is asked
    /// @param inner width of all heads together
    private void attention(String name, int from, int to, int inner) {
        linear(name + ".to_q", inner, from);
        linear(name + ".to_k", inner, to);
        linear(name + ".to_v", inner, to);
        linear(name + ".to_out.0", from, inner);
        put(name + ".q_norm.weight", new Draw(0, inner));
        put(name + ".k_norm.weight", new Draw(0, inner));
    }

    /// Weights such that numbers keep their size.
    private void linear(String name, int out, int in) {
        put(name + ".weight", new Draw(1 / Math.sqrt(in), out, in));
        put(name + ".bias", new Draw(SMALL, out));
    }

    private void normal(String name, int vectors, int width) {
        put(name, new Draw(SMALL, vectors, width));
    }

    private void put(String name, Draw draw) {
        draws.put(PREFIX + name, draw);
    }
}
