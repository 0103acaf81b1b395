package dev.evenkeel.payments.provider.acme;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.evenkeel.payments.provider.Gateway;
import dev.evenkeel.payments.provider.GatewayContract;
import dev.evenkeel.payments.provider.ProviderConnection;
import dev.evenkeel.payments.provider.ProviderOperation;
import dev.evenkeel.payments.provider.ProviderRequest.Kind;
import dev.evenkeel.payments.provider.ProviderRequest.Order;
import dev.evenkeel.payments.provider.ProviderSettings;
import dev.evenkeel.payments.provider.ProviderSettingsException;
import io.micrometer.observation.ObservationRegistry;
import java.io.IOException;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The contract of every gateway, for one that was written after docs/forking.md. */
class AcmeGatewayTests extends GatewayContract {

  private FakeAcme acme;
  private Gateway gateway;

  @BeforeEach
  void start() throws IOException {
    acme = new FakeAcme();
    gateway = gatewayAt(acme.url());
  }

  @AfterEach
  void stop() {
    acme.close();
  }

  @Override
  protected Gateway gateway() {
    return gateway;
  }

  @Override
  protected Gateway gatewayAt(URI url) {
    return gateway(url, FakeAcme.API_KEY);
  }

  private static Gateway gateway(URI url, @Nullable String apiKey) {
    ProviderSettings settings =
        new ProviderSettings(
            "acme",
            url,
            apiKey,
            TIMEOUT,
            TIMEOUT,
            TIMEOUT,
            TIMEOUT,
            List.of("old", FakeAcme.SECRET),
            null);
    return new AcmeGatewayFactory()
        .create(settings, new ProviderConnection(url, settings, ObservationRegistry.NOOP));
  }

  @Override
  protected Instruments instruments() {
    return new Instruments("acme-card", "acme-refuse", "STOLEN", "acme-poor", "acme-page");
  }

  @Override
  protected String takeBack(String operation) {
    return acme.reverse(operation);
  }

  @Override
  protected void reinstate(String id) {
    acme.undo(id);
  }

  @Override
  protected ReceivedWebhook webhook(String reference, Instant at, boolean ours) {
    String body = "{\"ref\":\"%s\",\"at\":\"%s\"}".formatted(reference, at);
    return signed(body, ours ? FakeAcme.SECRET : "other");
  }

  @Override
  protected ReceivedWebhook signed(String body) {
    return signed(body, FakeAcme.SECRET);
  }

  private static ReceivedWebhook signed(String body, String secret) {
    return new ReceivedWebhook(
        Map.of("acme-signature", List.of(FakeAcme.sign(body, secret))), body);
  }

  // What is particular to Acme

  @Test
  void writesDecimals() {
    UUID reference = UUID.fromString("0197d8a5-0000-7000-8000-000000000000");
    Order order = new Order(Kind.CHARGE, reference, 1205, "EUR", "acme-card", null, null, true);

    assertThat(gateway.write(order))
        .isEqualTo(
            "type=charge&source=acme-card&settle=false&ref=%s&ccy=EUR&sum=12.05"
                .formatted(reference));
  }

  @Test
  void convertsAmountsOfAnyDecimals() throws IOException {
    approved(charge(500, "JPY", "acme-card", false));
    approved(charge(1251, "KWD", "acme-card", false));
  }

  @Test
  void paysOut() throws IOException {
    approved(
        written(
            new Order(
                Kind.PAYOUT, UUID.randomUUID(), 1250, "EUR", "acme-card", null, null, false)));
  }

  @Test
  void reportLeavesOutUnreadableLines() throws IOException {
    acme.spoil(approved(charge(1250, "acme-card")));
    String id = approved(charge(1250, "acme-card"));

    assertThat(report()).extracting(ProviderOperation::id).containsExactly(id);
  }

  @Test
  void needsAKey() {
    assertThatThrownBy(() -> gateway(acme.url(), null))
        .isInstanceOf(ProviderSettingsException.class)
        .hasMessageContaining("needs a key");
  }
}
