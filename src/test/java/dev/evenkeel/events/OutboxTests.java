package dev.evenkeel.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.testing.WholeApplication;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.support.StaticListableBeanFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.IllegalTransactionStateException;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.json.JsonMapper;

/** A published event reaches each consumer that takes its type, once, after the commit. */
@Tag("database")
@WholeApplication
class OutboxTests {

  @Autowired Outbox ofTheApplication;
  @Autowired EventBacklog backlog;
  @Autowired JdbcClient jdbc;
  @Autowired JsonMapper json;
  @Autowired PlatformTransactionManager transactions;

  final String prefix = "test-" + UUID.randomUUID();
  final Recorder first = new Recorder(prefix + "-1", Set.of(Ordered.class));
  final Recorder second = new Recorder(prefix + "-2", Set.of(Ordered.class, Shipped.class));
  final MeterRegistry meters = new SimpleMeterRegistry();
  EventWorkers workers;
  StoredEvents outbox;

  record Ordered(int number) {}

  record Shipped(int number) {}

  private static final class Recorder implements EventConsumer {

    final String name;
    final Set<Class<?>> types;
    final List<Object> consumed = Collections.synchronizedList(new ArrayList<>());
    @Nullable Consumer<Object> alsoDoes;

    Recorder(String name, Set<Class<?>> types) {
      this.name = name;
      this.types = types;
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public Set<Class<?>> types() {
      return types;
    }

    @Override
    public void consume(List<Object> events) {
      if (alsoDoes != null) {
        events.forEach(alsoDoes);
      }
      consumed.addAll(events);
    }
  }

  @BeforeEach
  void connect() {
    workers = workers(first, second);
    outbox = new StoredEvents(jdbc, json, workers);
  }

  private EventWorkers workers(EventConsumer one, EventConsumer other) {
    var beans = new StaticListableBeanFactory(Map.of("one", one, "other", other));
    return new EventWorkers(backlog, beans.getBeanProvider(EventConsumer.class), meters);
  }

  @AfterEach
  void stop() {
    workers.close();
  }

  private void publish(Object... events) {
    new TransactionTemplate(transactions)
        .executeWithoutResult(_ -> List.of(events).forEach(outbox::publish));
  }

  private double lastSuccess(Recorder consumer) {
    return meters
        .get("evenkeel.check.last.success.timestamp")
        .tag("check", "events-" + consumer.name())
        .gauge()
        .value();
  }

  private long stored() {
    return jdbc.sql("select count(*) from shared.outbox where starts_with(consumer, ?)")
        .param(prefix)
        .query(Long.class)
        .single();
  }

  @Test
  void eachConsumerGetsTheEventsOfItsTypesOnce() {
    publish(new Ordered(1), new Shipped(2), new Ordered(3));

    await().until(() -> stored() == 0);
    assertThat(first.consumed).containsExactly(new Ordered(1), new Ordered(3));
    assertThat(second.consumed).containsExactly(new Ordered(1), new Shipped(2), new Ordered(3));
    await().untilAsserted(() -> assertThat(lastSuccess(first)).isNotNaN());
  }

  @Test
  void consumerMayPublish() {
    first.alsoDoes = event -> outbox.publish(new Shipped(((Ordered) event).number()));

    publish(new Ordered(1));

    await().until(() -> stored() == 0);
    assertThat(second.consumed).containsExactlyInAnyOrder(new Ordered(1), new Shipped(1));
  }

  @Test
  void storesNothingWithoutAConsumer() {
    new TransactionTemplate(transactions)
        .executeWithoutResult(_ -> {
          outbox.publish("nobody takes texts");
          assertThat(stored()).isZero();
        });
  }

  @Test
  void refusesTwoConsumersOfOneName() {
    Recorder same = new Recorder(first.name(), Set.of(Shipped.class));

    assertThatThrownBy(() -> workers(first, same).afterSingletonsInstantiated())
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void demandsATransaction() {
    assertThatThrownBy(() -> ofTheApplication.publish(new Ordered(1)))
        .isInstanceOf(IllegalTransactionStateException.class);
  }
}
