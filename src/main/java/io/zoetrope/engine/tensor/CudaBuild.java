package io.zoetrope.engine.tensor;

import java.util.Optional;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch_cuda;

/// LibTorch's libraries for CUDA, in builds that ship them.
final class CudaBuild {

    private static final System.Logger LOG = System.getLogger(CudaBuild.class.getName());

    private CudaBuild() {}

    /// Makes LibTorch see the devices. To be called before it is first asked for them, since it asks only once: by
    /// itself the binding loads these libraries only where an earlier process has unpacked them, and is silent
    /// about what is missing.
    ///
    /// @return why there are no devices, in a build that could use them; else empty
    static Optional<String> load() {
        return Once.PROBLEM;
    }

    private static final class Once {

        static final Optional<String> PROBLEM = load();

        private static Optional<String> load() {
            String library = "/org/bytedeco/pytorch/%s-gpu/%s"
                    .formatted(Loader.getPlatform(), System.mapLibraryName("torch_cuda"));
            if (torch.class.getResource(library) != null) {
                try {
                    Loader.load(torch_cuda.class);
                } catch (LinkageError e) {
                    String missing = Shortcut.root(e).getMessage();
                    LOG.log(System.Logger.Level.WARNING, "no CUDA devices: {0}", missing);
                    return Optional.of(missing);
                }
            }
            return Optional.empty();
        }
    }
}
