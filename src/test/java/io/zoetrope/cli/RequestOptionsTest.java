package io.zoetrope.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.zoetrope.cli.Failures.InputException;
import io.zoetrope.request.Condition;
import io.zoetrope.request.GenerationRequest;
import io.zoetrope.request.ParsedRequest;
import io.zoetrope.request.Problem;
import io.zoetrope.request.RequestFields;
import io.zoetrope.request.RetakenStreams;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// What is typed becomes the request that its author meant.
class RequestOptionsTest {

    @Command(name = "test")
    private static final class Holder {
        @Mixin
        private RequestOptions options;
    }

    @Test
    void everyFieldIsAnOption() throws IOException {
        JsonNode request = json(
                "a cat",
                "--negative-prompt=blurry",
                "--model=demo",
                "--pipeline=two-stage",
                "--upsampler=spatial-x1.5",
                "--width=96",
                "--height=192",
                "--frames=17",
                "--fps=8",
                "--seed=18446744073709551615",
                "--steps=5",
                "--sampler=euler",
                "--schedule=shifted-tokens",
                "--noise-type=bfloat16",
                "--enhance-prompt=sampled",
                "--video-cfg=3",
                "--video-stg=1",
                "--video-blocks=3,4",
                "--audio-rescale=0.5",
                "--image=a.png",
                "--lora=noir=0.5",
                "--contact-sheet",
                "--sound-only",
                "--priority=low",
                "--deadline=2030-01-01T00:00:00Z",
                "--tenant=films",
                "--metadata=shot=3");
        Set<String> written =
                request.properties().stream().map(Map.Entry::getKey).collect(Collectors.toSet());
        Set<String> all = RequestFields.leaves().keySet().stream()
                .map(path -> path.split("\\.")[0])
                .collect(Collectors.toCollection(TreeSet::new));
        all.remove("seconds"); // the other way to say frames
        assertEquals(all, new TreeSet<>(written));
        assertEquals(
                new ObjectMapper().readTree("{\"cfg\":3,\"stg\":1,\"blocks\":[3,4]}"), request.at("/guidance/video"));
        assertEquals(true, request.at("/output/contact_sheet").booleanValue());
        assertEquals(true, request.at("/output/sound_only").booleanValue());
    }

    @Test
    void conditionsAreWrittenAsFields() {
        GenerationRequest request = parsed(
                        "x",
                        "--image=first, draft.png",
                        "--condition=type=keyframe,source=a, b.png,frame=16,strength=0.8,crf=0",
                        "--condition",
                        "type=retake,source=c.mp4,streams=audio",
                        "--lora=noir",
                        "--lora=film=grain=-0.5")
                .request();
        assertEquals(
                List.of(
                        new Condition.Image("first, draft.png", Optional.empty(), Optional.empty(), Optional.empty()),
                        new Condition.Keyframe("a, b.png", 16, Optional.of(0.8), Optional.of(0)),
                        new Condition.Retake(
                                "c.mp4", Optional.empty(), Optional.empty(), Optional.of(RetakenStreams.AUDIO))),
                request.conditions());
        assertEquals(
                List.of(
                        new GenerationRequest.Lora("noir", Optional.empty()),
                        new GenerationRequest.Lora("film=grain", Optional.of(-0.5))),
                request.loras());
    }

    @Test
    void mistakesInAConditionAreNamed() {
        assertProblem("conditions[0].soruce", "--condition=type=image,soruce=a.png");
        assertProblem("conditions[0].strength", "--condition=type=image,source=a.png,strength=much");
        assertProblem("conditions[0].source", "--condition=type=audio");
        assertProblem("loras[0].strength", "--lora=noir=full");
        assertTrue(refusal("--condition=a.png").contains("type=image,source=a.png"));
        assertTrue(
                refusal("--condition=type=image,source=a.png,frame=1,frame=2").contains("frame twice"));
    }

    private static String refusal(String argument) {
        return assertThrows(InputException.class, () -> parsed("x", argument)).getMessage();
    }

    private static void assertProblem(String field, String argument) {
        List<String> fields =
                parsed("x", argument).problems().stream().map(Problem::field).toList();
        assertTrue(fields.contains(field), fields::toString);
    }

    private static JsonNode json(String... arguments) throws IOException {
        return new ObjectMapper().readTree(options(arguments).json(null));
    }

    private static ParsedRequest parsed(String... arguments) {
        return options(arguments).parsed(null);
    }

    private static RequestOptions options(String... arguments) {
        Holder holder = new Holder();
        new CommandLine(holder).parseArgs(arguments);
        return holder.options;
    }
}
