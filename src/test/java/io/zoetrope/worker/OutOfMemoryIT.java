package io.zoetrope.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zoetrope.audit.GenerationEvent;
import io.zoetrope.request.JobId;
import io.zoetrope.worker.kafka.OwnBroker;
import io.zoetrope.worker.kafka.RequestPublisher;
import io.zoetrope.worker.kafka.Topics;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A worker whose memory really runs out: the operating system refuses what LibTorch asks for.
class OutOfMemoryIT {

    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final Path LOG = Path.of("target", "worker-narrow.log");

    @TempDir
    Path folder;

    @Test
    void aClipThatDoesNotFitIsDecodedInTilesAndTheWorkerLivesOn() throws Exception {
        // Whole it takes some 1100 MB, in the smallest tiles less than 500.
        GenerationEvent end = largeJobWithRoomFor(750L << 20);
        assertInstanceOf(GenerationEvent.Completed.class, end);
        assertTrue(Files.readString(LOG).contains("memory ran out, decoding in tiles"), "memory did run out");
    }

    @Test
    void aClipThatFitsInNoWayIsGivenUpAfterAFewAttemptsAndTheWorkerLivesOn() throws Exception {
        GenerationEvent end = largeJobWithRoomFor(200L << 20);
        assertEquals(
                "out-of-memory",
                assertInstanceOf(GenerationEvent.Failed.class, end).code());
    }

    /// Between two small jobs, both of which must be completed.
    ///
    /// @param growth bytes that the worker may take more than it has after the first
    private GenerationEvent largeJobWithRoomFor(long growth) throws Exception {
        try (OwnBroker broker = OwnBroker.start(folder.resolve("kafka"))) {
            Map<String, Object> client = broker.client();
            try (WorkerProcess worker = WorkerProcess.start(
                            "narrow", broker.bootstrapServers(), folder.resolve("artifacts"), LOG, Map.of());
                    RequestPublisher publisher = new RequestPublisher(client, Topics.DEFAULT, "/test")) {
                JobId first = publish(publisher, "first", 96, 96, 17);
                assertInstanceOf(GenerationEvent.Completed.class, end(client, first));
                worker.limitGrowth(growth);
                GenerationEvent end = end(client, publish(publisher, "large", 768, 512, 129));
                JobId last = publish(publisher, "last", 96, 96, 17);
                assertInstanceOf(GenerationEvent.Completed.class, end(client, last));
                return end;
            }
        }
    }

    private static JobId publish(RequestPublisher publisher, String name, int width, int height, int frames) {
        JobId job = new JobId(name + "-" + System.nanoTime());
        String request = "{\"prompt\":\"A red circle.\",\"steps\":2,\"width\":%d,\"height\":%d,\"frames\":%d}"
                .formatted(width, height, frames);
        publisher.request(job, request.getBytes(StandardCharsets.UTF_8)).join();
        return job;
    }

    private static GenerationEvent end(Map<String, Object> client, JobId job) {
        return Facts.untilTheEnd(client, job, PATIENCE).getLast();
    }
}
