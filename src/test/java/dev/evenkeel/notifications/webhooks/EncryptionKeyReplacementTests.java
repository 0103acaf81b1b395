package dev.evenkeel.notifications.webhooks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.testing.Api;
import dev.testing.WholeApplication;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The keys that encrypt endpoints' secrets can be replaced, and a missing one is reported. */
@WholeApplication
@ExtendWith(OutputCaptureExtension.class)
class EncryptionKeyReplacementTests {

  private static final String TEST = "test:VGhpcnR5LXR3byBieXRlcyBmb3IgYWxsIHRlc3RzISE=";
  private static final String OLD = "old:QSB0aGlyZCBrZXkgb2YgMzIgYnl0ZXMgZm9yIHRlc3Q=";
  private static final String NEW = "new:QW5vdGhlciAzMiBieXRlcyBmb3IgYWxsIHRlc3RzISE=";

  @LocalServerPort int port;
  @Autowired JdbcClient jdbc;
  @Autowired EncryptionKeyReplacement applications;

  final MeterRegistry meters = new SimpleMeterRegistry();
  final WebhookSecrets before = secrets(OLD);
  final byte[] secret = before.generate();
  UUID endpoint;

  private static WebhookSecrets secrets(String... keys) {
    return new WebhookSecrets(new WebhookSettings(false, List.of(keys)));
  }

  @BeforeEach
  void createDisabledEndpoint() {
    endpoint = UUID.randomUUID();
    jdbc.sql("insert into notifications.feed (owner) values (?)").param("ada-" + endpoint).update();
    jdbc.sql(
            """
            insert into notifications.webhook_endpoint
                (id, owner, idempotency_key, fingerprint, status, url, secret, fan_out_seq, fan_out_end)
            values (?, ?, 'key', '', 'disabled', 'http://127.0.0.1:9/', ?, 0, 0)
            """)
        .params(endpoint, "ada-" + endpoint, before.encrypt(endpoint, secret))
        .update();
  }

  @AfterEach
  void delete() {
    jdbc.sql("delete from notifications.webhook_previous_secret where endpoint = ?")
        .param(endpoint)
        .update();
    jdbc.sql("delete from notifications.webhook_endpoint where id = ?").param(endpoint).update();
  }

  private EncryptionKeyReplacement replacement(WebhookSecrets secrets) {
    return new EncryptionKeyReplacement(jdbc, secrets, meters);
  }

  private String stored() {
    return jdbc.sql("select secret from notifications.webhook_endpoint where id = ?")
        .param(endpoint)
        .query(String.class)
        .single();
  }

  private double gauge(String name) {
    return meters.get("evenkeel.webhooks.secrets." + name).gauge().value();
  }

  private void insertPreviousSecret(String validFor) {
    jdbc.sql(
            """
            insert into notifications.webhook_previous_secret (endpoint, secret, valid_until)
            values (?, ?, clock_timestamp() + ?::interval)
            """)
        .params(endpoint, before.encrypt(endpoint, before.generate()), validFor)
        .update();
  }

  @Test
  void encryptsWithTheFirstKeyAgain() {
    replacement(secrets(NEW, OLD)).run();

    assertThat(stored()).startsWith("new:");
    assertThat(secrets(NEW).decrypt(endpoint, stored())).isEqualTo(secret);
  }

  @Test
  void oldKeyIsNeededUntilPreviousSecretsExpire() {
    insertPreviousSecret("1 hour");
    insertPreviousSecret("-1 second");
    replacement(secrets(NEW, OLD)).run();

    assertThat(gauge("outdated")).isEqualTo(1);
  }

  @Test
  void leavesUnreadableSecretsAlone(CapturedOutput output) {
    WebhookSecrets wrongBytes = secrets(TEST, NEW.replace("new:", "old:"));
    EncryptionKeyReplacement replacement = replacement(wrongBytes);
    replacement.run();

    assertThat(stored()).startsWith("old:");
    assertThat(gauge("outdated")).isEqualTo(1);
    assertThat(output).contains(endpoint + " cannot be decrypted");
  }

  @Test
  void saysOnceThatAKeyIsMissing(CapturedOutput output) {
    EncryptionKeyReplacement replacement = replacement(secrets(TEST));
    assertThat(gauge("unreadable")).as("not counted yet").isNaN();
    replacement.run();
    replacement.run();

    assertThat(output.toString().split("Webhook deliveries wait", -1)).hasSize(2);
    assertThat(gauge("unreadable")).isFinite().isPositive();
    Health health = replacement.health();
    assertThat(health.getStatus()).isEqualTo(new Status("KEY_MISSING"));
    assertThat(health.getDetails().toString()).contains("old=1");
  }

  @Test
  void endpointSaysThatItsKeyIsMissing() {
    Api owner = new Api(port, "ada-" + endpoint);
    owner.post("/v1/webhook-endpoints/" + endpoint + "/enable");

    assertThat(owner.get("/v1/webhook-endpoints/" + endpoint).at("/waits"))
        .isEqualTo("an encryption key is not configured");
    assertThat(owner.get("/v1/webhook-endpoints").at("/data/0/waits")).isNotEmpty();
  }

  @Test
  void missingKeyLeavesTheOverallHealthUp() {
    applications.run();
    assertThat(applications.health().getStatus()).isNotEqualTo(Status.UP);

    assertThat(new Api(port, "nobody").get("/actuator/health").at("/status")).isEqualTo("UP");
  }
}
