package dev.evenkeel.events;

import static dev.testing.Refusals.assertRefused;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.evenkeel.problems.ProblemException;
import dev.testing.Api;
import dev.testing.ConsumedEvents;
import dev.testing.TestDatabase;
import dev.testing.WholeApplication;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.support.StaticListableBeanFactory;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;

/** Operators list unprocessed events, retry them or abandon them. */
@WholeApplication
class EventOperationsTests {

  private static final String EVENTS = "/v1/operations/events";

  @LocalServerPort int port;
  @Autowired JdbcClient jdbc;
  @Autowired EventBacklog backlog;
  @Autowired MeterRegistry meters;
  @Autowired TestDatabase database;

  final UUID dead = UUID.randomUUID();
  final UUID failed = UUID.randomUUID();
  final UUID pending = UUID.randomUUID();
  Api operator;

  @BeforeEach
  void storeEventsThatNothingProcesses() {
    operator = Api.operator(port, "olga-" + UUID.randomUUID());
    store(dead, 3, "null", 10);
    store(failed, 2, "clock_timestamp()", 4);
    store(pending, 1, "clock_timestamp()", 0);
  }

  private void store(UUID id, int ageInDays, String nextAttempt, int failures) {
    jdbc.sql(
            """
            insert into shared.outbox
                (id, consumer, type, event, published_at, next_attempt_at, failures, last_error)
            values (?, 'nobody', 'dev.evenkeel.Forgotten', '{}',
                    clock_timestamp() - interval '1 day' * ?, %s, ?, nullif(?, ''))
            """
                .formatted(nextAttempt))
        .params(id, ageInDays, failures, failures == 0 ? "" : "poison")
        .update();
  }

  @AfterEach
  void delete() {
    jdbc.sql("delete from shared.outbox where consumer = 'nobody'").update();
  }

  private JsonNode listed(UUID id) {
    return operator
        .get(EVENTS + "?limit=100")
        .body()
        .at("/data")
        .valueStream()
        .filter(event -> event.at("/id").asString().equals(id.toString()))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void listsStatusAndLastError() {
    assertThat(listed(dead).at("/status").asString()).isEqualTo("dead");
    assertThat(listed(dead).at("/attempts").asInt()).isEqualTo(10);
    assertThat(listed(dead).at("/lastError").asString()).isEqualTo("poison");
    assertThat(listed(dead).at("/type").asString()).isEqualTo("dev.evenkeel.Forgotten");
    assertThat(listed(failed).at("/status").asString()).isEqualTo("failed");
    assertThat(listed(pending).at("/status").asString()).isEqualTo("pending");
    assertThat(listed(pending).has("lastError")).isFalse();
  }

  /** In an outage, say, which counts as no attempt. */
  @Test
  void eventThatWaitsAfterAFailureHasFailed() {
    jdbc.sql(
            """
            update shared.outbox
            set last_error = 'outage', next_attempt_at = clock_timestamp() + interval '1 minute'
            where id = ?
            """)
        .param(pending)
        .update();

    assertThat(listed(pending).at("/status").asString()).isEqualTo("failed");
    assertThat(listed(pending).at("/attempts").asInt()).isZero();
  }

  @Test
  void listHasPages() {
    Api.Answer first = operator.get(EVENTS + "?limit=1");
    Api.Answer second = operator.get(EVENTS + "?limit=1&cursor=" + first.at("/nextCursor"));

    assertThat(first.at("/data/0/id")).isEqualTo(pending.toString());
    assertThat(second.at("/data/0/id")).isEqualTo(failed.toString());
    assertRefused(operator.get(EVENTS + "?cursor=forged"), 400, "invalid-request");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "/",
        "forged",
        "2026-01-01T00:00:00Z",
        "2026-01-01T00:00:00Z/",
        "2026-01-01T00:00:00Z/forged",
        "yesterday/019a0000-0000-7000-8000-000000000000",
        "1969-12-31T23:59:59Z/019a0000-0000-7000-8000-000000000000",
        "+1000000000-12-31T23:59:59Z/019a0000-0000-7000-8000-000000000000"
      })
  void rejectsForgedCursor(String position) {
    String cursor = operator.get(EVENTS + "?limit=1").at("/nextCursor");
    String scope = new String(Base64.getUrlDecoder().decode(cursor), UTF_8).substring(0, 16);
    String forged =
        Base64.getUrlEncoder().withoutPadding().encodeToString((scope + position).getBytes(UTF_8));

    Api.Answer answer = operator.get(EVENTS + "?cursor=" + forged);

    assertRefused(answer, 400, "invalid-request");
    assertThat(answer.at("/errors/0/field")).isEqualTo("cursor");
  }

  @Test
  void retryMakesADeadEventDue() {
    Api.Answer answer = operator.post(EVENTS + "/" + dead + "/retry");

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.at("/status")).isEqualTo("pending");
    assertThat(
            jdbc.sql("select next_attempt_at <= clock_timestamp() from shared.outbox where id = ?")
                .param(dead)
                .query(Boolean.class)
                .single())
        .isTrue();
  }

  @Test
  void abandonDeletesTheEvent() {
    assertThat(operator.post(EVENTS + "/" + dead + "/abandon").status()).isEqualTo(204);
    assertRefused(operator.post(EVENTS + "/" + dead + "/abandon"), 404, "not-found");
    assertRefused(operator.post(EVENTS + "/" + dead + "/retry"), 404, "not-found");
  }

  /** Nothing processes them, so they never fail. */
  @Test
  void abandonsAnEventOfARemovedConsumer() {
    assertThat(listed(pending).at("/consumer").asString()).isEqualTo("nobody");

    assertThat(operator.post(EVENTS + "/" + pending + "/abandon").status()).isEqualTo(204);
  }

  /** An instance of a newer release may be about to process it. */
  @Test
  void keepsARecentEventOfAnUnknownConsumer() {
    jdbc.sql(
            "update shared.outbox set published_at = clock_timestamp() - interval '59 min' where id = ?")
        .param(pending)
        .update();

    assertRefused(operator.post(EVENTS + "/" + pending + "/abandon"), 409, "event-not-failed");
    assertThat(listed(pending).at("/status").asString()).isEqualTo("pending");
  }

  @Test
  void keepsWhatHasNeverFailed() {
    EventConsumer nobody = new ConsumedEvents<>("nobody", String.class);
    var beans = new StaticListableBeanFactory(Map.of("nobody", nobody));
    var meters = new SimpleMeterRegistry();
    var workers = new EventWorkers(backlog, beans.getBeanProvider(EventConsumer.class), meters);
    var publications = new EventPublications(jdbc, workers, meters);

    assertThatThrownBy(() -> publications.abandon(pending, "olga"))
        .isInstanceOf(ProblemException.class)
        .hasMessageContaining("never failed");
    assertThat(listed(pending).at("/status").asString()).isEqualTo("pending");
  }

  @Test
  void keepsWhatIsBeingProcessed() throws SQLException {
    try (Connection worker = database.asApplication()) {
      worker.setAutoCommit(false);
      worker
          .createStatement()
          .execute("select from shared.outbox where id = '%s' for update".formatted(failed));

      assertRefused(operator.post(EVENTS + "/" + failed + "/abandon"), 409, "event-not-failed");
      worker.rollback();
    }
    assertThat(listed(failed).at("/status").asString()).isEqualTo("failed");
  }

  /** A retried event may fail again, and be abandoned then. */
  @Test
  void abandonsARetriedEvent() {
    operator.post(EVENTS + "/" + dead + "/retry");

    assertThat(operator.post(EVENTS + "/" + dead + "/abandon").status()).isEqualTo(204);
  }

  @ParameterizedTest
  @CsvSource({
    "status=dead,                              1, 0, 0",
    "status=failed,                            0, 1, 0",
    "status=pending,                           0, 0, 1",
    "type=dev.evenkeel.Forgotten,              1, 1, 1",
    "type=dev.evenkeel.Forgotten&status=dead,  1, 0, 0",
    "type=dev.evenkeel.Unknown,                0, 0, 0"
  })
  void filtersByTypeAndStatus(String filter, int dead, int failed, int pending) {
    List<String> found =
        operator
            .get(EVENTS + "?limit=100&" + filter)
            .body()
            .at("/data")
            .valueStream()
            .map(event -> event.at("/id").asString())
            .toList();

    assertThat(found.contains(this.dead.toString())).isEqualTo(dead == 1);
    assertThat(found.contains(this.failed.toString())).isEqualTo(failed == 1);
    assertThat(found.contains(this.pending.toString())).isEqualTo(pending == 1);
  }

  @Test
  void rejectsWrongFilters() {
    assertRefused(operator.get(EVENTS + "?status=lost"), 400, "invalid-request");
    assertRefused(operator.get(EVENTS + "?type=" + "x".repeat(201)), 400, "invalid-request");
    assertRefused(operator.post(EVENTS + "/retry"), 400, "invalid-request");
    assertRefused(operator.post(EVENTS + "/retry?type="), 400, "invalid-request");
  }

  @Test
  void retriesAllEventsOfATypeThatHaveFailed() {
    Api.Answer other = operator.post(EVENTS + "/retry?type=dev.evenkeel.Unknown");
    assertThat(other.status()).isEqualTo(200);
    assertThat(other.body().at("/retried").asInt()).isZero();
    assertThat(listed(dead).at("/status").asString()).isEqualTo("dead");

    Api.Answer answer = operator.post(EVENTS + "/retry?type=dev.evenkeel.Forgotten");

    assertThat(answer.body().at("/retried").asInt()).isEqualTo(2);
    assertThat(listed(dead).at("/status").asString()).isEqualTo("pending");
    assertThat(listed(failed).at("/status").asString()).isEqualTo("pending");
    assertThat(
            jdbc.sql(
                    "select id from shared.outbox where consumer = 'nobody' order by next_attempt_at")
                .query(UUID.class)
                .list())
        .as("in the order in which they were published")
        .startsWith(dead, failed);
  }

  @ParameterizedTest
  @ValueSource(strings = {"retry", "abandon"})
  void rejectsOwners(String operation) {
    Api owner = new Api(port, "ada-" + UUID.randomUUID());

    assertRefused(owner.get(EVENTS), 403, "forbidden");
    assertRefused(owner.post(EVENTS + "/retry?type=dev.evenkeel.Forgotten"), 403, "forbidden");
    assertRefused(owner.post(EVENTS + "/" + dead + "/" + operation), 403, "forbidden");
    assertThat(listed(dead).at("/status").asString()).isEqualTo("dead");
  }

  @Test
  void measuresBacklogAgeAndDeadEvents() {
    await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(() -> {
          assertThat(gauge("evenkeel.events.backlog")).isFinite().isGreaterThanOrEqualTo(2);
          assertThat(gauge("evenkeel.events.dead")).isFinite().isGreaterThanOrEqualTo(1);
          assertThat(gauge("evenkeel.events.oldest.seconds"))
              .as("of events that are not dead")
              .isBetween(2 * 86_400.0, 2.9 * 86_400);
        });
  }

  private double gauge(String name) {
    return meters.get(name).gauge().value();
  }
}
