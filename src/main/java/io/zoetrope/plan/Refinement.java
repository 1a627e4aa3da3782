package io.zoetrope.plan;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import io.zoetrope.request.Sampler;
import io.zoetrope.request.Upsampler;
import java.util.List;

/// The second phase: the first one's picture, made smaller or slower, is enlarged and denoised once more, without
/// guidance.
///
/// Source: docs/model/sampling.md, section 10.
///
/// @param upsampler      how it is enlarged
/// @param upsamplerName  by which of the model's files
/// @param upsamplerDigest of that file
/// @param base           the first phase's picture
/// @param steps          of the second phase
/// @param noiseScale     noise level that the enlarged latents are brought to
/// @param loras          of the second phase
/// @param keepsBaseSound whether the sound is the first phase's
@JsonNaming(SnakeCaseStrategy.class)
public record Refinement(
        Upsampler upsampler,
        String upsamplerName,
        String upsamplerDigest,
        GenerationPlan.Video base,
        int steps,
        SchedulePlan schedule,
        Sampler sampler,
        double noiseScale,
        List<LoraPlan> loras,
        boolean keepsBaseSound) {

    public Refinement {
        loras = List.copyOf(loras);
    }
}
