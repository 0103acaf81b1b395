package dev.evenkeel.payments.provider.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import com.standardwebhooks.Webhook;
import dev.evenkeel.payments.provider.Gateway;
import dev.evenkeel.payments.provider.GatewayContract;
import dev.evenkeel.payments.provider.ProviderConnection;
import dev.paymentprovider.PaymentProvider;
import dev.testing.Api;
import dev.testing.TestServices;
import io.micrometer.observation.ObservationRegistry;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

class SimulatorGatewayTests extends GatewayContract {

  private static final String OTHER_SECRET = "whsec_c29tZWJvZHkgZWxzZSdzIHNlY3JldA==";

  private PaymentProvider provider;
  private Gateway gateway;

  @BeforeEach
  void start(@TempDir Path folder) throws IOException {
    provider = PaymentProvider.start(0, folder.resolve("operations.jsonl"));
    gateway = gatewayAt(provider.url());
  }

  @AfterEach
  void stop() {
    provider.close();
  }

  @Override
  protected Gateway gateway() {
    return gateway;
  }

  @Override
  protected Gateway gatewayAt(URI url) {
    return new SimulatorGateway(
        new ProviderConnection(url, settings(url, null), ObservationRegistry.NOOP),
        List.of(TestServices.WEBHOOK_SECRET));
  }

  @Override
  protected Instruments instruments() {
    return new Instruments(
        "tok_ok", "tok_declined", "card_declined", "tok_insufficient", "tok_action");
  }

  @Override
  protected String takeBack(String operation) {
    Api.Answer taken =
        Api.anonymous(provider.port()).post("/operations/" + operation + "/return", Map.of());
    assertThat(taken.status()).isEqualTo(201);
    return taken.at("/id");
  }

  @Override
  protected void reinstate(String id) {
    Api.Answer done = Api.anonymous(provider.port()).post("/operations/" + id + "/reinstate");
    assertThat(done.status()).isEqualTo(200);
  }

  @Override
  protected ReceivedWebhook webhook(String reference, Instant at, boolean ours) {
    String body =
        "{\"type\":\"operation.updated\",\"data\":{\"reference\":\"%s\"}}".formatted(reference);
    return sign(body, at, ours ? TestServices.WEBHOOK_SECRET : OTHER_SECRET);
  }

  @Override
  protected ReceivedWebhook signed(String body) {
    return sign(body, Instant.now(), TestServices.WEBHOOK_SECRET);
  }

  private static ReceivedWebhook sign(String body, Instant at, String secret) {
    try {
      String signature = new Webhook(secret).sign("msg_1", at.getEpochSecond(), body);
      return new ReceivedWebhook(
          Map.of(
              "webhook-id", List.of("msg_1"),
              "webhook-timestamp", List.of(Long.toString(at.getEpochSecond())),
              "webhook-signature", List.of(signature)),
          body);
    } catch (Exception impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
