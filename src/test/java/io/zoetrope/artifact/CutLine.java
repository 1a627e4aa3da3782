package io.zoetrope.artifact;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/// A line to a server that can lose an answer: the server acts, and the client never hears of it.
final class CutLine implements AutoCloseable {

    private final ServerSocket entry;
    private final URI server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final AtomicBoolean swallowNext = new AtomicBoolean();
    private final AtomicInteger swallowed = new AtomicInteger();

    private CutLine(ServerSocket entry, URI server) {
        this.entry = entry;
        this.server = server;
    }

    static CutLine to(URI server) throws IOException {
        CutLine line = new CutLine(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()), server);
        line.threads.execute(line::accept);
        return line;
    }

    URI address() {
        return URI.create("http://127.0.0.1:" + entry.getLocalPort());
    }

    void swallowNextAnswer() {
        swallowNext.set(true);
    }

    int swallowed() {
        return swallowed.get();
    }

    private void accept() {
        while (!entry.isClosed()) {
            try {
                Socket client = entry.accept();
                Socket target = new Socket(server.getHost(), server.getPort());
                threads.execute(() -> carry(client, target, false));
                threads.execute(() -> carry(target, client, true));
            } catch (IOException _) {
                return; // closed
            }
        }
    }

    private void carry(Socket from, Socket to, boolean answers) {
        byte[] buffer = new byte[64 * 1024];
        try (from;
                to;
                InputStream source = from.getInputStream();
                OutputStream sink = to.getOutputStream()) {
            for (int count = source.read(buffer); count >= 0; count = source.read(buffer)) {
                if (answers && isFinal(buffer, count) && swallowNext.compareAndSet(true, false)) {
                    swallowed.incrementAndGet();
                    return;
                }
                sink.write(buffer, 0, count);
                sink.flush();
            }
        } catch (IOException _) {
            // the other direction has hung up
        }
    }

    /// "100 Continue" is no answer yet.
    private static boolean isFinal(byte[] buffer, int count) {
        return !new String(buffer, 0, Math.min(count, 16), java.nio.charset.StandardCharsets.US_ASCII)
                .startsWith("HTTP/1.1 1");
    }

    @Override
    public void close() throws IOException {
        entry.close();
        threads.shutdownNow();
    }
}
