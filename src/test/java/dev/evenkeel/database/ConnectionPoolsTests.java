package dev.evenkeel.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.evenkeel.accounts.Account;
import dev.evenkeel.accounts.AccountId;
import dev.evenkeel.accounts.Accounts;
import dev.testing.Api;
import dev.testing.LockHolder;
import dev.testing.PatientDatabase;
import dev.testing.TestDatabase;
import dev.testing.WholeApplication;
import io.micrometer.core.instrument.MeterRegistry;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.test.web.server.LocalServerPort;

@WholeApplication
@PatientDatabase
class ConnectionPoolsTests {

  @LocalServerPort int port;
  @Autowired TestDatabase database;
  @Autowired Accounts accounts;
  @Autowired MeterRegistry meters;
  @Autowired DataSource connections;
  @Autowired List<ConnectionPools.Share> shares;

  @Value("${spring.datasource.hikari.maximum-pool-size}")
  int requestConnections;

  Api ada;
  Api operator;

  @BeforeEach
  void connect() {
    operator = Api.operator(port, "olga");
    ada = new Api(port, "ada-" + UUID.randomUUID());
  }

  @Test
  void requestsTakeNoConnectionOfTheLedger() throws Exception {
    UUID from = ada.openAccount(100);
    UUID to = ada.openAccount(0);
    Account stuck = accounts.find(new AccountId(ada.openAccount(0))).orElseThrow();

    try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Api.Answer>> waiting;
      try (LockHolder _ = LockHolder.locking(database, stuck)) {
        waiting =
            IntStream.rangeClosed(1, 2 * requestConnections)
                .mapToObj(_ -> clients.submit(() -> balanceNow(stuck.id().value())))
                .toList();
        await()
            .until(() -> gauge("hikaricp.connections.pending", "requests") == requestConnections);

        assertThat(ada.transfer(from, to, 100).status()).isEqualTo(201);
        assertThat(operator.get("/actuator/health").at("/components/db/status")).isEqualTo("UP");
      }
      for (Future<Api.Answer> answer : waiting) {
        assertThat(answer.get().status()).isEqualTo(200);
      }
    }
  }

  private Api.Answer balanceNow(UUID account) {
    return ada.get("/v1/accounts/" + account + "/balance?at=" + Instant.now().minusSeconds(1));
  }

  @Test
  void backgroundWorkHasAConnectionForEachShare() {
    assertThat(gauge("hikaricp.connections.max", "background"))
        .isEqualTo(shares.stream().mapToInt(ConnectionPools.Share::connections).sum());
    assertThat(gauge("hikaricp.connections.max", "requests")).isEqualTo(requestConnections);
  }

  @Test
  void workThatPeopleWaitForTakesConnectionsOfRequests() {
    ConnectionPools.asRequest(() -> {
      try (Connection _ = connections.getConnection()) {
        // Awaited, because the gauge is up to a second old
        await().until(() -> gauge("hikaricp.connections.active", "requests") == 1);
      } catch (SQLException e) {
        throw new IllegalStateException(e);
      }
    });
  }

  private double gauge(String name, String pool) {
    return meters.get(name).tag("pool", pool).gauge().value();
  }
}
