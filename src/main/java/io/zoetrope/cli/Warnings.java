package io.zoetrope.cli;

import java.io.PrintWriter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;

/// Shows what the engine warns of, for commands that run it without the worker, whose log is not there.
final class Warnings extends Handler {

    private static final Logger ROOT = Logger.getLogger("");

    private final PrintWriter terminal;
    private final SimpleFormatter formatter = new SimpleFormatter();

    private Warnings(PrintWriter terminal) {
        this.terminal = terminal;
        setLevel(Level.WARNING);
    }

    /// From now on, one line each.
    static void showOn(PrintWriter terminal) {
        ROOT.addHandler(new Warnings(terminal));
    }

    @Override
    public void publish(LogRecord event) {
        if (isLoggable(event)
                && event.getLoggerName() != null
                && event.getLoggerName().startsWith("io.zoetrope")) {
            terminal.println("warning: " + formatter.formatMessage(event).replaceAll("\\s*\\R\\s*", " "));
            terminal.flush();
        }
    }

    @Override
    public void flush() {
        terminal.flush();
    }

    @Override
    public void close() {
        flush();
    }
}
