package io.zoetrope.worker;

import io.zoetrope.engine.Denoiser;
import io.zoetrope.engine.Ltx2;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.text.TextContextCache;
import io.zoetrope.plan.EngineSettings;
import io.zoetrope.plan.GenerationPlan;
import io.zoetrope.plan.GivenLatents;
import io.zoetrope.plan.OfferedModel;
import io.zoetrope.plan.ReferenceFactors;
import java.util.function.UnaryOperator;

/// A model that is loaded and may be named by requests.
///
/// @param contexts of its prompts; null where no prompts are encoded
public record ServedModel(OfferedModel offered, Ltx2 engine, TextContextCache contexts) implements AutoCloseable {

    /// @param textCache bytes of contexts that may be kept
    static ServedModel of(OfferedModel offered, Ltx2 engine, boolean encodesText, long textCache) {
        return new ServedModel(
                offered, engine, encodesText ? new TextContextCache(engine.textEncoder(), textCache) : null);
    }

    /// A plan in the engine's words, with the files beside the model that it names.
    public Denoiser.Job denoising(GenerationPlan plan, GivenLatents given) {
        UnaryOperator<Tensor> upsample = plan.refinement() == null
                ? null
                : engine.upsampler(plan.refinement().upsamplerName())::upsample;
        return EngineSettings.denoising(plan, engine.denoiser().shape(), given, factors(plan), engine::lora, upsample);
    }

    @Override
    public void close() {
        if (contexts != null) {
            contexts.close();
        }
        engine.close();
    }

    ReferenceFactors factors(GenerationPlan plan) {
        return ReferenceFactors.of(plan, offered.description());
    }
}
