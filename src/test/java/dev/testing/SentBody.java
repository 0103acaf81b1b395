package dev.testing;

import java.io.ByteArrayOutputStream;
import java.net.http.HttpRequest;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Flow;

/** Reads again what a request has sent. */
final class SentBody implements Flow.Subscriber<ByteBuffer> {

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  private SentBody() {}

  /** The text of a body of known length; otherwise empty. */
  static String of(HttpRequest request) {
    SentBody body = new SentBody();
    request
        .bodyPublisher()
        .filter(publisher -> publisher.contentLength() > 0)
        .ifPresent(publisher -> publisher.subscribe(body));
    return body.bytes.toString(StandardCharsets.UTF_8);
  }

  @Override
  public void onSubscribe(Flow.Subscription subscription) {
    subscription.request(Long.MAX_VALUE);
  }

  @Override
  public void onNext(ByteBuffer part) {
    byte[] copy = new byte[part.remaining()];
    part.get(copy);
    bytes.writeBytes(copy);
  }

  @Override
  public void onError(Throwable failure) {
    throw new IllegalStateException(failure);
  }

  @Override
  public void onComplete() {}
}
