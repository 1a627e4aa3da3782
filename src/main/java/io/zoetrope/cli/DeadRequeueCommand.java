package io.zoetrope.cli;

import io.zoetrope.audit.DeadLetter;
import io.zoetrope.cli.Failures.InputException;
import io.zoetrope.request.JobId;
import io.zoetrope.worker.kafka.RequestPublisher;
import io.zoetrope.worker.kafka.Topics;
import io.zoetrope.worker.kafka.TrailReader;
import java.io.PrintWriter;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `zoetrope dead requeue JOB`: gives a request another chance.
@Command(
        name = "requeue",
        description = {
            "Publishes the request of a job's newest dead letter again, under a new job id, which is printed.",
            "The end of a job never changes, so it is a new job: JOB-2, or JOB-3 if that is taken, and so on."
                    + " Headers stay as they were, except for those that say which job and which record it was.",
            "Publish it again when the cause is gone: a request that was rejected is rejected again by workers with"
                    + " the same models and settings."
        },
        mixinStandardHelpOptions = true)
final class DeadRequeueCommand implements Callable<Integer> {

    private static final int LONGEST_ID = 64;
    private static final int LONGEST_SUFFIX = 10;

    @Parameters(paramLabel = "JOB", description = "Job id.")
    private String job;

    @Option(names = "--as", paramLabel = "NEW_ID", description = "The new job's id (default: JOB-2, JOB-3, …).")
    private String newId;

    @Mixin
    private BrokerOptions broker;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        JobId wanted = newId == null ? null : JobNames.read("--as", newId);
        if (job.equals(newId)) {
            throw new InputException("--as '%s' is the job that has ended; expected a new id".formatted(newId));
        }
        DeadLetter letter = DeadLetters.of(broker, job).getLast();
        Topics topics = broker.topics();
        Requeued requeued = Requeued.of(letter, topics);
        String begin = newId == null ? job.substring(0, Math.min(job.length(), LONGEST_ID - LONGEST_SUFFIX)) : newId;
        Set<String> taken = taken(List.of(topics.state(), requeued.topic()), begin);
        JobId id = wanted == null ? firstFree(taken) : requireFree(taken, wanted);
        try (var publisher = new RequestPublisher(broker.client(), topics, "/zoetrope/cli")) {
            publisher
                    .again(requeued.topic(), id, requeued.value(), requeued.headersFor(id))
                    .join();
        }
        PrintWriter error = spec.commandLine().getErr();
        error.printf(
                "job %s has ended (%s) and stays so; its request is published again as job %s%n",
                job, letter.reason(), id);
        error.flush();
        spec.commandLine().getOut().println(id);
        return 0;
    }

    private JobId firstFree(Set<String> taken) {
        for (int number = 2; ; number++) {
            String suffix = "-" + number;
            String name = job.substring(0, Math.min(job.length(), LONGEST_ID - suffix.length())) + suffix;
            if (!taken.contains(name)) {
                return new JobId(name);
            }
        }
    }

    private static JobId requireFree(Set<String> taken, JobId wanted) {
        if (taken.contains(wanted.value())) {
            throw new InputException("--as '%s' is a job already; expected a new id".formatted(wanted));
        }
        return wanted;
    }

    /// Ids that begin like the wished one: of jobs that a worker has seen, and of those that still wait.
    private Set<String> taken(List<String> topics, String begin) {
        Set<String> taken = new HashSet<>();
        for (String topic : topics) {
            try (TrailReader reader =
                    TrailReader.open(broker.client(), topic, Optional.empty(), TrailReader.Start.BEGINNING)) {
                reader.toEnd(record -> {
                    if (record.key() != null && record.key().startsWith(begin)) {
                        taken.add(record.key());
                    }
                });
            }
        }
        return taken;
    }
}
