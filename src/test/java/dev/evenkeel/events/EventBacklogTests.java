package dev.evenkeel.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.evenkeel.database.RetryingTransactions;
import dev.testing.TestDatabase;
import dev.testing.WholeApplication;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.modulith.events.core.EventSerializer;

/** Events leave the registry once, whoever takes them and whatever is wrong with others. */
@Tag("database")
@WholeApplication
class EventBacklogTests {

  @Autowired EventBacklog backlog;
  @Autowired EventPublications publications;
  @Autowired JdbcClient jdbc;
  @Autowired RetryingTransactions transactions;
  @Autowired EventSerializer serializer;
  @Autowired TestDatabase database;

  /** Of a listener that only this test has. */
  final String listeners = "test-" + UUID.randomUUID() + ".";

  final List<Object> taken = Collections.synchronizedList(new ArrayList<>());

  record Happened(int number, @Nullable String detail) {}

  record Dated(Instant at) {}

  private static String happened(int number) {
    return "{\"number\":%d,\"detail\":null}".formatted(number);
  }

  private UUID stored(String event) {
    return stored(Happened.class.getName(), event, "PUBLISHED");
  }

  private UUID stored(String type, String event, String status) {
    UUID id = UUID.randomUUID();
    jdbc.sql(
            """
            insert into shared.event_publication
                (id, listener_id, event_type, serialized_event, publication_date, status,
                 completion_attempts, last_resubmission_date)
            values (?, ?, ?, ?, clock_timestamp(), ?, 1, clock_timestamp())
            """)
        .params(id, listeners + "happened", type, event, status)
        .update();
    return id;
  }

  private void takeAll(Consumer<List<Object>> intake) {
    boolean more = true;
    while (more) {
      more = backlog.process(listeners, 50, intake);
    }
  }

  private void takeAll() {
    takeAll(taken::addAll);
  }

  private long left() {
    return jdbc.sql("select count(*) from shared.event_publication where listener_id = ?")
        .param(listeners + "happened")
        .query(Long.class)
        .single();
  }

  private int failures(UUID id) {
    return jdbc.sql("select failures from shared.event_publication where id = ?")
        .param(id)
        .query(Integer.class)
        .single();
  }

  private void makeDue(UUID id) {
    jdbc.sql(
            """
            update shared.event_publication set next_attempt_at = clock_timestamp()
            where id = ? and next_attempt_at is not null
            """)
        .param(id)
        .update();
  }

  @Test
  void whatIsTakenInIsGone() {
    IntStream.range(0, 120).forEach(i -> stored(happened(i)));

    takeAll();

    assertThat(taken)
        .containsExactlyElementsOf(
            IntStream.range(0, 120).mapToObj(i -> new Happened(i, null)).toList());
    assertThat(left()).isZero();
  }

  @Test
  void twoInstancesNeverTakeTheSame() {
    IntStream.range(0, 500).forEach(i -> stored(happened(i)));

    try (ExecutorService instances = Executors.newFixedThreadPool(2)) {
      instances.execute(this::takeAll);
      instances.execute(this::takeAll);
    }

    assertThat(taken).doesNotHaveDuplicates();
    assertThat(left()).isZero();
    assertThat(taken).hasSize(500);
  }

  @Test
  void whatSomebodyElseHasIsPassedOverUntilThatDies() throws SQLException {
    UUID elsewhere = stored(happened(1));
    stored(happened(2));

    try (Connection dies = database.asApplication()) {
      dies.setAutoCommit(false);
      dies.createStatement()
          .execute(
              "select from shared.event_publication where id = '%s' for update"
                  .formatted(elsewhere));
      takeAll();
      assertThat(taken).containsExactly(new Happened(2, null));
    }
    await()
        .until(() -> {
          takeAll();
          return taken.size() == 2;
        });

    assertThat(taken).containsExactly(new Happened(2, null), new Happened(1, null));
  }

  /** Modulith's own ways to deliver leave a publication in such a state when they die. */
  @ParameterizedTest
  @ValueSource(strings = {"PUBLISHED", "PROCESSING", "RESUBMITTED", "FAILED"})
  void noStateKeepsAnEventFromBeingTaken(String status) {
    stored(Happened.class.getName(), happened(1), status);

    takeAll();

    assertThat(taken).hasSize(1);
    assertThat(left()).isZero();
  }

  @Test
  void eventsThatCannotBeReadStarveNobody() {
    List<UUID> poison = Stream.generate(() -> stored("{\"number\":\"none\"}")).limit(120).toList();
    stored(happened(1));

    takeAll();

    assertThat(taken).containsExactly(new Happened(1, null));
    assertThat(poison).allSatisfy(id -> assertThat(failures(id)).isEqualTo(1));
  }

  @Test
  void anEventThatCannotBeTakenInFailsAlone() {
    List<UUID> stored = IntStream.range(0, 50).mapToObj(i -> stored(happened(i))).toList();

    takeAll(events -> {
      if (events.contains(new Happened(33, null))) {
        throw new IllegalStateException("poisonous");
      }
      taken.addAll(events);
    });

    assertThat(taken).hasSize(49).doesNotHaveDuplicates();
    assertThat(left()).isEqualTo(1);
    assertThat(failures(stored.get(33))).isEqualTo(1);
  }

  @Test
  void whatFailedIsTriedAgainLaterAndInTheEndIsDead() {
    UUID poison = stored("no json");

    takeAll();
    takeAll();
    assertThat(failures(poison)).as("not at once").isEqualTo(1);

    for (int attempt = 2; attempt < 20; attempt++) {
      makeDue(poison);
      takeAll();
    }
    assertThat(failures(poison)).isEqualTo(10);
  }

  /** Whoever takes them in is at fault, not all of them: none may die of it. */
  @Test
  void whereEveryEventFailsNoneHasSpentAnAttempt() {
    List<UUID> stored = IntStream.range(0, 60).mapToObj(i -> stored(happened(i))).toList();
    Consumer<List<Object>> outage =
        _ -> {
          throw new IllegalStateException("out of order");
        };

    assertThat(backlog.process(listeners, 50, outage)).as("more, at once").isFalse();
    stored.forEach(this::makeDue);
    takeAll(outage);
    assertThat(stored).allSatisfy(id -> assertThat(failures(id)).isZero());

    stored.forEach(this::makeDue);
    takeAll();
    assertThat(taken).hasSize(60);
  }

  @Test
  void whereEveryEventFailsOneThatCannotBeReadCountsAlone() {
    UUID unreadable = stored("no json");
    UUID readable = stored(happened(1));
    UUID another = stored(happened(2));

    takeAll(_ -> {
      throw new IllegalStateException("out of order");
    });

    assertThat(failures(unreadable)).isEqualTo(1);
    assertThat(failures(readable) + failures(another)).isZero();
  }

  @Test
  void whatFailsBesideOthersThatDoNotIsAtFault() {
    UUID one = stored(happened(1));
    UUID two = stored(happened(2));
    stored(happened(3));

    takeAll(events -> {
      if (!events.equals(List.of(new Happened(3, null)))) {
        throw new IllegalStateException("poisonous");
      }
      taken.addAll(events);
    });

    assertThat(taken).hasSize(1);
    assertThat(failures(one) + failures(two)).isEqualTo(2);
  }

  /** What the database's absence makes fail is nobody's fault. */
  @Test
  void aLostConnectionIsNoAttempt() {
    UUID event = stored(happened(1));

    assertThatThrownBy(() ->
            takeAll(_ -> {
              throw new IllegalStateException(new SQLException("gone", "08006"));
            }))
        .hasRootCauseMessage("gone");

    assertThat(failures(event)).isZero();
    takeAll();
    assertThat(taken).hasSize(1);
  }

  /** What somebody else has locked is nobody's fault either, nor is a database that is slow. */
  @ParameterizedTest
  @ValueSource(strings = {"lock_timeout", "statement_timeout"})
  void aTimeoutIsNoAttempt(String timeout) throws SQLException {
    List<UUID> stored = IntStream.range(0, 8).mapToObj(i -> stored(happened(i))).toList();
    UUID locked = stored("dev.evenkeel.Locked", happened(9), "PUBLISHED");
    List<Integer> tried = new ArrayList<>();
    Consumer<List<Object>> intake =
        events -> {
          tried.add(events.size());
          jdbc.sql("set local %s = '50ms'".formatted(timeout)).update();
          if (events.contains(new Happened(0, null))) {
            jdbc.sql("select id from shared.event_publication where id = ? for update")
                .param(locked)
                .query(UUID.class)
                .list();
          }
          taken.addAll(events);
        };

    try (Connection elsewhere = database.asApplication()) {
      elsewhere.setAutoCommit(false);
      elsewhere
          .createStatement()
          .execute(
              "select from shared.event_publication where id = '%s' for update"
                  .formatted(locked));
      assertThat(backlog.process(listeners, 8, intake)).as("more, at once").isFalse();
      assertThat(tried).as("first halves only").containsExactly(8, 4, 2, 1);
      assertThat(taken).isEmpty();

      backlog.process(listeners, 8, intake);
      assertThat(taken).as("meanwhile the others").hasSize(7);
      assertThat(failures(stored.getFirst())).isZero();
      elsewhere.rollback();
    }
    makeDue(stored.getFirst());
    backlog.process(listeners, 8, intake);
    assertThat(taken).hasSize(8);
  }

  @Test
  void anEventWhoseClassIsGoneIsNotDropped() {
    UUID unknown = stored("dev.evenkeel.Forgotten", happened(1), "PUBLISHED");

    takeAll();

    assertThat(failures(unknown)).isEqualTo(1);
    assertThat(publications.retry(unknown))
        .hasValueSatisfying(
            event -> assertThat(event.lastError()).contains("dev.evenkeel.Forgotten"));
  }

  @Test
  void anEventWhoseClassWasRenamedIsReadUnderItsNewName() {
    stored("dev.evenkeel.Occurred", happened(1), "PUBLISHED");
    EventSettings settings =
        new EventSettings(Map.of("dev.evenkeel.Occurred", Happened.class.getName()));

    new EventBacklog(jdbc, transactions, serializer, settings)
        .process(listeners, 50, taken::addAll);

    assertThat(taken).containsExactly(new Happened(1, null));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"2026-01-01T00:00:00Z", "2026-01-01T00:00:00.000Z", "2026-01-01T00:00:00.000000Z"})
  void anEventsTimeMayHaveDecimalsOrNot(String at) {
    stored(Dated.class.getName(), "{\"at\":\"%s\"}".formatted(at), "PUBLISHED");

    takeAll();

    assertThat(taken).containsExactly(new Dated(Instant.parse(at)));
  }

  /** Of a newer version, which still runs beside this one; and of an older one. */
  @ParameterizedTest
  @ValueSource(
      strings = {"{\"number\":1,\"detail\":null,\"reason\":{\"new\":[1]}}", "{\"number\":1}"})
  void anEventMayHaveAFieldMoreOrLess(String event) {
    stored(event);

    takeAll();

    assertThat(taken).containsExactly(new Happened(1, null));
  }
}
