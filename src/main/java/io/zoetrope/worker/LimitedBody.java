package io.zoetrope.worker;

import java.io.IOException;
import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;

/// The body of an answer, as far as it is not too large: beyond the limit it fails, and no more is read.
final class LimitedBody<T> implements BodySubscriber<T> {

    private static final class TooLargeException extends IOException {}

    private final BodySubscriber<T> body;
    private final long limit;
    private final long announced;
    private Flow.Subscription subscription;
    private long received;
    private boolean refused;

    /// @param limit     bytes
    /// @param announced as the answer says, bytes; 0 if it does not
    LimitedBody(BodySubscriber<T> body, long limit, long announced) {
        this.body = body;
        this.limit = limit;
        this.announced = announced;
    }

    static boolean isTooLarge(Throwable failure) {
        return failure instanceof TooLargeException || failure.getCause() != null && isTooLarge(failure.getCause());
    }

    @Override
    public CompletionStage<T> getBody() {
        return body.getBody();
    }

    @Override
    public void onSubscribe(Flow.Subscription upstream) {
        subscription = upstream;
        body.onSubscribe(upstream);
        if (announced > limit) {
            refuse();
        }
    }

    @Override
    public void onNext(List<ByteBuffer> buffers) {
        received += buffers.stream().mapToLong(ByteBuffer::remaining).sum();
        if (!refused && received > limit) {
            refuse();
        }
        if (!refused) {
            body.onNext(buffers);
        }
    }

    @Override
    public void onError(Throwable failure) {
        if (!refused) {
            body.onError(failure);
        }
    }

    @Override
    public void onComplete() {
        if (!refused) {
            body.onComplete();
        }
    }

    private void refuse() {
        refused = true;
        subscription.cancel();
        body.onError(new TooLargeException());
    }
}
