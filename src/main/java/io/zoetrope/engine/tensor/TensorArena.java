package io.zoetrope.engine.tensor;

import java.util.ArrayList;
import java.util.List;

/// Owns tensors that outlive every scope, such as a network's weights, together with the resources below them,
/// such as the mapped file that the weights are views of. Closing frees the tensors first, then the resources,
/// newest first.
public final class TensorArena implements AutoCloseable {

    private final List<Tensor> tensors = new ArrayList<>();
    private final List<AutoCloseable> resources = new ArrayList<>();
    private boolean closed;

    /// Takes `tensor` over; scopes no longer free it.
    public synchronized Tensor own(Tensor tensor) {
        requireOpen();
        tensor.handle().retainReference();
        tensors.add(tensor);
        return tensor;
    }

    /// Takes over what the tensors depend on.
    public synchronized <R extends AutoCloseable> R own(R resource) {
        requireOpen();
        resources.add(resource);
        return resource;
    }

    /// Number of tensors owned.
    public synchronized int size() {
        return tensors.size();
    }

    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        tensors.forEach(Tensor::close);
        tensors.clear();
        RuntimeException failure = null;
        for (AutoCloseable resource : resources.reversed()) {
            try {
                resource.close();
            } catch (Exception e) {
                failure = failure == null ? new IllegalStateException("could not close " + resource, e) : failure;
            }
        }
        resources.clear();
        if (failure != null) {
            throw failure;
        }
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the arena is closed");
        }
    }
}
