package io.zoetrope.cli;

import io.zoetrope.engine.checkpoint.CheckpointException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.logging.Level;
import java.util.logging.Logger;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/// Turns what went wrong into one line and an exit code.
final class Failures {

    static final int FAILED = 1;
    static final int WRONG_INPUT = 2;
    static final int INTERRUPTED = 130;

    private static final Logger LOG = Logger.getLogger(Failures.class.getName());

    private Failures() {}

    /// Thrown by a command whose input is wrong; the message is the line that is shown.
    static final class InputException extends RuntimeException {
        InputException(String message) {
            super(message);
        }
    }

    static int wrongUsage(ParameterException exception, String[] arguments) {
        CommandLine command = exception.getCommandLine();
        StringWriter suggestions = new StringWriter();
        if (!UnmatchedArgumentException.printSuggestions(exception, new PrintWriter(suggestions))) {
            suggestions.getBuffer().setLength(0);
        }
        String hint = suggestions.toString().strip().replaceAll("\\s*\\R\\s*", " ");
        command.getErr().println(oneLine("zoetrope: " + exception.getMessage() + (hint.isEmpty() ? "" : ". " + hint)));
        return WRONG_INPUT;
    }

    static int failed(Exception exception, CommandLine command, ParseResult result) {
        LOG.log(Level.FINE, exception, () -> "the command failed");
        command.getErr().println(oneLine("zoetrope: " + message(exception)));
        return switch (exception) {
            case InputException _, CheckpointException _ -> WRONG_INPUT;
            default -> FAILED;
        };
    }

    private static String message(Exception exception) {
        return switch (exception) {
            case InputException _, CheckpointException _ -> exception.getMessage();
            default ->
                exception.getMessage() == null
                        ? exception.getClass().getSimpleName()
                        : exception.getClass().getSimpleName() + ": " + exception.getMessage();
        };
    }

    private static String oneLine(String text) {
        return text.strip().replaceAll("\\s*\\R\\s*", " ");
    }
}
