package io.zoetrope.plan;

import io.zoetrope.engine.Denoiser;
import io.zoetrope.engine.ModelShape;
import io.zoetrope.engine.conditioning.Conditioning;
import io.zoetrope.engine.conditioning.RegeneratedSpan;
import io.zoetrope.engine.conditioning.VideoGrid;
import io.zoetrope.engine.sampling.Streams;
import io.zoetrope.request.Condition;
import io.zoetrope.request.RetakenStreams;
import java.util.ArrayList;
import java.util.List;

/// What is given in one phase, in the engine's words.
///
/// Source: docs/model/conditioning.md, section 3.
final class PhaseSettings {

    private final GenerationPlan plan;
    private final GivenLatents given;
    private final ReferenceFactors factors;
    private final int phase;
    private final VideoGrid grid;

    /// @param video of the phase
    PhaseSettings(
            GenerationPlan plan,
            ModelShape shape,
            GivenLatents given,
            ReferenceFactors factors,
            int phase,
            GenerationPlan.Video video) {
        this.plan = plan;
        this.given = given;
        this.factors = factors;
        this.phase = phase;
        this.grid =
                new VideoGrid(shape.video(video.frames(), video.height(), video.width()), video.fps(), shape.scale());
    }

    Streams<Denoiser.Given> streams() {
        Denoiser.Given picture = Denoiser.Given.NOTHING;
        Denoiser.Given sound = Denoiser.Given.NOTHING;
        List<Conditioning> conditions = new ArrayList<>();
        for (int index = 0; index < plan.conditions().size(); index++) {
            switch (plan.conditions().get(index)) {
                case Condition.Retake retake -> {
                    picture = keptPicture(index, retake);
                    sound = keptSound(index, retake);
                }
                case Condition.Audio _ -> sound = new Denoiser.Given(given.soundOf(index), List.of(), true);
                case Condition.Image image ->
                    conditions.add(grid.replaced(
                            given.pictureOf(index, phase), 0, image.strength().orElseThrow()));
                case Condition.Keyframe keyframe ->
                    conditions.add(grid.keyframe(
                            given.pictureOf(index, phase),
                            frame(keyframe.frame()),
                            true,
                            keyframe.strength().orElseThrow()));
                case Condition.Video clip -> conditions.add(clip(index, clip));
                case Condition.Reference reference -> {
                    if (phase == 0) {
                        conditions.add(reference(index, reference));
                    }
                }
            }
        }
        conditions.addAll(0, picture.conditions()); // a span sets the whole mask
        return new Streams<>(new Denoiser.Given(picture.initial(), conditions, picture.frozen()), sound);
    }

    /// A frame of the final clip at the phase's rate.
    private int frame(int finalFrame) {
        return (int) Math.round(finalFrame * grid.fps() / plan.video().fps());
    }

    private Conditioning clip(int index, Condition.Video clip) {
        double strength = clip.strength().orElseThrow();
        int frame = clip.frame().orElseThrow();
        return frame == 0
                ? grid.replaced(given.pictureOf(index, phase), 0, strength)
                : grid.keyframe(given.pictureOf(index, phase), frame(frame), false, strength);
    }

    private Conditioning reference(int index, Condition.Reference reference) {
        double attention = reference.attention().orElseThrow();
        return grid.reference(
                given.pictureOf(index, phase),
                factors.spatial(),
                factors.temporal(),
                reference.strength().orElseThrow(),
                attention < 1 ? attention : null);
    }

    /// The span is made anew if the picture is retaken; otherwise all of it is kept.
    private Denoiser.Given keptPicture(int index, Condition.Retake retake) {
        boolean kept = retake.streams().orElseThrow() == RetakenStreams.AUDIO;
        return new Denoiser.Given(given.pictureOf(index, phase), kept ? List.of() : span(retake), kept);
    }

    /// Likewise. A source without sound leaves all of the sound to be made.
    private Denoiser.Given keptSound(int index, Condition.Retake retake) {
        if (given.soundOf(index) == null) {
            return Denoiser.Given.NOTHING;
        }
        boolean kept = retake.streams().orElseThrow() == RetakenStreams.VIDEO;
        return new Denoiser.Given(given.soundOf(index), kept ? List.of() : span(retake), kept);
    }

    private static List<Conditioning> span(Condition.Retake retake) {
        return List.of(
                new RegeneratedSpan(retake.start().orElse(0.0), retake.end().orElse(Double.MAX_VALUE)));
    }
}
