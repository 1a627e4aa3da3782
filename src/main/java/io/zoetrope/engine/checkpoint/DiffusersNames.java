package io.zoetrope.engine.checkpoint;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/// How the tensors of a network in a diffusers folder are called officially.
///
/// @param prefix that the official file has in front, with the dot at its end
/// @param blocks beginnings of names to their official ones; the longest one that fits is replaced, once
/// @param rules  all of which are then applied in their order
public record DiffusersNames(String prefix, Map<String, String> blocks, List<Rule> rules) {

    /// @param found    a part of a name in the diffusers folder
    /// @param official what is there officially; `$1` is the first group found
    public record Rule(Pattern found, String official) {

        static Rule of(String found, String official) {
            return new Rule(Pattern.compile(found), official);
        }

        String apply(String name) {
            return found.matcher(name).replaceAll(official);
        }
    }

    private static final Rule QUERY_AND_KEY_NORM = Rule.of("\\.norm_([qk])\\.", ".$1_norm.");
    private static final List<Rule> STATISTICS = List.of(
            Rule.of("^latents_mean$", "per_channel_statistics.mean-of-means"),
            Rule.of("^latents_std$", "per_channel_statistics.std-of-means"));

    public static final DiffusersNames TRANSFORMER = new DiffusersNames(
            Component.TRANSFORMER.prefix(),
            Map.of(),
            List.of(
                    Rule.of("^(audio_)?proj_in\\.", "$1patchify_proj."),
                    Rule.of("^(audio_)?time_embed\\.", "$1adaln_single."),
                    Rule.of("^(audio_)?prompt_adaln\\.", "$1prompt_adaln_single."),
                    Rule.of("^av_cross_attn_(video|audio)_scale_shift\\.", "av_ca_$1_scale_shift_adaln_single."),
                    Rule.of("^av_cross_attn_video_a2v_gate\\.", "av_ca_a2v_gate_adaln_single."),
                    Rule.of("^av_cross_attn_audio_v2a_gate\\.", "av_ca_v2a_gate_adaln_single."),
                    Rule.of("\\.(video|audio)_a2v_cross_attn_scale_shift_table$", ".scale_shift_table_a2v_ca_$1"),
                    QUERY_AND_KEY_NORM));

    /// The connectors and the text projection in front of them, which have two prefixes.
    static final DiffusersNames CONNECTORS = new DiffusersNames(
            "",
            Map.of(),
            List.of(
                    Rule.of("\\.transformer_blocks\\.", ".transformer_1d_blocks."),
                    Rule.of("^(video|audio)_connector\\.", Component.TRANSFORMER.prefix() + "$1_embeddings_connector."),
                    Rule.of("^text_proj_in\\.", Component.TEXT_PROJECTION.prefix() + "aggregate_embed."),
                    Rule.of(
                            "^(video|audio)_text_proj_in\\.",
                            Component.TEXT_PROJECTION.prefix() + "$1_aggregate_embed."),
                    QUERY_AND_KEY_NORM));

    static final DiffusersNames AUDIO_VAE = new DiffusersNames(Component.AUDIO_VAE.prefix(), Map.of(), STATISTICS);

    /// Both vocoders: in 2.3 the same names are below `vocoder.` and `bwe_generator.`.
    static final DiffusersNames VOCODER = new DiffusersNames(
            Component.VOCODER.prefix(),
            Map.of(),
            List.of(
                    Rule.of("^((?:vocoder|bwe_generator)\\.)?upsamplers\\.", "$1ups."),
                    Rule.of("^((?:vocoder|bwe_generator)\\.)?resnets\\.", "$1resblocks."),
                    Rule.of("^((?:vocoder|bwe_generator)\\.)?conv_in\\.", "$1conv_pre."),
                    Rule.of("^((?:vocoder|bwe_generator)\\.)?conv_out\\.", "$1conv_post."),
                    Rule.of("^((?:vocoder|bwe_generator)\\.)?act_out\\.", "$1act_post."),
                    Rule.of("\\.downsample\\.filter$", ".downsample.lowpass.filter")));

    public DiffusersNames {
        blocks = Map.copyOf(blocks);
        rules = List.copyOf(rules);
    }

    /// The video autoencoder, whose blocks diffusers counts in pairs.
    static DiffusersNames videoVae(Map<String, String> blocks) {
        List<Rule> rules = new ArrayList<>(STATISTICS);
        rules.add(Rule.of("^decoder\\.time_embedder\\.", "decoder.last_time_embedder."));
        rules.add(Rule.of("^decoder\\.scale_shift_table$", "decoder.last_scale_shift_table"));
        rules.add(Rule.of("\\.resnets\\.", ".res_blocks."));
        return new DiffusersNames(Component.VIDEO_VAE.prefix(), blocks, rules);
    }

    /// The official name of a tensor.
    public String official(String name) {
        String official = blocks.keySet().stream()
                .filter(name::startsWith)
                .max(Comparator.comparingInt(String::length))
                .map(beginning -> blocks.get(beginning) + name.substring(beginning.length()))
                .orElse(name);
        for (Rule rule : rules) {
            official = rule.apply(official);
        }
        return prefix + official;
    }
}
