package dev.evenkeel.accounts;

import static dev.evenkeel.platform.SqlArrays.uuids;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** Reads transfers as they were posted. */
@Component
class TransferReader {

  private static final TypeReference<Map<String, String>> METADATA = new TypeReference<>() {};

  private final JdbcClient jdbc;
  private final JsonMapper json;

  TransferReader(JdbcClient jdbc, JsonMapper json) {
    this.jdbc = jdbc;
    this.json = json;
  }

  /** With their entries; refused ones are none. */
  List<Transfer> read(Collection<UUID> ids) {
    if (ids.isEmpty()) {
      return List.of();
    }
    Map<UUID, Transfer> found = new LinkedHashMap<>();
    jdbc.sql(
            """
            select t.*, e.account, e.amount as leg, e.seq, e.balance_after,
                   a.owner as leg_owner, a.name as leg_name
            from accounts.transfer t
            join accounts.entry e on e.transfer = t.id
            left join accounts.account a on a.id = e.account
            where t.id = any(?)
            order by t.id, e.amount
            """)
        .param(uuids(ids))
        .query((row, _) -> {
          Transfer transfer = transfer(row);
          return found.merge(transfer.id(), transfer, Transfer::with);
        })
        .list();
    return List.copyOf(found.values());
  }

  /** With one of its entries. */
  private Transfer transfer(ResultSet row) throws SQLException {
    String metadata = row.getString("metadata");
    Transfer.Leg.Customer customer =
        row.getString("leg_owner") == null
            ? null
            : new Transfer.Leg.Customer(
                row.getString("leg_owner"),
                row.getString("leg_name"),
                row.getLong("seq"),
                row.getLong("balance_after"));
    return new Transfer(
        row.getObject("id", UUID.class),
        row.getString("owner"),
        row.getObject("from_account", UUID.class),
        row.getObject("to_account", UUID.class),
        row.getLong("amount"),
        row.getString("currency"),
        row.getString("description"),
        row.getString("reference"),
        metadata == null ? Map.of() : json.readValue(metadata, METADATA),
        row.getObject("payment", UUID.class),
        row.getObject("posted_at", OffsetDateTime.class).toInstant(),
        List.of(
            new Transfer.Leg(row.getObject("account", UUID.class), row.getLong("leg"), customer)));
  }
}
