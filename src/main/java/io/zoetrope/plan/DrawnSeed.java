package io.zoetrope.plan;

import io.zoetrope.request.JobId;
import io.zoetrope.request.Seed;
import io.zoetrope.request.Sha256;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ThreadLocalRandom;

/// Seeds for requests that bring none. All below 2^53, so that every reader of JSON keeps them.
public final class DrawnSeed {

    private static final long MASK = (1L << 53) - 1;

    private DrawnSeed() {}

    /// The seed of a job: drawn as if by lot, but the same again when the job's request is delivered again, so
    /// that a second worker arrives at the same plan.
    public static Seed of(JobId job) {
        byte[] hash = Sha256.digest().digest(job.value().getBytes(StandardCharsets.UTF_8));
        return new Seed(ByteBuffer.wrap(hash).getLong() & MASK);
    }

    /// Another one each time.
    public static Seed random() {
        return new Seed(ThreadLocalRandom.current().nextLong() & MASK);
    }
}
