package io.zoetrope.engine.checkpoint;

import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorScope;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Makes a diffusers folder of an official checkpoint, by rules that go the other way than the product's: official to
/// diffusers, and on whole names.
public final class DiffusersCopy {

    /// A network's folder and the name of a tensor there.
    public record Place(String folder, String name) {}

    private static final String WEIGHTS = "diffusion_pytorch_model.safetensors";
    private static final String TRANSFORMER = "model.diffusion_model.";
    private static final Pattern DOWN = Pattern.compile("encoder\\.down_blocks\\.(\\d+)\\.");
    private static final Pattern UP = Pattern.compile("decoder\\.up_blocks\\.(\\d+)\\.");

    private DiffusersCopy() {}

    /// @param source of the small files: `model_index.json` and configurations
    public static void write(Path official, Path source, Path gemma, Path target) throws IOException {
        copy(source, target);
        copy(gemma, target.resolve("text_encoder"), "model.safetensors");
        copy(gemma, target.resolve("tokenizer"), "tokenizer.json");
        try (TensorScope _ = TensorScope.open();
                Checkpoint checkpoint = Checkpoint.open(List.of(official))) {
            Map<String, Map<String, Tensor>> networks = new HashMap<>();
            for (String name : checkpoint.entries().keySet()) {
                Place place = place(name);
                networks.computeIfAbsent(place.folder(), _ -> new HashMap<>())
                        .put(place.name(), checkpoint.tensor(name));
            }
            for (var network : networks.entrySet()) {
                Path file = target.resolve(network.getKey()).resolve(WEIGHTS);
                try (OutputStream out = Files.newOutputStream(file)) {
                    SafetensorsWriter.write(out, network.getValue(), Map.of("format", "pt"));
                }
            }
        }
    }

    /// Where diffusers puts an official tensor.
    public static Place place(String official) {
        if (official.startsWith("text_embedding_projection.") || official.contains("_embeddings_connector.")) {
            return new Place("connectors", connectors(official));
        }
        if (official.startsWith(TRANSFORMER)) {
            return new Place("transformer", transformer(official.substring(TRANSFORMER.length())));
        }
        String folder = official.substring(0, official.indexOf('.'));
        String name = official.substring(folder.length() + 1);
        return new Place(
                folder,
                switch (folder) {
                    case "vae" -> video(name);
                    case "audio_vae" -> statistics(name);
                    case "vocoder" -> vocoder(name);
                    default -> throw new IllegalArgumentException(official);
                });
    }

    private static String transformer(String official) {
        String name = official.replace("patchify_proj", "proj_in")
                .replace("av_ca_video_scale_shift_adaln_single", "av_cross_attn_video_scale_shift")
                .replace("av_ca_a2v_gate_adaln_single", "av_cross_attn_video_a2v_gate")
                .replace("av_ca_audio_scale_shift_adaln_single", "av_cross_attn_audio_scale_shift")
                .replace("av_ca_v2a_gate_adaln_single", "av_cross_attn_audio_v2a_gate")
                .replace("scale_shift_table_a2v_ca_video", "video_a2v_cross_attn_scale_shift_table")
                .replace("scale_shift_table_a2v_ca_audio", "audio_a2v_cross_attn_scale_shift_table")
                .replace("q_norm", "norm_q")
                .replace("k_norm", "norm_k")
                .replace("prompt_adaln_single", "prompt_adaln");
        if (name.startsWith("adaln_single.")) {
            return name.replace("adaln_single.", "time_embed.");
        }
        return name.startsWith("audio_adaln_single.") ? name.replace("audio_adaln_single.", "audio_time_embed.") : name;
    }

    private static String connectors(String official) {
        return official.replace("model.diffusion_model.video_embeddings_connector", "video_connector")
                .replace("model.diffusion_model.audio_embeddings_connector", "audio_connector")
                .replace("transformer_1d_blocks", "transformer_blocks")
                .replace("text_embedding_projection.aggregate_embed", "text_proj_in")
                .replace("text_embedding_projection.video_aggregate_embed", "video_text_proj_in")
                .replace("text_embedding_projection.audio_aggregate_embed", "audio_text_proj_in")
                .replace("q_norm", "norm_q")
                .replace("k_norm", "norm_k");
    }

    /// Of networks that have units at every resolution.
    private static String video(String official) {
        String name = DOWN.matcher(statistics(official)).replaceAll(DiffusersCopy::down);
        return UP.matcher(name).replaceAll(DiffusersCopy::up).replace("res_blocks", "resnets");
    }

    private static String down(MatchResult found) {
        int block = Integer.parseInt(found.group(1));
        if (block == 8) {
            return "encoder.mid_block.";
        }
        return "encoder.down_blocks.%d.%s".formatted(block / 2, block % 2 == 0 ? "" : "downsamplers.0.");
    }

    private static String up(MatchResult found) {
        int block = Integer.parseInt(found.group(1));
        if (block == 0) {
            return "decoder.mid_block.";
        }
        return "decoder.up_blocks.%d.%s".formatted((block - 1) / 2, block % 2 == 0 ? "" : "upsamplers.0.");
    }

    private static String statistics(String official) {
        return official.replace("per_channel_statistics.mean-of-means", "latents_mean")
                .replace("per_channel_statistics.std-of-means", "latents_std");
    }

    private static String vocoder(String official) {
        String name = official.replace("resblocks", "resnets")
                .replace("conv_pre", "conv_in")
                .replace("conv_post", "conv_out")
                .replace("act_post", "act_out")
                .replace("downsample.lowpass", "downsample")
                .replace(".ups.", ".upsamplers.");
        return name.startsWith("ups.") ? "upsamplers." + name.substring("ups.".length()) : name;
    }

    private static void copy(Path source, Path target, String... names) throws IOException {
        Files.createDirectories(target);
        for (String name : names) {
            Files.copy(source.resolve(name), target.resolve(name));
        }
    }

    private static void copy(Path source, Path target) throws IOException {
        try (Stream<Path> files = Files.walk(source)) {
            files.filter(Files::isRegularFile).forEach(file -> {
                Path copy = target.resolve(source.relativize(file));
                try {
                    Files.createDirectories(copy.getParent());
                    Files.copy(file, copy);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
    }
}
