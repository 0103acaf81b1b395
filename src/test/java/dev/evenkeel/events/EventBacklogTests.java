package dev.evenkeel.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.evenkeel.database.RetryingTransactions;
import dev.testing.TestDatabase;
import dev.testing.WholeApplication;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.json.JsonMapper;

/**
 * Each stored event is processed once, on one instance or another, and delays no other if it fails.
 */
@Tag("database")
@WholeApplication
@ExtendWith(OutputCaptureExtension.class)
class EventBacklogTests {

  @Autowired EventBacklog backlog;
  @Autowired JdbcClient jdbc;
  @Autowired RetryingTransactions transactions;
  @Autowired JsonMapper json;
  @Autowired TestDatabase database;

  /** The name of a consumer that only this test has. */
  final String consumer = "test-" + UUID.randomUUID();

  final List<Object> processed = Collections.synchronizedList(new ArrayList<>());

  record Numbered(int number, @Nullable Instant at) {}

  private static Numbered event(int number) {
    return new Numbered(number, null);
  }

  private static String json(int number) {
    return "{\"number\":%d,\"at\":null}".formatted(number);
  }

  private UUID store(String json) {
    return store(Numbered.class.getName(), json);
  }

  private UUID store(String type, String json) {
    UUID id = UUID.randomUUID();
    jdbc.sql(
            """
            insert into shared.outbox (id, consumer, type, event) values (?, ?, ?, ?)
            """)
        .params(id, consumer, type, json)
        .update();
    return id;
  }

  /** Stores events with the numbers from 0. */
  private List<UUID> storeMany(int count) {
    return IntStream.range(0, count).mapToObj(i -> store(json(i))).toList();
  }

  private EventConsumer consumer(Consumer<List<Object>> work) {
    return new EventConsumer() {
      @Override
      public String name() {
        return consumer;
      }

      @Override
      public Set<Class<?>> types() {
        return Set.of(Numbered.class);
      }

      @Override
      public void consume(List<Object> events) {
        work.accept(events);
      }
    };
  }

  @Test
  void lagsByItsOldestEventThatIsNotDead() {
    assertThat(backlog.lag(consumer)).isZero();
    UUID dead = store(json(1));
    UUID waiting = store(json(2));
    age(dead, 60, "null");
    age(waiting, 30, "next_attempt_at");

    assertThat(backlog.lag(consumer)).isBetween(Duration.ofSeconds(30), Duration.ofSeconds(59));
    assertThat(backlog.dead(consumer, 10)).isOne();
    assertThat(backlog.dead(consumer, 0)).as("its limit").isZero();
  }

  private void age(UUID event, int seconds, String nextAttempt) {
    jdbc.sql(
            """
            update shared.outbox
            set published_at = published_at - interval '1 s' * ?, next_attempt_at = %s
            where id = ?
            """
                .formatted(nextAttempt))
        .params(seconds, event)
        .update();
  }

  @AfterEach
  void deleteWhatIsLeft() {
    jdbc.sql("delete from shared.outbox where consumer = ?").param(consumer).update();
  }

  private void processAll() {
    processAll(processed::addAll);
  }

  private void processAll(Consumer<List<Object>> handler) {
    boolean more = true;
    while (more) {
      more = backlog.process(consumer(handler), 50);
    }
  }

  private void processAllExcept(Predicate<Object> poison) {
    processAll(events -> {
      if (events.stream().anyMatch(poison)) {
        throw new IllegalStateException("poison");
      }
      processed.addAll(events);
    });
  }

  private long remaining() {
    return jdbc.sql("select count(*) from shared.outbox where consumer = ?")
        .param(consumer)
        .query(Long.class)
        .single();
  }

  private int attempts(UUID id) {
    return jdbc.sql("select failures from shared.outbox where id = ?")
        .param(id)
        .query(Integer.class)
        .single();
  }

  private void makeDue(UUID id) {
    jdbc.sql(
            """
            update shared.outbox set next_attempt_at = clock_timestamp()
            where id = ? and next_attempt_at is not null
            """)
        .param(id)
        .update();
  }

  private Connection lock(UUID id) throws SQLException {
    Connection connection = database.asApplication();
    connection.setAutoCommit(false);
    connection
        .createStatement()
        .execute("select from shared.outbox where id = '%s' for update".formatted(id));
    return connection;
  }

  @Test
  void processesInOrderAndDeletes() {
    storeMany(120);

    processAll();

    assertThat(processed)
        .isEqualTo(IntStream.range(0, 120).mapToObj(EventBacklogTests::event).toList());
    assertThat(remaining()).isZero();
  }

  /** Otherwise the instance with the later events could be the first to commit. */
  @Test
  void onlyOneInstanceAtATimeProcessesEvents() throws Exception {
    storeMany(4);
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch otherIsDone = new CountDownLatch(1);

    try (ExecutorService slowInstance = Executors.newSingleThreadExecutor()) {
      Future<Boolean> slow =
          slowInstance.submit(() ->
              backlog.process(
                  consumer(events -> {
                    begun.countDown();
                    await().until(() -> otherIsDone.getCount() == 0);
                    processed.addAll(events);
                  }),
                  2));
      begun.await();

      assertThat(backlog.process(consumer(processed::addAll), 2)).as("more, at once").isFalse();
      assertThat(processed).isEmpty();
      otherIsDone.countDown();
      assertThat(slow.get()).isTrue();
    }
    processAll();

    assertThat(processed).containsExactly(event(0), event(1), event(2), event(3));
    assertThat(remaining()).isZero();
  }

  @Test
  void skipsLockedEvents() throws SQLException {
    UUID locked = store(json(1));
    store(json(2));

    Connection dying = lock(locked);
    processAll();
    assertThat(processed).containsExactly(event(2));

    dying.close();
    await()
        .until(() -> {
          processAll();
          return processed.size() == 2;
        });
    assertThat(processed).containsExactly(event(2), event(1));
  }

  /** The effect happens once because the transaction that has it also removes the event. */
  @Test
  void eventThatIsGoneHasNoEffect() {
    UUID id = store(json(0));

    Consumer<List<Object>> work =
        _ -> {
          store(json(1));
          jdbc.sql("delete from shared.outbox where id = ?").param(id).update();
        };
    backlog.process(consumer(work), 1);

    assertThat(remaining()).isEqualTo(1);
    assertThat(attempts(id)).isEqualTo(1);
  }

  @Test
  void unreadableEventsDelayNoOther() {
    List<UUID> unreadable =
        Stream.generate(() -> store("{\"number\":\"none\"}")).limit(120).toList();
    store(json(1));

    processAll();

    assertThat(processed).containsExactly(event(1));
    assertThat(unreadable).allSatisfy(id -> assertThat(lastError(id)).contains("none"));
  }

  @Test
  void poisonEventFailsAlone() {
    List<UUID> stored = storeMany(50);

    processAllExcept(event(33)::equals);

    assertThat(processed).hasSize(49).doesNotHaveDuplicates();
    assertThat(remaining()).isEqualTo(1);
    assertThat(attempts(stored.get(33))).isEqualTo(1);
  }

  @Test
  void severalPoisonEventsFailBesideAnother() {
    List<UUID> stored = storeMany(3);

    processAllExcept(event -> !event.equals(event(2)));

    assertThat(processed).hasSize(1);
    assertThat(stored.subList(0, 2)).extracting(this::attempts).containsExactly(1, 1);
  }

  @Test
  void eventIsDeadAfterTenAttempts(CapturedOutput output) {
    UUID poison = store(json(1));

    processAllExcept(event(1)::equals);
    processAllExcept(event(1)::equals);
    assertThat(attempts(poison)).as("not retried at once").isEqualTo(1);

    for (int attempt = 2; attempt < 20; attempt++) {
      makeDue(poison);
      processAllExcept(event(1)::equals);
    }
    assertThat(attempts(poison)).isEqualTo(10);
    assertThat(output)
        .containsOnlyOnce(
            "Event %s (%s) is dead and needs an operator"
                .formatted(poison, Numbered.class.getName()));
  }

  /** The handler must be at fault, so that no event may die of it. */
  @Test
  void failureOfAllEventsIsNoAttempt() {
    store(json(0));
    processAll();
    processed.clear();
    List<UUID> stored = storeMany(60);
    Consumer<List<Object>> outage =
        _ -> {
          throw new IllegalStateException("outage");
        };

    assertThat(backlog.process(consumer(outage), 50)).as("more, at once").isFalse();
    stored.forEach(this::makeDue);
    processAll(outage);
    assertThat(stored).allSatisfy(id -> assertThat(attempts(id)).isZero());

    stored.forEach(this::makeDue);
    processAll();
    assertThat(processed).hasSize(60);
  }

  /** The consumer processes other events between their failures. */
  @Test
  void poisonEventsThatAreAlwaysDueTogetherDie() {
    List<UUID> poison = List.of(store(json(1)), store(json(1)));

    for (int attempt = 0; attempt < 12; attempt++) {
      processAllExcept(event(1)::equals);
      store(json(2));
      processAllExcept(event(1)::equals);
      poison.forEach(this::makeDue);
    }

    assertThat(poison).extracting(this::attempts).containsExactly(10, 10);
    assertThat(processed).hasSize(12);
  }

  /** One of them has never failed before: perhaps an outage of the consumer has begun. */
  @Test
  void failureTogetherWithAnotherEventIsNoAttempt() {
    List<UUID> failing = new ArrayList<>(List.of(store(json(1)), store(json(1))));
    processAllExcept(event(1)::equals);
    store(json(2));
    processAllExcept(event(1)::equals);
    assertThat(processed).containsExactly(event(2));

    failing.add(store(json(1)));
    failing.forEach(this::makeDue);
    processAllExcept(event(1)::equals);

    assertThat(failing).extracting(this::attempts).containsExactly(0, 0, 0);
  }

  @Test
  void unreadableEventIsToldApartDuringAnOutage() {
    UUID unreadable = store("no json");
    List<UUID> readable = storeMany(2);

    processAllExcept(_ -> true);

    assertThat(lastError(unreadable)).contains("Unrecognized token");
    assertThat(readable).extracting(this::attempts).containsExactly(0, 0);
  }

  @Test
  void lostConnectionIsNoAttempt() {
    UUID event = store(json(1));

    assertThatThrownBy(() ->
            processAll(_ -> {
              throw new IllegalStateException(new SQLException("gone", "08006"));
            }))
        .hasRootCauseMessage("gone");

    assertThat(attempts(event)).isZero();
    processAll();
    assertThat(processed).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"lock_timeout", "statement_timeout"})
  void timeoutIsNoAttempt(String timeout) throws SQLException {
    List<UUID> stored = storeMany(8);
    UUID locked = store("dev.evenkeel.Locked", json(9));
    List<Integer> batches = new ArrayList<>();
    Consumer<List<Object>> handler =
        events -> {
          batches.add(events.size());
          jdbc.sql("set local %s = '50ms'".formatted(timeout)).update();
          if (events.contains(event(0))) {
            jdbc.sql("select id from shared.outbox where id = ? for update")
                .param(locked)
                .query(UUID.class)
                .list();
          }
          processed.addAll(events);
        };

    try (Connection another = lock(locked)) {
      assertThat(backlog.process(consumer(handler), 8)).as("more, at once").isFalse();
      assertThat(batches).as("first halves only").containsExactly(8, 4, 2, 1);
      assertThat(processed).isEmpty();

      backlog.process(consumer(handler), 8);
      assertThat(processed).as("the others, meanwhile").hasSize(7);
      assertThat(attempts(stored.getFirst())).isZero();
      another.rollback();
    }
    makeDue(stored.getFirst());
    backlog.process(consumer(handler), 8);
    assertThat(processed).hasSize(8);
  }

  /** A release that is rolled back may leave such events, and the next one reads them. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          dev.evenkeel.Forgotten                         | {"number":1}
          java.time.Instant                              | "2026-01-01T00:00:00Z"
          dev.evenkeel.events.EventBacklogTests$Numbered | {"number":"none"}
          """)
  void unreadableEventWaitsAndNeverDies(String type, String json) {
    UUID unreadable = store(type, json);
    for (int attempt = 1; attempt <= 20; attempt++) {
      makeDue(unreadable);
      processAll();
    }
    assertThat(lastError(unreadable)).containsAnyOf("Forgotten", "Instant", "none");
    assertThat(pause(unreadable)).isBetween(Duration.ZERO, Duration.ofSeconds(30));

    jdbc.sql("update shared.outbox set published_at = now() - interval '1 day' where id = ?")
        .param(unreadable)
        .update();
    makeDue(unreadable);
    processAll();
    assertThat(pause(unreadable)).isBetween(Duration.ofMinutes(16), Duration.ofMinutes(17));

    jdbc.sql("update shared.outbox set type = ?, event = ? where id = ?")
        .params(Numbered.class.getName(), json(1), unreadable)
        .update();
    makeDue(unreadable);
    processAllExcept(event(1)::equals);
    assertThat(attempts(unreadable)).as("the first that counts").isEqualTo(1);
    makeDue(unreadable);
    processAll();
    assertThat(processed).containsExactly(event(1));
  }

  private String lastError(UUID id) {
    return jdbc.sql("select last_error from shared.outbox where id = ?")
        .param(id)
        .query(String.class)
        .single();
  }

  private Duration pause(UUID id) {
    return Duration.ofSeconds(
        jdbc.sql(
                "select extract(epoch from next_attempt_at - clock_timestamp())::bigint from shared.outbox where id = ?")
            .param(id)
            .query(Long.class)
            .single());
  }

  @Test
  void readsEventsOfRenamedClasses() {
    store("dev.evenkeel.Occurred", json(1));
    var settings = new EventSettings(Map.of("dev.evenkeel.Occurred", Numbered.class.getName()));

    new EventBacklog(jdbc, transactions, json, settings).process(consumer(processed::addAll), 50);

    assertThat(processed).containsExactly(event(1));
  }

  /** Versions of the application that run side by side may differ by a field. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"number\":1}",
        "{\"number\":1,\"detail\":null,\"reason\":{\"new\":[1]}}",
        "{\"number\":1,\"at\":\"2026-01-01T00:00:00Z\"}",
        "{\"number\":1,\"at\":\"2026-01-01T00:00:00.000Z\"}",
        "{\"number\":1,\"at\":\"2026-01-01T00:00:00.000000Z\"}"
      })
  void readsOtherFieldsAndDecimals(String json) {
    store(json);

    processAll();

    Instant at = json.contains("at\"") ? Instant.parse("2026-01-01T00:00:00Z") : null;
    assertThat(processed).containsExactly(new Numbered(1, at));
  }
}
