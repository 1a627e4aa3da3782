package io.zoetrope.worker;

import io.zoetrope.engine.checkpoint.CheckpointException;
import io.zoetrope.engine.checkpoint.SafetensorsFile;
import io.zoetrope.engine.checkpoint.SafetensorsWriter;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.request.Sha256;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// Safetensors files that can prove what they are: their metadata hold the digest of the plan they were made for
/// and the SHA-256 of the whole file, taken with zeros in its own place. The same tensors of the same plan always
/// give the same bytes.
final class SealedTensors {

    /// What is wrong with a file that cannot be trusted.
    static final class UntrustedException extends RuntimeException {
        UntrustedException(String reason) {
            super(reason);
        }
    }

    private static final String PLAN = "plan";
    private static final String SEAL = "sha256";
    private static final String BEFORE_SEAL = "\"" + SEAL + "\":\"";
    private static final String NO_SEAL = "0".repeat(64);

    /// Metadata come first in the header, and ours are short.
    private static final int LONGEST_HEADER = 1 << 16;

    private SealedTensors() {}

    static byte[] write(Map<String, Tensor> tensors, Map<String, String> metadata, String planDigest) {
        return seal(unsealed(tensors, metadata, planDigest));
    }

    /// The bytes without their digest, which [#seal] sets: taking a digest takes longer than copying.
    static byte[] unsealed(Map<String, Tensor> tensors, Map<String, String> metadata, String planDigest) {
        Map<String, String> all = new HashMap<>(metadata);
        all.put(PLAN, planDigest);
        all.put(SEAL, NO_SEAL);
        return SafetensorsWriter.toBytes(tensors, all);
    }

    /// Sets the digest, in place.
    static byte[] seal(byte[] unsealed) {
        int place = placeOfSeal(unsealed)
                .orElseThrow(() -> new IllegalStateException("the metadata have no place for a seal"));
        setSeal(unsealed, place, Sha256.of(unsealed));
        return unsealed;
    }

    /// Opens what [#write] wrote for the same plan. `content` is the file's from now on.
    ///
    /// @throws UntrustedException if it is damaged or made for another plan
    static SafetensorsFile open(String name, byte[] content, String planDigest) {
        int place = placeOfSeal(content).orElseThrow(() -> new UntrustedException("it has no seal"));
        String seal = new String(content, place, NO_SEAL.length(), StandardCharsets.US_ASCII);
        setSeal(content, place, NO_SEAL);
        String found = Sha256.of(content);
        setSeal(content, place, seal);
        if (!found.equals(seal)) {
            throw new UntrustedException("its SHA-256 is %s, expected %s".formatted(found, seal));
        }
        SafetensorsFile file;
        try {
            file = SafetensorsFile.of(Path.of(name), content);
        } catch (CheckpointException damaged) {
            throw new UntrustedException(damaged.getMessage());
        }
        String plan = file.metadata().get(PLAN);
        if (!planDigest.equals(plan)) {
            file.close();
            throw new UntrustedException("it was made for plan %s, expected %s".formatted(plan, planDigest));
        }
        return file;
    }

    /// Where the digest stands in the header; empty if there is none.
    private static Optional<Integer> placeOfSeal(byte[] content) {
        byte[] wanted = BEFORE_SEAL.getBytes(StandardCharsets.US_ASCII);
        int last = Math.min(content.length, LONGEST_HEADER) - wanted.length - NO_SEAL.length();
        for (int begin = 0; begin <= last; begin++) {
            if (Arrays.equals(content, begin, begin + wanted.length, wanted, 0, wanted.length)) {
                return Optional.of(begin + wanted.length);
            }
        }
        return Optional.empty();
    }

    private static void setSeal(byte[] content, int place, String seal) {
        System.arraycopy(seal.getBytes(StandardCharsets.US_ASCII), 0, content, place, seal.length());
    }
}
