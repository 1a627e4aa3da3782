package io.zoetrope.media;

import java.lang.foreign.MemorySegment;
import org.bytedeco.javacpp.Pointer;

/// A native memory segment in the eyes of JavaCPP. Owns nothing; the segment must outlive it.
final class Address extends Pointer {

    Address(MemorySegment segment) {
        if (!segment.isNative()) {
            throw new IllegalArgumentException("a segment on the heap has no address");
        }
        address = segment.address();
    }

    /// The `bytes` bytes behind `pointer`, a view.
    static MemorySegment segment(Pointer pointer, long bytes) {
        return MemorySegment.ofAddress(pointer.address()).reinterpret(bytes);
    }
}
