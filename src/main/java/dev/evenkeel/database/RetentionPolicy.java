package dev.evenkeel.database;

import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * What a module keeps for a time only, as a bean: once an hour all that is older is forgotten.
 *
 * @param delete whose one parameter is how many rows it may delete at once, so that it is short
 */
public record RetentionPolicy(JdbcClient jdbc, String delete) {

  private static final int AT_ONCE = 1000;

  public void forget() {
    int deleted = AT_ONCE;
    while (deleted == AT_ONCE) {
      deleted = jdbc.sql(delete).param(AT_ONCE).update();
    }
  }
}
