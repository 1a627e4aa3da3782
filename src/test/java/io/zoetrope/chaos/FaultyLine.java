package io.zoetrope.chaos;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/// The line to an S3 server. It can answer in the server's stead, be silent, or lose the server's answers.
final class FaultyLine implements AutoCloseable {

    enum Mode {
        WELL("", ""),
        ERROR("answers 503", answer("503 Service Unavailable", "ServiceUnavailable")),
        FULL("says it is full", answer("507 Insufficient Storage", "XMinioStorageFull")),
        SILENT("hangs", ""),
        /// The server acts, and the client never hears of it.
        DEAF("loses answers", "");

        private final String label;
        private final String answer;

        Mode(String label, String answer) {
            this.label = label;
            this.answer = answer;
        }

        String label() {
            return label;
        }

        static List<Mode> outages() {
            return Arrays.stream(values()).filter(mode -> mode != WELL).toList();
        }

        private static String answer(String status, String code) {
            String body =
                    "<?xml version=\"1.0\"?><Error><Code>%s</Code><Message>chaos</Message></Error>".formatted(code);
            return "HTTP/1.1 %s\r\nContent-Type: application/xml\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s"
                    .formatted(status, body.length(), body);
        }
    }

    private final ServerSocket entry;
    private final URI server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private volatile Mode mode = Mode.WELL;

    private FaultyLine(ServerSocket entry, URI server) {
        this.entry = entry;
        this.server = server;
    }

    static FaultyLine to(URI server) throws IOException {
        FaultyLine line = new FaultyLine(new ServerSocket(0, 200, InetAddress.getLoopbackAddress()), server);
        line.threads.execute(line::accept);
        return line;
    }

    URI address() {
        return URI.create("http://127.0.0.1:" + entry.getLocalPort());
    }

    /// All connections break; the next ones are treated as `mode` says.
    void change(Mode next) {
        mode = next;
        open.forEach(FaultyLine::close);
    }

    @Override
    public void close() {
        try {
            entry.close();
        } catch (IOException _) {
            // it is of no use any more
        }
        open.forEach(FaultyLine::close);
        threads.shutdownNow();
    }

    private void accept() {
        while (!entry.isClosed()) {
            try {
                Socket client = entry.accept();
                open.add(client);
                threads.execute(() -> serve(client));
            } catch (IOException _) {
                return; // closed
            }
        }
    }

    private void serve(Socket client) {
        switch (mode) {
            case WELL -> connect(client, true);
            case DEAF -> connect(client, false);
            case ERROR, FULL -> refuse(client, mode.answer);
            case SILENT -> {
                // until the mode changes
            }
        }
    }

    private void connect(Socket client, boolean answers) {
        try {
            Socket target = new Socket(server.getHost(), server.getPort());
            open.add(target);
            threads.execute(() -> carry(target, client, answers));
            carry(client, target, true);
        } catch (IOException _) {
            close(client);
        }
    }

    private void carry(Socket from, Socket to, boolean passOn) {
        byte[] buffer = new byte[64 * 1024];
        try (from;
                to;
                InputStream source = from.getInputStream();
                OutputStream sink = to.getOutputStream()) {
            for (int count = source.read(buffer); count >= 0; count = source.read(buffer)) {
                if (passOn || isPreliminary(buffer, count)) {
                    sink.write(buffer, 0, count);
                    sink.flush();
                }
            }
        } catch (IOException _) {
            // the other direction has hung up
        } finally {
            open.remove(from);
            open.remove(to);
        }
    }

    /// "100 Continue" is no answer yet.
    private static boolean isPreliminary(byte[] buffer, int count) {
        return new String(buffer, 0, Math.min(count, 16), StandardCharsets.US_ASCII).startsWith("HTTP/1.1 1");
    }

    private void refuse(Socket client, String answer) {
        try (client) {
            byte[] buffer = new byte[64 * 1024];
            int _ = client.getInputStream().read(buffer);
            client.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
            client.getOutputStream().flush();
            client.shutdownOutput();
            client.setSoTimeout(1_000);
            while (client.getInputStream().read(buffer) >= 0) {
                // what it still sends; closing earlier would cost it the answer
            }
        } catch (IOException _) {
            // it has gone
        } finally {
            open.remove(client);
        }
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException _) {
            // it has gone
        }
    }
}
