package io.zoetrope.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `zoetrope dead`: what was refused or given up.
@Command(
        name = "dead",
        description = {
            "Looks at dead letters: records that were refused or given up, each with the reason and the record itself,"
                    + " byte by byte.",
            "'dead list' shows them all, 'dead show JOB' one of them in full, 'dead requeue JOB' publishes its request"
                    + " again under a new job id, because the end of a job never changes."
        },
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {DeadListCommand.class, DeadShowCommand.class, DeadRequeueCommand.class},
        mixinStandardHelpOptions = true)
final class DeadCommand implements Runnable {

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(), "a command is missing: list, show or requeue; 'zoetrope dead --help' tells more");
    }
}
