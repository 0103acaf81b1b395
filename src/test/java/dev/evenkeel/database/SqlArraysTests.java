package dev.evenkeel.database;

import static org.assertj.core.api.Assertions.assertThat;

import dev.testing.TestDatabase;
import dev.testing.WholeApplication;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import javax.sql.DataSource;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.postgresql.core.BaseConnection;
import org.postgresql.core.Oid;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;

@Tag("database")
@WholeApplication
class SqlArraysTests {

  @Autowired DataSource application;
  @Autowired TestDatabase database;

  @Test
  void sendsUuidsInBinary() throws SQLException {
    try (Connection connection = application.getConnection()) {
      assertThat(connection.unwrap(BaseConnection.class).binaryTransferSend(Oid.UUID_ARRAY))
          .isTrue();
    }
    assertArrives(application);
  }

  @Test
  void sendsUuidsAsTextToo() throws SQLException {
    try (Connection connection = database.asApplication()) {
      assertArrives(new SingleConnectionDataSource(connection, true));
    }
  }

  private static void assertArrives(DataSource connections) {
    List<Optional<UUID>> some =
        List.of(Optional.of(Ids.LAST), Optional.empty(), Optional.of(UUID.randomUUID()));

    assertThat(returned(connections, some)).isEqualTo(some);
    assertThat(returned(connections, List.of())).isEmpty();
  }

  private static List<Optional<UUID>> returned(
      DataSource connections, List<Optional<UUID>> values) {
    return JdbcClient.create(connections)
        .sql("select * from unnest(?::uuid[])")
        .param(SqlArrays.uuids(values, value -> value.orElse(null)))
        .query((row, _) -> Optional.ofNullable(row.getObject(1, UUID.class)))
        .list();
  }
}
