package io.zoetrope.engine.tensor;

import java.util.Locale;
import org.bytedeco.openblas.global.openblas;
import org.bytedeco.pytorch.global.torch;

/// Where tensors live and are computed: the CPU, or one CUDA device.
///
/// @param kind  CPU or CUDA
/// @param index number of the CUDA device, 0 for the CPU
public record Device(Kind kind, int index) {

    /// The kinds of device that the engine runs on.
    public enum Kind {
        CPU,
        CUDA
    }

    public static final Device CPU = new Device(Kind.CPU, 0);

    private static volatile int cpuThreads = 1;

    public Device {
        if (index < 0 || (kind == Kind.CPU && index != 0)) {
            throw new IllegalArgumentException("device %s has no index %d".formatted(kind, index));
        }
    }

    /// Reads `cpu`, `cuda`, `cuda:1` or `auto` (the first CUDA device if there is one, otherwise the CPU).
    ///
    /// @throws IllegalArgumentException if `name` is none of these, or names a device that this machine or build
    ///         lacks
    public static Device parse(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        if (lower.equals("cpu")) {
            return CPU;
        }
        if (lower.equals("auto")) {
            return cudaDevices() > 0 ? new Device(Kind.CUDA, 0) : CPU;
        }
        if (!lower.matches("cuda(:\\d{1,3})?")) {
            throw new IllegalArgumentException("device '%s', expected cpu, cuda, cuda:N or auto".formatted(name));
        }
        int index = lower.contains(":") ? Integer.parseInt(lower.substring(lower.indexOf(':') + 1)) : 0;
        int found = cudaDevices();
        if (index >= found) {
            throw new IllegalArgumentException("device '%s', but this build of LibTorch sees %d CUDA devices%s"
                    .formatted(
                            name, found, CudaBuild.load().map(why -> ": " + why).orElse("")));
        }
        return new Device(Kind.CUDA, index);
    }

    /// Number of CUDA devices that this build and machine offer; 0 with the CPU build.
    public static int cudaDevices() {
        CudaBuild.load();
        return torch.cuda_is_available() ? (int) torch.cuda_device_count() : 0;
    }

    /// Sets how many threads the CPU operators of this process use.
    ///
    /// LibTorch's pool does all the splitting. The BLAS library has a pool of its own, which would start
    /// threads inside LibTorch's and slow attention down twentyfold, so it is held at one thread; large float32
    /// products go to kernels that LibTorch's threads share ([Tensor#linear]).
    public static void useThreads(int threads) {
        if (threads < 1) {
            throw new IllegalArgumentException("threads %d, expected at least 1".formatted(threads));
        }
        torch.set_num_threads(threads);
        openblas.blas_set_num_threads(1);
        cpuThreads = threads;
    }

    /// What [#useThreads] has set; 1 before.
    static int threads() {
        return cpuThreads;
    }

    /// Lets the calling thread compute here. Whatever it computes on a CUDA device runs in order, on a
    /// stream that it shares with no other thread: what threads hand to each other must be complete
    /// ([#finish]) or go through the host. Does nothing on the CPU, or when called again.
    public void enter() {
        if (!isCpu()) {
            torch.globalContext().setAllowTF32CuDNN(false); // or convolutions of float32 are rounded to 10 bits
            CudaStreams.enter(index);
        }
    }

    /// Waits until everything that the calling thread has begun on a CUDA device is done.
    public void finish() {
        if (!isCpu()) {
            CudaStreams.finish(index);
        }
    }

    /// Memory of a CUDA device, bytes.
    public long totalMemory() {
        return CudaMemory.total(index);
    }

    /// Most bytes that tensors on a CUDA device had at once since the process began or [#forgetPeakMemory]. 0 for
    /// the CPU.
    public long peakMemory() {
        return isCpu() ? 0 : CudaMemory.peak(index);
    }

    /// Lets [#peakMemory] of a CUDA device begin anew.
    public void forgetPeakMemory() {
        if (!isCpu()) {
            CudaMemory.forgetPeak(index);
        }
    }

    /// Gives memory of a CUDA device that LibTorch keeps for later back to it.
    public void returnMemory() {
        if (!isCpu()) {
            CudaMemory.giveBack();
        }
    }

    /// `cpu`, or such as `cuda:0 NVIDIA H100 80GB HBM3`.
    public String description() {
        return isCpu() ? toString() : "%s %s".formatted(this, CudaProperties.name(index));
    }

    /// Compute capability of a CUDA device: 89 for 8.9. 0 for the CPU.
    int capability() {
        return isCpu() ? 0 : CudaProperties.capability(index);
    }

    public boolean isCpu() {
        return kind == Kind.CPU;
    }

    @Override
    public String toString() {
        return isCpu() ? "cpu" : "cuda:" + index;
    }

    org.bytedeco.pytorch.Device handle() {
        return new org.bytedeco.pytorch.Device(toString());
    }
}
