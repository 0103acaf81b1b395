package dev.evenkeel.payments.provider;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.transport.RequestReplySenderContext;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Sends HTTP requests to the provider, each in a span of its own. The timeout covers the whole
 * answer, because the client's own timeout does not cover a slow body.
 */
final class ProviderConnection implements Wire {

  /** The longest answer about one operation, in bytes; a longer one cannot be read. */
  private static final int MAX_ANSWER = 64 * 1024;

  /** The longest page of the report, in bytes: far more than its lines need. */
  private static final int MAX_PAGE = 1024 * 1024;

  private static final BodyHandler<byte[]> SHORT = bytes(MAX_ANSWER);
  private static final BodyHandler<byte[]> LONG = bytes(MAX_PAGE);

  private static BodyHandler<byte[]> bytes(int limit) {
    return BodyHandlers.limiting(BodyHandlers.ofByteArray(), limit);
  }

  private final HttpClient http;
  private final String url;
  private final ObservationRegistry observations;

  ProviderConnection(ProviderSettings settings, ObservationRegistry observations) {
    this.http =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(settings.connectTimeout())
            .build();
    this.url = settings.url().toString().replaceAll("/+$", "");
    this.observations = observations;
  }

  /** Says that there was no connection, so nothing was sent. */
  static final class NotConnectedException extends IOException {
    NotConnectedException(Throwable cause) {
      super(cause.getMessage() == null ? "no connection" : cause.getMessage(), cause);
    }
  }

  @Override
  public HttpResponse<byte[]> send(ProviderRequest request, Duration timeout) throws IOException {
    ProviderRequest.Order order = request.order();
    return post(
        order.kind().name().toLowerCase(Locale.ROOT),
        order.kind().path(),
        order.reference().toString(),
        request.body(),
        timeout);
  }

  @Override
  public HttpResponse<byte[]> followUp(ProviderRequest request, Duration timeout)
      throws IOException {
    String what = request.followUp().path();
    return post(
        what,
        request.path() + "/" + what,
        request.order().reference() + "/" + what,
        request.followUpBody(),
        timeout);
  }

  private HttpResponse<byte[]> post(
      String operation, String path, String key, String body, Duration timeout) throws IOException {
    return exchange(
        operation,
        HttpRequest.newBuilder(URI.create(url + path))
            .header("Content-Type", "application/json")
            .header("Idempotency-Key", key)
            .POST(BodyPublishers.ofString(body)),
        SHORT,
        timeout);
  }

  @Override
  public HttpResponse<byte[]> query(ProviderRequest request, Duration timeout) throws IOException {
    return get("ask", request.path(), SHORT, timeout);
  }

  @Override
  public HttpResponse<byte[]> get(String operation, String path, Duration timeout)
      throws IOException {
    return get(operation, path, LONG, timeout);
  }

  private HttpResponse<byte[]> get(
      String operation, String path, BodyHandler<byte[]> body, Duration timeout)
      throws IOException {
    return exchange(operation, HttpRequest.newBuilder(URI.create(url + path)), body, timeout);
  }

  private HttpResponse<byte[]> exchange(
      String operation, HttpRequest.Builder request, BodyHandler<byte[]> body, Duration timeout)
      throws IOException {
    var context =
        new RequestReplySenderContext<HttpRequest.Builder, HttpResponse<byte[]>>(
            (carrier, name, value) -> Objects.requireNonNull(carrier).setHeader(name, value));
    context.setCarrier(request);
    return Observation.createNotStarted("provider." + operation, () -> context, observations)
        .observeChecked(() -> await(request.build(), body, timeout));
  }

  private HttpResponse<byte[]> await(
      HttpRequest request, BodyHandler<byte[]> body, Duration timeout) throws IOException {
    CompletableFuture<HttpResponse<byte[]>> answer = http.sendAsync(request, body);
    try {
      return answer.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException late) {
      throw new IOException("no complete answer in time");
    } catch (InterruptedException shutdown) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted");
    } catch (ExecutionException failure) {
      Throwable cause = Objects.requireNonNullElse(failure.getCause(), failure);
      if (cause instanceof ConnectException || cause instanceof HttpConnectTimeoutException) {
        throw new NotConnectedException(cause);
      }
      throw new IOException(
          cause.getMessage() == null ? "the connection broke" : cause.getMessage(), cause);
    } finally {
      // Closes the connection of an exchange that has not ended.
      answer.cancel(true);
    }
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}
