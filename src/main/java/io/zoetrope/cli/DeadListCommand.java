package io.zoetrope.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.zoetrope.audit.DeadLetter;
import java.io.PrintWriter;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `zoetrope dead list`: one line for each letter.
@Command(
        name = "list",
        description = "Lists all dead letters, the oldest first: when, which job, the reason, one sentence.",
        mixinStandardHelpOptions = true)
final class DeadListCommand implements Callable<Integer> {

    @Mixin
    private BrokerOptions broker;

    @Option(
            names = "--reason",
            paramLabel = "REASON",
            description = "Only letters with this reason: rejected, poison, unreadable, given-up.")
    private String reason;

    @Option(names = "--json", description = "One JSON object per line, without the records themselves.")
    private boolean json;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        int[] count = new int[1];
        DeadLetters.forEach(broker, Optional.empty(), letter -> {
            if (reason == null || reason.equals(letter.reason())) {
                out.println(json ? json(letter).toString() : line(letter));
                count[0]++;
            }
        });
        if (!json) {
            out.printf("%d dead letters%n", count[0]);
        }
        out.flush();
        return 0;
    }

    private static String line(DeadLetter letter) {
        return "%s  %s  %s  %s"
                .formatted(letter.at(), letter.job(), Lines.one(letter.reason()), Lines.one(letter.detail()));
    }

    private static ObjectNode json(DeadLetter letter) {
        DeadLetter.Original original = letter.original();
        return JsonNodeFactory.instance
                .objectNode()
                .put("job", letter.job().value())
                .put("reason", letter.reason())
                .put("detail", letter.detail())
                .put("problems", letter.problems().size())
                .put("topic", original.topic())
                .put("partition", original.partition())
                .put("offset", original.offset())
                .put("whole", original.whole())
                .put("worker", letter.worker())
                .put("at", letter.at().toString());
    }
}
