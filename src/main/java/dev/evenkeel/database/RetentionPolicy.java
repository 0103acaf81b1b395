package dev.evenkeel.database;

import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Says which rows a module keeps for a limited time, as a bean; {@link PurgeJob} deletes them.
 *
 * @param delete the statement; its one parameter is the number of rows to delete at once, which
 *     keeps its transactions short
 */
public record RetentionPolicy(JdbcClient jdbc, String delete) {

  private static final int BATCH_SIZE = 1000;

  public void apply() {
    int deleted = BATCH_SIZE;
    while (deleted == BATCH_SIZE) {
      deleted = jdbc.sql(delete).param(BATCH_SIZE).update();
    }
  }
}
