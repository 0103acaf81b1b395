package dev.evenkeel.events;

import dev.evenkeel.database.Ids;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import tools.jackson.databind.json.JsonMapper;

/** Stores published events in the table that {@link EventBacklog} empties. */
@Component
class StoredEvents implements Outbox {

  private final JdbcClient jdbc;
  private final JsonMapper json;
  private final EventWorkers workers;

  StoredEvents(JdbcClient jdbc, JsonMapper json, EventWorkers workers) {
    this.jdbc = jdbc;
    this.json = json;
    this.workers = workers;
  }

  @Override
  @Transactional(propagation = Propagation.MANDATORY)
  public void publish(Object event) {
    for (EventWorker worker : workers.of(event.getClass())) {
      jdbc.sql("insert into shared.outbox (id, consumer, type, event) values (?, ?, ?, ?)")
          .param(Ids.next())
          .param(worker.consumer().name())
          .param(event.getClass().getName())
          .param(json.writeValueAsString(event))
          .update();
      wakeAfterCommit(worker);
    }
  }

  private static void wakeAfterCommit(EventWorker worker) {
    TransactionSynchronizationManager.registerSynchronization(
        new TransactionSynchronization() {
          @Override
          public void afterCommit() {
            worker.wake();
          }
        });
  }
}
