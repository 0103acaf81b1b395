package dev.evenkeel.payments.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import dev.evenkeel.payments.provider.simulator.SimulatorGateway;
import io.micrometer.observation.ObservationRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SettlementReportTests {

  private static final Duration SECOND = Duration.ofSeconds(1);

  @ParameterizedTest
  @CsvSource({"0, 1, true", "3, 4, true", "30, 31, true", "31, 31, false"})
  void waitsForAMinuteAfter429(int refusals, int requests, boolean fetched) {
    List<Duration> pauses = new ArrayList<>();
    AtomicInteger received = new AtomicInteger();
    SettlementReport busy =
        new SettlementReport(
            SimulatedWire.settings(URI.create("http://none"), SECOND, SECOND, SECOND, SECOND),
            SimulatedWire.gateway((_, _, _, _) -> {
              boolean refused = received.incrementAndGet() <= refusals;
              byte[] body = "{\"data\": []}".getBytes(StandardCharsets.UTF_8);
              return new SimulatedWire.Answered(refused ? 429 : 200, body);
            }),
            new World() {
              @Override
              public void sleep(Duration time) {
                pauses.add(time);
              }
            });

    ThrowingCallable fetch = () -> busy.page(Instant.EPOCH, Instant.EPOCH, "op_1");
    if (fetched) {
      assertThatCode(fetch).doesNotThrowAnyException();
    } else {
      assertThatThrownBy(fetch).hasMessageContaining("429");
    }

    assertThat(received).hasValue(requests);
    assertThat(pauses).hasSize(requests - 1).allMatch(it -> it.equals(Duration.ofSeconds(2)));
  }

  @Test
  void rejectsAPageThatIsTooLong() throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    byte[] body =
        ("{\"data\": []" + " ".repeat(1024 * 1024) + "}").getBytes(StandardCharsets.UTF_8);
    server.createContext(
        "/",
        exchange -> {
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
    URI url = URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    Duration patience = SECOND.multipliedBy(10);
    ProviderSettings settings = SimulatedWire.settings(url, SECOND, SECOND, patience, SECOND);
    try (Gateway gateway =
        new SimulatorGateway(
            new ProviderConnection(url, settings, ObservationRegistry.NOOP), List.of())) {
      SettlementReport report = new SettlementReport(settings, gateway, new World() {});
      assertThatThrownBy(() -> report.page(Instant.EPOCH, Instant.EPOCH, null))
          .isInstanceOf(IOException.class);
    } finally {
      server.stop(0);
    }
  }
}
