package io.zoetrope.worker;

import io.zoetrope.audit.GenerationEvent;
import io.zoetrope.audit.GenerationEvent.PromptEnhanced;
import io.zoetrope.audit.Header;
import io.zoetrope.audit.TokenDecoding;
import io.zoetrope.engine.text.Decoding;
import io.zoetrope.engine.text.Enhancement;
import io.zoetrope.engine.text.PromptEnhancer;
import io.zoetrope.engine.text.PromptEnhancer.Purpose;
import io.zoetrope.engine.text.PromptEnhancer.Task;
import io.zoetrope.engine.text.TokenListener;
import java.util.function.Consumer;
import java.util.function.Function;

/// Has the text model rewrite the prompt of a job, and says what came of it. The text goes into the trail
/// and nowhere else: prompts are never logged.
final class PromptEnhancement {

    private PromptEnhancement() {}

    /// Runs the text model on the thread that calls.
    ///
    /// @param fromImage whether the clip goes on from a picture
    /// @param say       of the job's [Trail]
    /// @return the prompt to encode
    /// @throws IllegalArgumentException if the prompt is longer than the encoder allows
    static String enhanced(
            String prompt,
            boolean fromImage,
            Decoding decoding,
            PromptEnhancer enhancer,
            Consumer<Function<Header, GenerationEvent>> say) {
        Purpose purpose = fromImage ? Purpose.IMAGE_TO_VIDEO : Purpose.TEXT_TO_VIDEO;
        Enhancement enhancement = enhancer.enhance(Task.of(prompt, purpose, decoding), TokenListener.NONE);
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
