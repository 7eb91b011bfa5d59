package com.fxplatform.api.executor;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Collects the body of an answer and gives up as soon as it is too long: whoever answers cannot fill our memory. Use
 * with the JDK's HTTP client: {@code send(request, about -> new BoundedBody(262144))}.
 */
@ProviderType
public final class BoundedBody implements HttpResponse.BodySubscriber<byte[]> {
  /** The answer is longer than allowed. */
  public static final class TooLong extends IOException {
    private static final long serialVersionUID = 1L;

    TooLong(int most) {
      super("The answer is longer than " + most / 1024 + " kB.");
    }
  }

  private final int most;
  private final CompletableFuture<byte[]> body = new CompletableFuture<>();
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private Flow.Subscription subscription;

  /** @param most the longest body in bytes; a longer one fails with {@link TooLong} */
  public BoundedBody(int most) {
    this.most = most;
  }

  @Override
  public CompletionStage<byte[]> getBody() {
    return body;
  }

  @Override
  public void onSubscribe(Flow.Subscription s) {
    subscription = s;
    s.request(Long.MAX_VALUE);
  }

  @Override
  public void onNext(List<ByteBuffer> parts) {
    for (ByteBuffer part : parts) {
      if (bytes.size() + part.remaining() > most) {
        subscription.cancel();
        body.completeExceptionally(new TooLong(most));
        return;
      }
      byte[] some = new byte[part.remaining()];
      part.get(some);
      bytes.write(some, 0, some.length);
    }
  }

  @Override
  public void onError(Throwable broken) {
    body.completeExceptionally(broken);
  }

  @Override
  public void onComplete() {
    body.complete(bytes.toByteArray());
  }
}
