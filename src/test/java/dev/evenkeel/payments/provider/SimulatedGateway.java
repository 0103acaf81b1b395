package dev.evenkeel.payments.provider;

import io.github.resilience4j.bulkhead.BulkheadRegistry;
import io.github.resilience4j.circuitbreaker.CircuitBreakerRegistry;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/** The gateway on a simulated network. */
public final class SimulatedGateway {

  private SimulatedGateway() {}

  /** What carries calls to the provider. */
  public interface Network {

    /**
     * @param key of an order; null for a question
     * @throws NoConnection if nothing was sent
     * @throws IOException if there is no complete answer
     */
    Reply call(String path, @Nullable String key, byte[] body, Duration timeout)
        throws IOException, NoConnection;
  }

  /** There was no connection. */
  public static final class NoConnection extends Exception {}

  public record Reply(int status, byte[] body) {}

  public static PaymentGateway on(
      Network network,
      ProviderSettings settings,
      CircuitBreakerRegistry breakers,
      BulkheadRegistry bulkheads,
      World world) {
    return new PaymentGateway(settings, new SimulatedWire(network), breakers, bulkheads, world);
  }

  static SettlementReport report(Network network, ProviderSettings settings, World world) {
    return new SettlementReport(settings, new SimulatedWire(network), world);
  }

  private record SimulatedWire(Network network) implements Wire {

    @Override
    public HttpResponse<byte[]> send(ProviderRequest request, Duration timeout) throws IOException {
      byte[] body = request.body().getBytes(StandardCharsets.UTF_8);
      return call(
          request.order().kind().path(), request.order().reference().toString(), body, timeout);
    }

    @Override
    public HttpResponse<byte[]> followUp(ProviderRequest request, Duration timeout)
        throws IOException {
      byte[] body = request.followUpBody().getBytes(StandardCharsets.UTF_8);
      String what = request.followUp().path();
      return call(
          request.path() + "/" + what, request.order().reference() + "/" + what, body, timeout);
    }

    @Override
    public HttpResponse<byte[]> query(ProviderRequest request, Duration timeout)
        throws IOException {
      return get("ask", request.path(), timeout);
    }

    @Override
    public HttpResponse<byte[]> get(String operation, String path, Duration timeout)
        throws IOException {
      return call(path, null, new byte[0], timeout);
    }

    private HttpResponse<byte[]> call(
        String path, @Nullable String key, byte[] body, Duration timeout) throws IOException {
      try {
        return new SimulatedResponse(network.call(path, key, body, timeout));
      } catch (NoConnection refused) {
        throw new ProviderConnection.NotConnectedException(refused);
      }
    }

    @Override
    public void close() {}
  }

  private record SimulatedResponse(Reply reply) implements HttpResponse<byte[]> {

    @Override
    public int statusCode() {
      return reply.status();
    }

    @Override
    public byte[] body() {
      return reply.body();
    }

    @Override
    public HttpHeaders headers() {
      return HttpHeaders.of(
          reply.status() == 429 ? Map.of("Retry-After", List.of("2")) : Map.of(), (_, _) -> true);
    }

    @Override
    public HttpRequest request() {
      throw new UnsupportedOperationException();
    }

    @Override
    public Optional<HttpResponse<byte[]>> previousResponse() {
      return Optional.empty();
    }

    @Override
    public Optional<SSLSession> sslSession() {
      return Optional.empty();
    }

    @Override
    public URI uri() {
      throw new UnsupportedOperationException();
    }

    @Override
    public HttpClient.Version version() {
      return HttpClient.Version.HTTP_1_1;
    }
  }
}
