package dev.evenkeel.notifications.webhooks;

import static dev.evenkeel.database.SqlArrays.texts;

import dev.evenkeel.notifications.webhooks.WebhookSecrets.UnreadableSecretException;
import dev.evenkeel.observability.RegularCheck;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/**
 * Encrypts the endpoints' secrets again when the first encryption key has changed, and reports how
 * many secrets need another key, or one that is missing. Previous secrets are left to expire.
 */
@Component("webhookEncryptionKeys")
class EncryptionKeyReplacement implements HealthIndicator {

  private static final Logger log = LoggerFactory.getLogger(EncryptionKeyReplacement.class);
  private static final int BATCH_SIZE = 1000;

  private final JdbcClient jdbc;
  private final WebhookSecrets secrets;

  private final RegularCheck check;
  private final AtomicLong outdated;
  private final AtomicLong unreadable;

  /** The number of valid secrets by the id of their key, which this instance lacks. */
  private volatile Map<String, Long> missing = Map.of();

  EncryptionKeyReplacement(JdbcClient jdbc, WebhookSecrets secrets, MeterRegistry meters) {
    this.jdbc = jdbc;
    this.secrets = secrets;
    this.check = new RegularCheck(meters, "webhook-secrets", Duration.ofMinutes(1));
    this.outdated = check.count("evenkeel.webhooks.secrets.outdated");
    this.unreadable = check.count("evenkeel.webhooks.secrets.unreadable");
  }

  private boolean isOutdated(String keyId) {
    return secrets.olderKeyIds().contains(keyId);
  }

  private boolean isMissing(String keyId) {
    return !secrets.keyIds().contains(keyId);
  }

  private static long count(Map<String, Long> usage, Predicate<String> keyId) {
    return usage.entrySet().stream()
        .filter(entry -> keyId.test(entry.getKey()))
        .mapToLong(Map.Entry::getValue)
        .sum();
  }

  @Scheduled(fixedDelay = 60_000)
  void run() {
    encryptOutdatedSecrets();
    report();
  }

  private void encryptOutdatedSecrets() {
    List<OutdatedSecret> outdated =
        jdbc.sql(
                """
                select id, secret from notifications.webhook_endpoint
                where split_part(secret, ':', 1) = any(?)
                limit ?
                """)
            .params(texts(secrets.olderKeyIds(), id -> id), BATCH_SIZE)
            .query((row, _) ->
                new OutdatedSecret(row.getObject("id", UUID.class), row.getString("secret")))
            .list();
    outdated.forEach(this::encryptAgain);
  }

  private record OutdatedSecret(UUID id, String secret) {}

  /** Leaves a secret that was rotated or deleted in the meantime alone. */
  private void encryptAgain(OutdatedSecret outdated) {
    try {
      byte[] secret = secrets.decrypt(outdated.id(), outdated.secret());
      jdbc.sql("update notifications.webhook_endpoint set secret = ? where id = ? and secret = ?")
          .params(secrets.encrypt(outdated.id(), secret), outdated.id(), outdated.secret())
          .update();
    } catch (UnreadableSecretException unreadable) {
      log.error("{}. Has its encryption key changed under the same id?", unreadable.getMessage());
    }
  }

  private void report() {
    Map<String, Long> counted = new HashMap<>();
    jdbc.sql(
            """
            select key_id, count(*) as secrets
            from notifications.webhook_encryption_key group by key_id
            """)
        .query(row -> {
          counted.put(row.getString("key_id"), row.getLong("secrets"));
        });
    outdated.set(count(counted, this::isOutdated));
    unreadable.set(count(counted, this::isMissing));
    check.ended();
    Map<String, Long> before = missing;
    missing =
        counted.entrySet().stream()
            .filter(entry -> isMissing(entry.getKey()))
            .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    if (!before.keySet().containsAll(missing.keySet())) {
      log.error(
          "Webhook deliveries wait: evenkeel.notifications.webhooks.encryption-keys lacks keys of"
              + " this many secrets: {}",
          missing);
    }
  }

  /** A missing key delays the webhooks of some owners, so this status leaves the overall one up. */
  @Override
  public Health health() {
    return missing.isEmpty()
        ? Health.up().build()
        : Health.status("KEY_MISSING").withDetail("secretsByMissingKey", missing).build();
  }
}
