package io.zoetrope.cli;

import io.quarkus.runtime.annotations.QuarkusMain;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// The program. Commands that need no worker run without starting one.
@QuarkusMain
@Command(
        name = "zoetrope",
        description = "Joint audio and video diffusion as an event-driven service.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            DemoCommand.class,
            GenerateCommand.class,
            ServeCommand.class,
            SubmitCommand.class,
            WatchCommand.class,
            StopCommand.class,
            TrailCommand.class,
            DeadCommand.class,
            VerifyCommand.class,
            InspectCommand.class,
            BenchCommand.class,
            HelpCommand.class
        },
        mixinStandardHelpOptions = true,
        versionProvider = ProductVersion.class)
public final class Zoetrope implements Runnable {

    @Spec
    private CommandSpec spec;

    public static void main(String... arguments) {
        System.exit(run(arguments));
    }

    /// Runs one command.
    ///
    /// @return the exit code
    static int run(String... arguments) {
        return new CommandLine(new Zoetrope())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler(Failures::wrongUsage)
                .setExecutionExceptionHandler(Failures::failed)
                .execute(arguments);
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is missing; 'zoetrope --help' lists them");
    }
}
