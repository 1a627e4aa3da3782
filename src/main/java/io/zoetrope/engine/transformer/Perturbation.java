package io.zoetrope.engine.transformer;

import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Device;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/// What one sample of a batch leaves out, so that guidance can lead away from the result.
///
/// @param videoSelfSkipped blocks in which the picture's self-attention passes values through
/// @param audioSelfSkipped blocks in which the sound's does
/// @param isolated         whether picture and sound do not see each other, in all blocks
public record Perturbation(Set<Integer> videoSelfSkipped, Set<Integer> audioSelfSkipped, boolean isolated) {

    public static final Perturbation NONE = new Perturbation(Set.of(), Set.of(), false);
    public static final Perturbation ISOLATED = new Perturbation(Set.of(), Set.of(), true);

    public Perturbation {
        videoSelfSkipped = Set.copyOf(videoSelfSkipped);
        audioSelfSkipped = Set.copyOf(audioSelfSkipped);
    }

    /// The flags of one block for a whole batch.
    ///
    /// @param videoSelf    self-attention of the picture
    /// @param audioSelf    self-attention of the sound
    /// @param audioToVideo what flows from sound to picture
    /// @param videoToAudio what flows from picture to sound
    record InBlock(Keep videoSelf, Keep audioSelf, Keep audioToVideo, Keep videoToAudio) {

        static final InBlock NONE = new InBlock(Keep.ALL, Keep.ALL, Keep.ALL, Keep.ALL);
    }

    /// The flags of every block; blocks with the same flags share them.
    ///
    /// @param samples one perturbation per sample, or none at all
    static List<InBlock> inBlocks(int blocks, List<Perturbation> samples, DataType type, Device device) {
        if (samples.stream().allMatch(NONE::equals)) {
            return Collections.nCopies(blocks, InBlock.NONE);
        }
        Map<List<Boolean>, Keep> known = new HashMap<>();
        Keep across = keep(samples, sample -> !sample.isolated(), known, type, device);
        return IntStream.range(0, blocks)
                .mapToObj(block -> new InBlock(
                        keep(samples, sample -> !sample.videoSelfSkipped().contains(block), known, type, device),
                        keep(samples, sample -> !sample.audioSelfSkipped().contains(block), known, type, device),
                        across,
                        across))
                .toList();
    }

    private static Keep keep(
            List<Perturbation> samples,
            Predicate<Perturbation> kept,
            Map<List<Boolean>, Keep> known,
            DataType type,
            Device device) {
        List<Boolean> flags = samples.stream().map(kept::test).toList();
        return known.computeIfAbsent(flags, _ -> Keep.of(flags, type, device));
    }
}
