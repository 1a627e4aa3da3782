package io.zoetrope.worker;

import io.zoetrope.engine.text.TextContext;
import io.zoetrope.engine.text.TextContextCache;
import io.zoetrope.media.MediaLimits;
import io.zoetrope.media.MediaReader;
import io.zoetrope.plan.GenerationPlan;
import io.zoetrope.plan.GivenLatents;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// The first stage's work: prompts to contexts, given pictures and sounds to latents.
public final class PlanEncoder {

    private final ServedModel model;
    private final SourceFiles sources;
    private final MediaReader reader = new MediaReader(MediaLimits.DEFAULT);

    public PlanEncoder(ServedModel model, SourceFiles sources) {
        this.model = model;
        this.sources = sources;
    }

    /// @param prompt that is encoded: the plan's, or what the text model made of it
    /// @return tensors of the scope that is open
    /// @throws ConditionException if a source does not suit the plan
    public EncodedPlan encode(GenerationPlan plan, String prompt) {
        TextContextCache contexts = model.contexts();
        TextContext positive = contexts.encode(prompt);
        TextContext negative = plan.guidance().contexts() > 1 ? contexts.encode(plan.negativePrompt()) : null;
        if (plan.conditions().isEmpty()) {
            return new EncodedPlan(positive, negative, GivenLatents.NONE, null);
        }
        try {
            Path folder = Files.createTempDirectory("zoetrope-");
            try {
                ConditionEncoder.Encoded given = ConditionEncoder.encode(
                        plan, model.factors(plan), model.engine().mediaEncoder(), reader, sources, folder);
                return new EncodedPlan(positive, negative, new GivenLatents(given.latents()), given.sound());
            } finally {
                ClipFiles.delete(folder);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("no room for the sources of conditions: " + e.getMessage(), e);
        }
    }
}
