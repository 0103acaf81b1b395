package dev.evenkeel.database;

import java.time.Duration;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import javax.sql.DataSource;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.jdbc.health.DataSourceHealthIndicator;
import org.springframework.context.annotation.Bean;
import org.springframework.stereotype.Component;

/**
 * The database's health. One caller at a time checks it, at most once a second; the others get the
 * latest result. So health checks, however many, use a single connection.
 */
@Component("dbHealthIndicator")
class DatabaseHealth implements HealthIndicator {

  private static final Duration MAX_AGE = Duration.ofSeconds(1);

  private final DataSourceHealthIndicator database;
  private final Lock checking = new ReentrantLock();
  private volatile Health latest = Health.unknown().build();
  private long checkedAt = System.nanoTime() - MAX_AGE.toNanos();

  DatabaseHealth(@Qualifier(ConnectionPools.BACKGROUND) DataSource connections) {
    this.database = new DataSourceHealthIndicator(connections);
  }

  @Bean
  static ConnectionPools.Share healthConnection() {
    return new ConnectionPools.Share("health checks", 1);
  }

  @Override
  public Health health() {
    if (checking.tryLock()) {
      try {
        if (System.nanoTime() - checkedAt >= MAX_AGE.toNanos()) {
          latest = database.health();
          checkedAt = System.nanoTime();
        }
      } finally {
        checking.unlock();
      }
    }
    return latest;
  }
}
