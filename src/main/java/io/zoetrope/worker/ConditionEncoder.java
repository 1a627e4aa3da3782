package io.zoetrope.worker;

import io.zoetrope.engine.MediaEncoder;
import io.zoetrope.engine.Waveform;
import io.zoetrope.engine.conditioning.Pictures;
import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorScope;
import io.zoetrope.media.DecodedMedia;
import io.zoetrope.media.MediaReader;
import io.zoetrope.media.Recompression;
import io.zoetrope.media.RgbFrames;
import io.zoetrope.media.Sound;
import io.zoetrope.media.SoundFormat;
import io.zoetrope.media.TimeSpan;
import io.zoetrope.media.VideoTrack;
import io.zoetrope.plan.GenerationPlan;
import io.zoetrope.plan.GivenLatents;
import io.zoetrope.plan.ReferenceFactors;
import io.zoetrope.request.Condition;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The conditions of a plan, from files to latents, at the size of every phase.
///
/// Source: docs/model/conditioning.md, sections 3 and 4.
public final class ConditionEncoder {

    /// The given latents, and the given sound as it is.
    ///
    /// @param latents tensors of the scope in which they were made
    /// @param sound   that the result carries, or null
    public record Encoded(Map<String, Tensor> latents, Waveform sound) {}

    /// Rates that differ by less than this are one rate that was written down with different care.
    private static final double RATE_TOLERANCE = 2e-3;

    private final GenerationPlan plan;
    private final ReferenceFactors factors;
    private final MediaEncoder encoder;
    private final MediaReader reader;
    private final SourceFiles sources;
    private final Path folder;
    private final List<GenerationPlan.Video> sizes; // of the phases
    private final Map<String, Tensor> given = new HashMap<>();
    private Waveform sound;

    private ConditionEncoder(
            GenerationPlan plan,
            ReferenceFactors factors,
            MediaEncoder encoder,
            MediaReader reader,
            SourceFiles sources,
            Path folder) {
        this.plan = plan;
        this.factors = factors;
        this.encoder = encoder;
        this.reader = reader;
        this.sources = sources;
        this.folder = folder;
        this.sizes = plan.refinement() == null
                ? List.of(plan.video())
                : List.of(plan.refinement().base(), plan.video());
    }

    /// Encodes all conditions of `plan`; the tensors belong to the scope that is open.
    ///
    /// @param folder for copies of sources; the caller deletes it
    /// @throws ConditionException if a source does not suit
    public static Encoded encode(
            GenerationPlan plan,
            ReferenceFactors factors,
            MediaEncoder encoder,
            MediaReader reader,
            SourceFiles sources,
            Path folder) {
        var conditions = new ConditionEncoder(plan, factors, encoder, reader, sources, folder);
        for (int index = 0; index < plan.conditions().size(); index++) {
            conditions.encode(index, plan.conditions().get(index));
        }
        return new Encoded(conditions.given, conditions.sound);
    }

    private void encode(int index, Condition condition) {
        String field = "conditions[%d].source".formatted(index);
        TimeSpan span = span(condition);
        try (DecodedMedia media = reader.decode(sources.fetch(field, condition.source(), folder), span)) {
            switch (condition) {
                case Condition.Image image -> picture(index, field, media, image.crf());
                case Condition.Keyframe keyframe -> picture(index, field, media, keyframe.crf());
                case Condition.Video _ -> clip(index, track(field, media), sizes.size(), 1, 1);
                case Condition.Reference _ ->
                    clip(index, track(field, media), 1, factors.spatial(), factors.temporal());
                case Condition.Audio _ -> sound(index, field, media);
                case Condition.Retake _ -> retake(index, field, media);
            }
        } catch (IOException | IllegalArgumentException e) {
            throw new ConditionException(field, e.getMessage(), e);
        }
    }

    /// The part of a source that is read, never longer than the clip.
    private TimeSpan span(Condition condition) {
        double clip = plan.video().frames() / plan.video().fps();
        return switch (condition) {
            case Condition.Image _, Condition.Keyframe _ -> TimeSpan.WHOLE;
            case Condition.Video video -> span(video.start(), video.end(), clip);
            case Condition.Reference reference -> span(reference.start(), reference.end(), clip);
            case Condition.Audio audio -> span(audio.start(), audio.end(), clip);
            case Condition.Retake _ -> new TimeSpan(0, clip);
        };
    }

    private static TimeSpan span(Optional<Double> start, Optional<Double> end, double longest) {
        double begin = start.orElse(0.0);
        return new TimeSpan(
                begin, end.map(time -> Math.min(time - begin, longest)).orElse(longest));
    }

    private void picture(int index, String field, DecodedMedia media, Optional<Integer> crf) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            RgbFrames picture = track(field, media).frames().range(0, 1);
            RgbFrames compressed = Recompression.apply(picture, crf.orElse(Recompression.NONE), arena);
            for (int phase = 0; phase < sizes.size(); phase++) {
                put(index, phase, compressed, sizes.get(phase), 1);
            }
        }
    }

    /// @param phases        for which the clip is given
    /// @param spatialFactor by how much it is smaller than the clip
    /// @param thinning      of its frames, the first kept
    private void clip(int index, VideoTrack track, int phases, int spatialFactor, int thinning) {
        requireRate(track);
        RgbFrames frames = track.frames();
        int most = Math.min(frames.frames(), plan.video().frames());
        for (int phase = 0; phase < phases; phase++) {
            GenerationPlan.Video size = sizes.get(phase);
            int step = thinning * (int) Math.round(plan.video().fps() / size.fps());
            put(index, phase, frames.range(0, most), size, spatialFactor, step);
        }
    }

    private void put(int index, int phase, RgbFrames frames, GenerationPlan.Video size, int spatialFactor) {
        put(index, phase, frames, size, spatialFactor, 1);
    }

    private void put(
            int index, int phase, RgbFrames frames, GenerationPlan.Video size, int spatialFactor, int thinning) {
        try (TensorScope scope = TensorScope.open()) {
            Tensor pictures =
                    Tensor.view(frames.rgb(), DataType.UINT8, frames.frames(), frames.height(), frames.width(), 3);
            Tensor kept = thinning == 1 ? pictures : thinned(pictures, thinning);
            Tensor pixels = Pictures.fit(kept, size.height() / spatialFactor, size.width() / spatialFactor);
            given.put(GivenLatents.picture(index, phase), scope.keep(encoder.pictures(pixels)));
        }
    }

    /// Frames 0, 1, 1 + n, 1 + 2n, …: the first latent frame stands for one frame at any rate.
    private static Tensor thinned(Tensor pictures, int step) {
        if (pictures.size(0) == 1) {
            return pictures;
        }
        return Tensor.concatenate(0, pictures.narrow(0, 0, 1), pictures.slice(0, 1, pictures.size(0), step));
    }

    private void sound(int index, String field, DecodedMedia media) {
        Sound heard = heard(field, media);
        int latentFrames = plan.audio().latentFrames();
        if (!SoundFormat.SAMPLE_RATES.contains(heard.sampleRate())) {
            throw new ConditionException(
                    field,
                    "has %d samples per second, expected one of %s"
                            .formatted(heard.sampleRate(), SoundFormat.SAMPLE_RATES),
                    null);
        }
        encoder.requireEnough(heard.length(), heard.sampleRate(), latentFrames);
        try (TensorScope scope = TensorScope.open();
                Arena arena = Arena.ofConfined()) {
            Tensor samples = stereo(heard, arena);
            given.put(
                    GivenLatents.sound(index),
                    scope.keep(encoder.sound(samples.unsqueeze(0), heard.sampleRate(), latentFrames)));
            sound = new Waveform(scope.keep(samples.copy()), heard.sampleRate());
        }
    }

    /// A clip that is shorter than the new one goes on with zeros, as the reference's does.
    private void retake(int index, String field, DecodedMedia media) {
        VideoTrack track = track(field, media);
        clip(index, track, 1, 1, 1);
        String name = GivenLatents.picture(index, 0);
        Tensor latent = given.get(name);
        long missing = plan.video().latentFrames() - latent.size(2);
        if (missing > 0) {
            given.put(name, latent.pad("constant", 0, 0, 0, 0, 0, missing));
        }
        media.sound().ifPresent(heard -> {
            try (TensorScope scope = TensorScope.open();
                    Arena arena = Arena.ofConfined()) {
                Tensor samples = stereo(heard.sound(), arena).unsqueeze(0);
                given.put(
                        GivenLatents.sound(index),
                        scope.keep(encoder.sound(
                                samples,
                                heard.sound().sampleRate(),
                                plan.audio().latentFrames())));
            }
        });
    }

    private static VideoTrack track(String field, DecodedMedia media) {
        return media.video().orElseThrow(() -> new ConditionException(field, "has no picture", null));
    }

    private static Sound heard(String field, DecodedMedia media) {
        return media.sound()
                .orElseThrow(() -> new ConditionException(field, "has no sound", null))
                .sound();
    }

    /// @return float32 `[2, S]`, a view
    private static Tensor stereo(Sound sound, Arena arena) {
        Sound both = sound.stereo(arena);
        return Tensor.view(both.samples(), DataType.FLOAT32, both.channels(), both.length());
    }

    /// A clip at another rate would move faster or slower than it did.
    private void requireRate(VideoTrack track) {
        double rate = track.frameRate()
                .map(found -> (double) found.numerator() / found.denominator())
                .orElse(plan.video().fps());
        if (Math.abs(rate - plan.video().fps()) > RATE_TOLERANCE * plan.video().fps()) {
            throw new IllegalArgumentException("has %.3f frames per second, expected %s as of the clip"
                    .formatted(rate, plan.video().fps()));
        }
    }
}
