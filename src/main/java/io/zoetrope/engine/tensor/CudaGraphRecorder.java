package io.zoetrope.engine.tensor;

import java.util.concurrent.atomic.AtomicLong;
import org.bytedeco.cuda.cudart.CUgraphExec_st;
import org.bytedeco.cuda.cudart.CUgraph_st;
import org.bytedeco.cuda.cudart.CUstream_st;
import org.bytedeco.cuda.global.cudart;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.cuda.CUDAAllocator;
import org.bytedeco.pytorch.cuda.DeviceAssertionsDataVectorCUDAKernelLaunchInfoVectorPair;
import org.bytedeco.pytorch.cuda.StreamFilter;
import org.bytedeco.pytorch.global.torch_cuda;

/// Records CUDA graphs on the calling thread's stream, with memory from a pool that all recordings of one
/// recorder share: they are replayed one after the other. What LibTorch's own class does, which the binding
/// lacks. Like [CudaMemory] never loaded by a build for the CPU.
final class CudaGraphRecorder implements Recorder {

    /// Tells the allocator which stream's memory comes from the pool. The binding has slots for few such
    /// callbacks, so there is one for all recorders, and one recording at a time.
    private static final class RecordedStream extends StreamFilter {

        private volatile long address;

        @Override
        public boolean call(Pointer stream) {
            return stream != null && stream.address() == address;
        }
    }

    private static final RecordedStream RECORDED = new RecordedStream().retainReference();

    /// Numbers of pools; LibTorch counts its own from 1.
    private static final AtomicLong POOLS = new AtomicLong(1L << 40);

    private final byte device;
    private final CUDAAllocator allocator = torch_cuda.getAllocator();
    private final LongPointer pool = new LongPointer(0, POOLS.getAndIncrement());

    CudaGraphRecorder(int device) {
        CudaStreams.enter(device); // the default stream cannot be recorded
        this.device = (byte) device;
        pool.retainReference();
    }

    @Override
    public Recording record(Runnable work) {
        synchronized (RECORDED) {
            CUgraph_st graph = new CUgraph_st();
            capture(work, graph);
            return instantiated(graph);
        }
    }

    private void capture(Runnable work, CUgraph_st graph) {
        CUstream_st stream = torch_cuda.getCurrentCUDAStream(device).stream();
        RECORDED.address = stream.address();
        allocator.emptyCache(); // what is kept for later cannot be given back while something is recorded
        allocator.beginAllocateToPool(device, poolId(), RECORDED);
        boolean captured = false;
        try {
            // Other threads may go on allocating meanwhile.
            check("begin", cudart.cudaStreamBeginCapture(stream, cudart.cudaStreamCaptureModeThreadLocal));
            boolean done = false;
            try {
                work.run();
                done = true;
            } finally {
                int ended = cudart.cudaStreamEndCapture(stream, graph);
                if (done) { // otherwise what failed in it says more
                    check("end", ended);
                }
            }
            if (graph.isNull()) {
                throw new IllegalStateException("CUDA graph: end of capture gave none");
            }
            captured = true;
        } finally {
            allocator.endAllocateToPool(device, poolId());
            RECORDED.address = 0;
            if (!captured) {
                int _ = cudart.cudaGetLastError(); // or the next operator would report it
                allocator.releasePool(device, poolId());
            }
        }
    }

    private Recording instantiated(CUgraph_st graph) {
        CUgraphExec_st executable = new CUgraphExec_st();
        int code = cudart.cudaGraphInstantiate(executable, graph, 0);
        int destroyed = cudart.cudaGraphDestroy(graph);
        try {
            check("instantiate", code);
            check("destroy", destroyed);
        } catch (RuntimeException e) {
            allocator.releasePool(device, poolId());
            throw e;
        }
        executable.retainReference();
        return new Graph(executable);
    }

    /// The allocator wants a pair of numbers; the binding gives that parameter the name of another pair.
    private DeviceAssertionsDataVectorCUDAKernelLaunchInfoVectorPair poolId() {
        return new DeviceAssertionsDataVectorCUDAKernelLaunchInfoVectorPair(pool);
    }

    @Override
    public void close() {
        allocator.emptyCache(); // the pool's memory, too
        pool.close();
    }

    private static void check(String what, int code) {
        if (code != 0) {
            throw new IllegalStateException("CUDA graph: %s: %s"
                    .formatted(what, cudart.cudaGetErrorString(code).getString()));
        }
    }

    private final class Graph implements Recording {

        private final CUgraphExec_st executable;

        Graph(CUgraphExec_st executable) {
            this.executable = executable;
        }

        @Override
        public void replay() {
            check("launch", cudart.cudaGraphLaunch(executable, torch_cuda.getCurrentCUDAStream(device).stream()));
        }

        @Override
        public void close() {
            torch_cuda.getCurrentCUDAStream(device).synchronize(); // it may still be running
            int code = cudart.cudaGraphExecDestroy(executable);
            allocator.releasePool(device, poolId());
            check("destroy", code);
        }
    }
}
