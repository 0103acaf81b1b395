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
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import tools.jackson.databind.json.JsonMapper;

/**
 * One HTTP exchange with the provider, in a span of its own, ended by a deadline over the whole
 * answer: a body that dribbles counts as none.
 */
final class ProviderConnection implements AutoCloseable {

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

  /** There was no connection, so nothing was sent. */
  static final class NotConnectedException extends IOException {
    NotConnectedException(Throwable cause) {
      super(cause.getMessage() == null ? "no connection" : cause.getMessage(), cause);
    }
  }

  /**
   * @throws NotConnectedException if nothing was sent
   * @throws IOException for everything else that is no answer; it may have been sent
   */
  HttpResponse<byte[]> order(ProviderRequest order, Duration timeout) throws IOException {
    return exchange(
        order.kind().name().toLowerCase(Locale.ROOT),
        HttpRequest.newBuilder(URI.create(url + order.kind().path()))
            .header("Content-Type", "application/json")
            .header("Idempotency-Key", order.reference().toString())
            .POST(BodyPublishers.ofByteArray(JsonMapper.shared().writeValueAsBytes(order.body()))),
        timeout);
  }

  /** Asks what became of the order. Throws as {@link #order} does. */
  HttpResponse<byte[]> ask(ProviderRequest order, Duration timeout) throws IOException {
    return get("ask", "/operations/" + order.reference(), timeout);
  }

  HttpResponse<byte[]> get(String operation, String path, Duration timeout) throws IOException {
    return exchange(operation, HttpRequest.newBuilder(URI.create(url + path)), timeout);
  }

  private HttpResponse<byte[]> exchange(
      String operation, HttpRequest.Builder request, Duration timeout) throws IOException {
    var context =
        new RequestReplySenderContext<HttpRequest.Builder, HttpResponse<byte[]>>(
            (carrier, name, value) -> Objects.requireNonNull(carrier).setHeader(name, value));
    context.setCarrier(request);
    return Observation.createNotStarted("provider." + operation, () -> context, observations)
        .observeChecked(() -> send(request.build(), timeout));
  }

  private HttpResponse<byte[]> send(HttpRequest request, Duration timeout) throws IOException {
    CompletableFuture<HttpResponse<byte[]>> answer =
        http.sendAsync(request, BodyHandlers.ofByteArray());
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
      // Ends the exchange where it has not ended: its connection is closed.
      answer.cancel(true);
    }
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}
