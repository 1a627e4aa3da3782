package io.zoetrope.cli;

import io.zoetrope.audit.DeadLetter;
import io.zoetrope.audit.MessageCodec;
import io.zoetrope.request.Problem;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `zoetrope dead show JOB`: everything that a job's letters say.
@Command(
        name = "show",
        description = "Shows the dead letters of a job in full, with the record that was refused or given up.",
        mixinStandardHelpOptions = true)
final class DeadShowCommand implements Callable<Integer> {

    @Parameters(paramLabel = "JOB", description = "Job id.")
    private String job;

    @Mixin
    private BrokerOptions broker;

    @Option(names = "--json", description = "The letters as they are, one JSON object per line.")
    private boolean json;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        MessageCodec codec = new MessageCodec(URI.create("/zoetrope/cli"), Clock.systemUTC());
        for (DeadLetter letter : DeadLetters.of(broker, job)) {
            if (json) {
                out.println(new String(codec.write(letter).data(), StandardCharsets.UTF_8));
            } else {
                print(out, letter);
            }
        }
        out.flush();
        return 0;
    }

    private static void print(PrintWriter out, DeadLetter letter) {
        DeadLetter.Original original = letter.original();
        out.printf("job      %s%n", letter.job());
        out.printf("reason   %s%n", Lines.one(letter.reason()));
        out.printf("detail   %s%n", Lines.one(letter.detail()));
        out.printf("when     %s, by %s%n", letter.at(), Lines.one(letter.worker()));
        out.printf("record   %s/%d/%d%n", original.topic(), original.partition(), original.offset());
        for (Problem problem : letter.problems()) {
            out.printf("problem  %s (%s)%n", Lines.one(problem.toString()), Lines.one(problem.code()));
        }
        original.headers()
                .forEach((name, value) -> out.printf("header   %s: %s%n", Lines.one(name), Lines.one(text(value))));
        if (original.valueBytes() != null) {
            out.printf(
                    "cut      the value had %d bytes with SHA-256 %s%n", original.valueBytes(), original.valueSha256());
        }
        out.println("value    " + (original.value() == null ? "(none)" : Lines.many(text(original.value()))));
        out.println();
    }

    private static String text(byte[] bytes) {
        if (bytes == null) {
            return "(none)";
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException _) {
            return "(%d bytes that are no text; --json has them in base64)".formatted(bytes.length);
        }
    }
}
