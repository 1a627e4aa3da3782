package io.zoetrope.cli;

import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/// A bar on a terminal, nothing where output is piped.
final class Progress implements AutoCloseable {

    private static final int REFRESH_MILLISECONDS = 100;

    private final ProgressBar bar; // null without a terminal

    private Progress(ProgressBar bar) {
        this.bar = bar;
    }

    static Progress of(String task, int steps) {
        if (System.console() == null || !System.console().isTerminal()) {
            return new Progress(null);
        }
        return new Progress(new ProgressBarBuilder()
                .setTaskName(task)
                .setInitialMax(steps)
                .setStyle(ProgressBarStyle.UNICODE_BLOCK)
                .setUpdateIntervalMillis(REFRESH_MILLISECONDS)
                .hideEta()
                .build());
    }

    boolean visible() {
        return bar != null;
    }

    void at(int step) {
        if (bar != null) {
            bar.stepTo(step);
        }
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
        }
    }
}
