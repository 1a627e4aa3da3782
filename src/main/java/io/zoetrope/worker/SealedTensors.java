package io.zoetrope.worker;

import io.zoetrope.engine.checkpoint.CheckpointException;
import io.zoetrope.engine.checkpoint.SafetensorsFile;
import io.zoetrope.engine.checkpoint.SafetensorsWriter;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorScope;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.CRC32C;
import java.util.zip.Checksum;

/// Safetensors files that can tell whether they are whole: their metadata hold the digest of the plan that they were
/// made for and the CRC-32C of the whole file, taken with zeros in its own place. That finds damage; nothing could
/// prove a forgery, whose author can seal it too. The same tensors of the same plan always give the same bytes.
///
/// A SHA-256 would take 1.7 ms of processor time for a checkpoint of 3 MB, this takes 0.2 ms, and who denoises waits
/// for
/// it: the cores that it computes on are the same.
final class SealedTensors {

    /// What is wrong with a file that cannot be trusted.
    static final class UntrustedException extends RuntimeException {
        UntrustedException(String reason) {
            super(reason);
        }
    }

    private static final String PLAN = "plan";
    private static final String SEAL = "crc32c";
    private static final String BEFORE_SEAL = "\"" + SEAL + "\":\"";
    private static final String NO_SEAL = "0".repeat(8);

    /// Metadata come first in the header, and ours are short.
    private static final int LONGEST_HEADER = 1 << 16;

    private SealedTensors() {}

    /// The bytes in an array of at most 2 GiB.
    static byte[] write(Map<String, Tensor> tensors, Map<String, String> metadata, String planDigest) {
        try (TensorScope _ = TensorScope.open()) {
            List<ByteBuffer> parts = parts(tensors, metadata, planDigest);
            ByteBuffer content = ByteBuffer.allocate(
                    parts.stream().mapToInt(ByteBuffer::remaining).sum());
            parts.forEach(content::put);
            return content.array();
        }
    }

    /// The bytes in order, not copied: valid as long as the tensors and the scope of the caller.
    static List<ByteBuffer> parts(Map<String, Tensor> tensors, Map<String, String> metadata, String planDigest) {
        Map<String, String> all = new HashMap<>(metadata);
        all.put(PLAN, planDigest);
        all.put(SEAL, NO_SEAL);
        List<ByteBuffer> parts = SafetensorsWriter.parts(tensors, all);
        byte[] header = parts.getFirst().array();
        int place = placeOfSeal(header)
                .orElseThrow(() -> new IllegalStateException("the metadata have no place for a seal"));
        setSeal(header, place, checksum(parts));
        return parts;
    }

    /// Opens what [#write] wrote for the same plan. `content` is the file's from now on.
    ///
    /// @throws UntrustedException if it is damaged or made for another plan
    static SafetensorsFile open(String name, byte[] content, String planDigest) {
        int place = placeOfSeal(content).orElseThrow(() -> new UntrustedException("it has no seal"));
        String seal = new String(content, place, NO_SEAL.length(), StandardCharsets.US_ASCII);
        setSeal(content, place, NO_SEAL);
        String found = checksum(List.of(ByteBuffer.wrap(content)));
        setSeal(content, place, seal);
        if (!found.equals(seal)) {
            throw new UntrustedException("its CRC-32C is %s, expected %s".formatted(found, seal));
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

    private static String checksum(List<ByteBuffer> parts) {
        Checksum checksum = new CRC32C();
        parts.forEach(part -> checksum.update(part.duplicate()));
        return HexFormat.of().toHexDigits((int) checksum.getValue());
    }

    private static void setSeal(byte[] content, int place, String seal) {
        System.arraycopy(seal.getBytes(StandardCharsets.US_ASCII), 0, content, place, seal.length());
    }
}
