package dev.evenkeel.payments.provider;

import dev.evenkeel.payments.provider.simulator.SimulatorGateway;
import dev.testing.TestServices;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Calls of the provider over a simulated network. */
public record SimulatedWire(Network network) implements Wire {

  /** What carries calls to the provider. */
  public interface Network {

    /**
     * @param key the idempotency key, if there is one
     * @param body null for a question
     * @throws NoConnection if nothing was sent
     * @throws IOException if there is no complete answer
     */
    Answered call(String path, @Nullable String key, byte @Nullable [] body, Duration timeout)
        throws IOException, NoConnection;
  }

  /** There was no connection. */
  public static final class NoConnection extends Exception {}

  public record Answered(int status, byte[] body, boolean replayed) {

    public Answered(int status, byte[] body) {
      this(status, body, false);
    }
  }

  /** Settings of a provider without credentials. */
  public static ProviderSettings settings(
      URI url, Duration connect, Duration answer, Duration report, Duration keyRetention) {
    return new ProviderSettings(
        "simulator", url, null, connect, answer, report, keyRetention, List.of(), null);
  }

  /** The gateway to a simulated provider. */
  public static Gateway gateway(Network network) {
    return new SimulatorGateway(new SimulatedWire(network), List.of(TestServices.WEBHOOK_SECRET));
  }

  @Override
  public Reply exchange(Call call, Duration timeout) throws IOException {
    try {
      Answered answered =
          network.call(
              call.path(),
              call.headers().get("Idempotency-Key"),
              call.body() == null ? null : call.body().getBytes(StandardCharsets.UTF_8),
              timeout);
      return new Reply(answered.status(), headers(answered), answered.body());
    } catch (NoConnection refused) {
      throw new NotConnectedException(refused);
    }
  }

  private static HttpHeaders headers(Answered answered) {
    Map<String, List<String>> headers =
        answered.status() == 429
            ? Map.of("Retry-After", List.of("2"))
            : answered.replayed() ? Map.of("Idempotent-Replayed", List.of("true")) : Map.of();
    return HttpHeaders.of(headers, (_, _) -> true);
  }

  @Override
  public void close() {}
}
