package dev.evenkeel.notifications.webhooks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.database.RetentionPolicy;
import dev.evenkeel.database.SqlArrays;
import dev.evenkeel.notifications.WebhookDeliveries;
import dev.evenkeel.notifications.WebhookDelivery;
import dev.evenkeel.notifications.WebhookDelivery.Status;
import dev.evenkeel.notifications.webhooks.DeliveryRepository.Attempt;
import dev.testing.Api;
import dev.testing.TestDatabase;
import dev.testing.WholeApplication;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The queue of deliveries, which instances share and which is purged. */
@WholeApplication
@ExtendWith(OutputCaptureExtension.class)
class DeliveryRepositoryTests {

  /** A key that the application does not have, so that only these tests claim the delivery. */
  private static final Set<String> KEY_IDS = Set.of("elsewhere");

  @LocalServerPort int port;
  @Autowired JdbcClient jdbc;
  @Autowired TestDatabase database;
  @Autowired DeliveryRepository deliveries;
  @Autowired WebhookDeliveries view;
  @Autowired List<RetentionPolicy> retentions;

  final MeterRegistry meters = new SimpleMeterRegistry();
  UUID endpoint;
  UUID delivery;

  @BeforeEach
  void createDueDelivery() {
    String owner = "ada-" + UUID.randomUUID();
    UUID account = new Api(port, owner).openAccount(0);
    jdbc.sql("insert into notifications.feed (owner, seq) values (?, 1)").param(owner).update();
    endpoint =
        execute(
            """
            insert into notifications.webhook_endpoint
                (id, owner, idempotency_key, fingerprint, status, url, secret, fan_out_seq)
            values (uuidv7(), ?, 'key', '', 'enabled', 'http://127.0.0.1:9/', 'elsewhere:x', 1)
            returning id
            """,
            owner);
    UUID notification =
        execute(
            """
            insert into notifications.notification
                (id, owner, seq, account, type, subject_id, account_name)
            values (uuidv7(), ?, 1, ?, 'account.frozen', uuidv7(), 'Main')
            returning id
            """,
            owner,
            account);
    delivery =
        execute(
            """
            insert into notifications.webhook_delivery (id, endpoint, notification)
            values (uuidv7(), ?, ?)
            returning id
            """,
            endpoint,
            notification);
  }

  private UUID execute(String sql, Object... parameters) {
    return jdbc.sql(sql).params(parameters).query(UUID.class).single();
  }

  private List<ClaimedDelivery> claim() {
    return deliveries.claim(endpoint, KEY_IDS, 8);
  }

  private void save(ClaimedDelivery claimed, DeliveryDecision decision) {
    deliveries.save(List.of(new Attempt(claimed, decision)));
  }

  private WebhookDelivery delivery() {
    return view.find(delivery).orElseThrow();
  }

  @Test
  void findsEachEndpointWithADueDeliveryOnce() {
    List<UUID> endpoints = new ArrayList<>(List.of(endpoint));
    for (int i = 0; i < 4; i++) {
      createDueDelivery();
      endpoints.add(endpoint);
    }
    jdbc.sql(
            """
            insert into notifications.webhook_delivery (id, endpoint, notification)
            select uuidv7(), endpoint, notification from notifications.webhook_delivery where endpoint = any(?)
            """)
        .param(SqlArrays.uuids(endpoints))
        .update();
    set("webhook_endpoint", "status = 'disabled', fan_out_end = 1", endpoints.get(1));
    jdbc.sql(
            "update notifications.webhook_delivery set next_attempt_at = 'infinity' where endpoint = ?")
        .param(endpoints.get(3))
        .update();

    assertThat(deliveries.findDueEndpoints(KEY_IDS))
        .containsOnlyOnce(endpoints.get(0), endpoints.get(2), endpoints.get(4))
        .doesNotContain(endpoints.get(1), endpoints.get(3));
  }

  @Test
  void endpointWithoutItsKeyIsNotDue() {
    assertThat(deliveries.findDueEndpoints(Set.of("here"))).doesNotContain(endpoint);
    assertThat(deliveries.findDueEndpoints(KEY_IDS)).contains(endpoint);
  }

  @Test
  void claimSkipsLockedDeliveries() throws SQLException {
    try (Connection another = database.asApplication();
        var statement =
            another.prepareStatement(
                "select from notifications.webhook_delivery where id = ? for update")) {
      another.setAutoCommit(false);
      statement.setObject(1, delivery);
      statement.execute();

      assertThat(claim()).isEmpty();
      another.rollback();
    }
    assertThat(claim()).hasSize(1);
    assertThat(claim()).as("claimed already").isEmpty();
  }

  /** It may be disabled after it was found to have due deliveries. */
  @Test
  void disabledEndpointSpendsNoAttempt() {
    set("webhook_endpoint", "status = 'disabled', fan_out_end = 1", endpoint);

    assertThat(claim()).isEmpty();
    assertThat(delivery().attempts()).isZero();
    assertThat(delivery().nextAttemptAt()).isBefore(Instant.now().plusSeconds(1));
  }

  @ParameterizedTest
  @CsvSource({"7, PENDING, 8", "8, DEAD, 8"})
  void interruptedAttemptIsNotFollowedByANinth(
      int attempts, Status status, int then, CapturedOutput output) {
    set("webhook_delivery", "attempts = " + attempts, delivery);

    assertThat(claim()).hasSize(status == Status.PENDING ? 1 : 0);
    assertThat(delivery().status()).isEqualTo(status);
    assertThat(delivery().attempts()).isEqualTo(then);
    assertThat(deliveries.findDueEndpoints(KEY_IDS)).doesNotContain(endpoint);
    assertThat(output.toString().contains("Delivery " + delivery))
        .as("said that it is dead")
        .isEqualTo(status == Status.DEAD);
  }

  @Test
  void reportsWhatWaitsAndWhatIsDead() throws SQLException {
    DeliveryBacklog backlog = new DeliveryBacklog(jdbc, meters);
    assertThat(gauge("pending")).as("not counted yet").isNaN();
    backlog.measure();
    double pending = gauge("pending");
    double dead = gauge("dead");
    assertThat(pending).isPositive();
    makeAnHourOld();
    backlog.measure();
    assertThat(gauge("oldest.seconds")).isBetween(3600.0, 7200.0);

    save(claim().getFirst(), new DeliveryDecision.GiveUp("no response", false));
    backlog.measure();
    assertThat(gauge("dead")).isEqualTo(dead + 1);

    createDueDelivery();
    backlog.measure();
    assertThat(gauge("pending")).isEqualTo(pending);
    set("webhook_endpoint", "status = 'disabled', fan_out_end = 1", endpoint);
    backlog.measure();
    assertThat(gauge("pending")).as("but for disabled endpoints").isEqualTo(pending - 1);
  }

  /** Its id has the time. */
  private void makeAnHourOld() throws SQLException {
    try (Connection owner = database.asOwner()) {
      owner
          .createStatement()
          .execute(
              """
              update notifications.webhook_delivery set id = uuidv7(interval '-1 hour')
              where id = '%s'
              """
                  .formatted(delivery));
    }
  }

  private double gauge(String name) {
    return meters.get("evenkeel.webhooks.deliveries." + name).gauge().value();
  }

  private void set(String table, String values, UUID id) {
    jdbc.sql("update notifications." + table + " set " + values + " where id = ?")
        .param(id)
        .update();
  }

  @Test
  void saveLeavesLaterAttemptAlone() {
    ClaimedDelivery late = claim().getFirst();
    jdbc.sql("update notifications.webhook_delivery set next_attempt_at = now() where id = ?")
        .param(delivery)
        .update();
    ClaimedDelivery latest = claim().getFirst();

    save(late, new DeliveryDecision.GiveUp("no response", false));
    assertThat(delivery().status()).isEqualTo(Status.PENDING);

    save(latest, new DeliveryDecision.Delivered());
    assertThat(delivery().status()).isEqualTo(Status.DELIVERED);
  }

  @Test
  void postponedAttemptDoesNotCount() {
    save(claim().getFirst(), new DeliveryDecision.Postpone("busy", Duration.ofHours(1)));

    assertThat(delivery().status()).isEqualTo(Status.PENDING);
    assertThat(delivery().attempts()).isZero();
    assertThat(
            jdbc.sql("select last_error from notifications.webhook_delivery where id = ?")
                .param(delivery)
                .query(String.class)
                .single())
        .isEqualTo("busy");
    assertThat(delivery().nextAttemptAt()).isAfter(Instant.now().plusSeconds(3000));
  }

  @Test
  void goneEndpointIsDisabled() {
    save(claim().getFirst(), new DeliveryDecision.GiveUp("gone", true));

    assertThat(delivery().status()).isEqualTo(Status.DEAD);
    assertThat(
            jdbc.sql("select status from notifications.webhook_endpoint where id = ?")
                .param(endpoint)
                .query(String.class)
                .single())
        .isEqualTo("disabled");
  }

  private void insertPreviousSecret(String secret, String validFor) {
    jdbc.sql(
            """
            insert into notifications.webhook_previous_secret (endpoint, secret, valid_until)
            values (?, ?, clock_timestamp() + ?::interval)
            """)
        .params(endpoint, secret, validFor)
        .update();
  }

  @Test
  void claimsWithTheValidSecrets() {
    insertPreviousSecret("elsewhere:oldest", "1 hour");
    insertPreviousSecret("elsewhere:older", "2 hours");
    insertPreviousSecret("elsewhere:expired", "-1 second");

    assertThat(claim().getFirst().secrets())
        .containsExactly("elsewhere:x", "elsewhere:older", "elsewhere:oldest");
  }

  @ParameterizedTest
  @CsvSource({"1 hour, true", "-1 second, false"})
  void waitsForTheKeyOfAPreviousSecret(String validFor, boolean waits) {
    insertPreviousSecret("missing:y", validFor);

    assertThat(deliveries.findDueEndpoints(KEY_IDS).contains(endpoint)).isEqualTo(!waits);
    assertThat(claim()).hasSize(waits ? 0 : 1);
  }

  @Test
  void showsThatItWaitsForAMissingKey() {
    String waits = "waits for an encryption key that is not configured";
    assertThat(delivery().lastError()).isEqualTo(waits);

    jdbc.sql("update notifications.webhook_endpoint set secret = 'test:x' where id = ?")
        .param(endpoint)
        .update();
    assertThat(delivery().lastError()).isNull();
  }

  @ParameterizedTest
  @CsvSource({
    "delivered, 721, false",
    "dead, 721, false",
    "delivered, 719, true",
    "pending, 721, true"
  })
  void finishedDeliveryIsKeptForThirtyDays(String status, int ageInHours, boolean kept) {
    UUID notification =
        execute(
            "delete from notifications.webhook_delivery where id = ? returning notification",
            delivery);
    delivery =
        execute(
            """
            insert into notifications.webhook_delivery
                (id, endpoint, notification, status, next_attempt_at)
            values (uuidv7(make_interval(hours => - ?)), ?, ?, ?, nullif(?, '')::timestamptz)
            returning id
            """,
            ageInHours,
            endpoint,
            notification,
            status,
            status.equals("pending") ? "infinity" : "");

    retentions.forEach(RetentionPolicy::apply);

    assertThat(view.find(delivery).isPresent()).isEqualTo(kept);
  }

  @ParameterizedTest
  @CsvSource({"1 hour, 1", "-1 second, 0"})
  void purgesExpiredSecrets(String validFor, int kept) {
    insertPreviousSecret("elsewhere:y", validFor);

    retentions.forEach(RetentionPolicy::apply);

    assertThat(
            jdbc.sql(
                    "select count(*) from notifications.webhook_previous_secret where endpoint = ?")
                .param(endpoint)
                .query(Long.class)
                .single())
        .isEqualTo(kept);
  }

  @Test
  void deletedEndpointLosesItsDeliveries() {
    jdbc.sql(
            """
            update notifications.webhook_endpoint set status = 'deleted', url = null, secret = null
            where id = ?
            """)
        .param(endpoint)
        .update();

    retentions.forEach(RetentionPolicy::apply);

    assertThat(
            jdbc.sql("select count(*) from notifications.webhook_delivery where id = ?")
                .param(delivery)
                .query(Long.class)
                .single())
        .isZero();
  }
}
