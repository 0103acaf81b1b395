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
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Sends HTTP requests to the provider, each in a span of its own. The timeout covers the whole
 * answer, because the client's own timeout does not cover a slow body.
 */
public final class ProviderConnection implements Wire {

  private final HttpClient http;
  private final String url;
  private final ObservationRegistry observations;

  public ProviderConnection(URI url, ProviderSettings settings, ObservationRegistry observations) {
    this.http =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(settings.connectTimeout())
            .build();
    this.url = url.toString().replaceAll("/+$", "");
    this.observations = observations;
  }

  @Override
  public Reply exchange(Call call, Duration timeout) throws IOException {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url + call.path()));
    call.headers().forEach(request::header);
    if (call.body() != null) {
      request.POST(BodyPublishers.ofString(call.body()));
    }
    var context =
        new RequestReplySenderContext<HttpRequest.Builder, HttpResponse<byte[]>>(
            (carrier, name, value) -> Objects.requireNonNull(carrier).setHeader(name, value));
    context.setCarrier(request);
    HttpResponse<byte[]> answer =
        Observation.createNotStarted("provider." + call.name(), () -> context, observations)
            .observeChecked(() -> await(request.build(), call.maxAnswer(), timeout));
    return new Reply(answer.statusCode(), answer.headers(), answer.body());
  }

  private HttpResponse<byte[]> await(HttpRequest request, int maxAnswer, Duration timeout)
      throws IOException {
    CompletableFuture<HttpResponse<byte[]>> answer =
        http.sendAsync(request, BodyHandlers.limiting(BodyHandlers.ofByteArray(), maxAnswer));
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
