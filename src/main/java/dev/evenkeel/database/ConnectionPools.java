package dev.evenkeel.database;

import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import javax.sql.DataSource;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.jdbc.autoconfigure.DataSourceProperties;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Primary;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.web.context.request.RequestContextHolder;

/**
 * Two pools of connections, so that requests, however many, never delay background work such as the
 * ledger's lanes and recovery. Both are behind one data source with one transaction manager.
 */
@Configuration(proxyBeanMethods = false)
public class ConnectionPools {

  static final String BACKGROUND = "backgroundConnections";
  private static final String REQUESTS = "requestConnections";

  private static final ScopedValue<Boolean> AS_REQUEST = ScopedValue.newInstance();

  /**
   * The connections that one kind of background work may hold at once, as a bean. The pool of
   * background work has the sum of all shares.
   *
   * @param by the work, in a few words
   */
  public record Share(String by, int connections) {}

  /** Does work that people wait for on a thread of no request, with connections for requests. */
  public static void asRequest(Runnable work) {
    ScopedValue.where(AS_REQUEST, true).run(work);
  }

  @Bean(REQUESTS)
  @ConfigurationProperties("spring.datasource.hikari")
  HikariDataSource requestConnections(
      DataSourceProperties properties, ObjectProvider<JdbcConnectionDetails> details) {
    details.ifAvailable(database -> {
      properties.setUrl(database.getJdbcUrl());
      properties.setUsername(database.getUsername());
      properties.setPassword(database.getPassword());
    });
    HikariDataSource pool =
        properties.initializeDataSourceBuilder().type(HikariDataSource.class).build();
    pool.setPoolName("requests");
    return pool;
  }

  @Bean(BACKGROUND)
  HikariDataSource backgroundConnections(
      @Qualifier(REQUESTS) HikariDataSource requests, List<Share> shares) {
    HikariDataSource pool = new HikariDataSource();
    requests.copyStateTo(pool);
    pool.setPoolName("background");
    pool.setMaximumPoolSize(shares.stream().mapToInt(Share::connections).sum());
    return pool;
  }

  @Bean
  @Primary
  DataSource dataSource(
      @Qualifier(REQUESTS) HikariDataSource requests,
      @Qualifier(BACKGROUND) HikariDataSource background) {
    return new PoolOfCurrentWork(requests, background);
  }

  /** Gives requests connections from one pool, and any other work from the other. */
  private static final class PoolOfCurrentWork extends DelegatingDataSource {

    private final DataSource background;

    PoolOfCurrentWork(HikariDataSource requests, DataSource background) {
      super(requests);
      this.background = background;
    }

    @Override
    public Connection getConnection() throws SQLException {
      return RequestContextHolder.getRequestAttributes() == null && !AS_REQUEST.isBound()
          ? background.getConnection()
          : super.getConnection();
    }

    /** Flyway derives the address of its own connections from the pool. */
    @Override
    public <T> T unwrap(Class<T> type) throws SQLException {
      return obtainTargetDataSource().unwrap(type);
    }
  }
}
