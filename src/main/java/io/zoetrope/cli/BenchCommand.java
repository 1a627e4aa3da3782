package io.zoetrope.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `zoetrope bench`: what this machine does.
@Command(
        name = "bench",
        description = "Measures this machine. Needs no model of yours.",
        synopsisSubcommandLabel = "WHAT",
        subcommands = {
            BenchEngineCommand.class,
            BenchFullSizeCommand.class,
            BenchCheckpointCommand.class,
            BenchGpuCommand.class,
            BenchWorkerCommand.class,
            BenchRunnerCommand.class,
            HelpCommand.class
        },
        mixinStandardHelpOptions = true)
final class BenchCommand implements Runnable {

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(), "what to measure is missing; 'zoetrope bench --help' lists it");
    }
}
