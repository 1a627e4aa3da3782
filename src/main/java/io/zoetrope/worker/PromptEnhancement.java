package io.zoetrope.worker;

import io.zoetrope.audit.GenerationEvent.PromptEnhanced;
import io.zoetrope.audit.Header;
import io.zoetrope.audit.TokenDecoding;
import io.zoetrope.engine.text.Decoding;
import io.zoetrope.engine.text.Enhancement;
import io.zoetrope.engine.text.PromptEnhancer;
import io.zoetrope.engine.text.PromptEnhancer.Purpose;
import io.zoetrope.engine.text.PromptEnhancer.Task;
import io.zoetrope.engine.text.TokenListener;
import io.zoetrope.plan.GenerationPlan;
import io.zoetrope.request.Condition;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/// Has the text model rewrite the prompt of a job, and says what came of it. The text goes into the trail
/// and nowhere else: prompts are never logged.
public final class PromptEnhancement {

    private PromptEnhancement() {}

    /// What the text model makes of a plan's prompt; empty if the plan takes it as it is.
    public static Optional<Enhancement> of(GenerationPlan plan, PromptEnhancer enhancer) {
        return decoding(plan)
                .map(decoding -> enhancer.enhance(
                        Task.of(plan.prompt(), purpose(startsWithPicture(plan)), decoding), TokenListener.NONE));
    }

    /// The prompt of a plan that is encoded; what the text model made of it is said.
    ///
    /// @param enhancer opened if it is wanted
    static String prompt(GenerationPlan plan, Supplier<PromptEnhancer> enhancer, HeldJob held) {
        return decoding(plan)
                .map(decoding -> {
                    TokenListener asking = (_, _, _) -> {
                        held.hold().check();
                        return true;
                    };
                    return enhanced(
                            plan.prompt(), startsWithPicture(plan), decoding, enhancer.get(), asking, held::say);
                })
                .orElse(plan.prompt());
    }

    private static Optional<Decoding> decoding(GenerationPlan plan) {
        return switch (plan.enhancement()) {
            case OFF -> Optional.empty();
            case GREEDY -> Optional.of(Decoding.greedy());
            case SAMPLED -> Optional.of(Decoding.sampled(plan.noise().seed().bits()));
        };
    }

    private static boolean startsWithPicture(GenerationPlan plan) {
        return plan.conditions().stream()
                .anyMatch(condition -> condition instanceof Condition.Image
                        || condition instanceof Condition.Video
                        || condition instanceof Condition.Keyframe);
    }

    private static Purpose purpose(boolean fromImage) {
        return fromImage ? Purpose.IMAGE_TO_VIDEO : Purpose.TEXT_TO_VIDEO;
    }

    /// Runs the text model on the thread that calls.
    ///
    /// @param fromImage whether the clip goes on from a picture
    /// @param listener  may end it by throwing
    /// @param say       of the job's [Trail]
    /// @return the prompt to encode
    /// @throws IllegalArgumentException if the prompt is longer than the encoder allows
    static String enhanced(
            String prompt,
            boolean fromImage,
            Decoding decoding,
            PromptEnhancer enhancer,
            TokenListener listener,
            Consumer<Trail.Fact> say) {
        Enhancement enhancement = enhancer.enhance(Task.of(prompt, purpose(fromImage), decoding), listener);
        say.accept(header -> fact(header, prompt, enhancement));
        return enhancement.prompt();
    }

    static PromptEnhanced fact(Header header, String original, Enhancement enhancement) {
        return switch (enhancement) {
            case Enhancement.Enhanced(String prompt, Enhancement.Account account) ->
                fact(header, prompt, original, account, null);
            case Enhancement.Kept(String prompt, String reason, Enhancement.Account account) ->
                fact(header, prompt, null, account, reason);
        };
    }

    private static PromptEnhanced fact(
            Header header, String prompt, String original, Enhancement.Account account, String reason) {
        return new PromptEnhanced(
                header,
                prompt,
                original,
                decoding(account.decoding()),
                seed(account.decoding()),
                account.tokensIn(),
                account.tokensOut(),
                account.truncated(),
                reason);
    }

    private static TokenDecoding decoding(Decoding decoding) {
        return switch (decoding) {
            case Decoding.Greedy _ -> TokenDecoding.GREEDY;
            case Decoding.Sampled _ -> TokenDecoding.SAMPLED;
        };
    }

    private static String seed(Decoding decoding) {
        return switch (decoding) {
            case Decoding.Greedy _ -> null;
            case Decoding.Sampled sampled -> Long.toUnsignedString(sampled.seed());
        };
    }
}
