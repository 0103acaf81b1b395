package dev.evenkeel.platform;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Forgets what is kept for a time only, some rows after the others: no statement takes long. */
@Component
public class Retention {

  private static final int AT_ONCE = 1000;

  private final JdbcClient jdbc;

  Retention(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /**
   * Each time in a transaction of its own.
   *
   * @param delete whose one parameter is how many rows it may delete at once
   */
  public void deleteAll(String delete) {
    int deleted = AT_ONCE;
    while (deleted == AT_ONCE) {
      deleted = jdbc.sql(delete).param(AT_ONCE).update();
    }
  }
}
