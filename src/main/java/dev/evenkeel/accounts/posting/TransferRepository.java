package dev.evenkeel.accounts.posting;

import static dev.evenkeel.database.SqlArrays.uuids;

import dev.evenkeel.accounts.AccountId;
import dev.evenkeel.accounts.Transfer;
import dev.evenkeel.accounts.TransferId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** Reads transfers with their entries. */
@Component
public class TransferRepository {

  private static final TypeReference<Map<String, String>> METADATA = new TypeReference<>() {};

  private final JdbcClient jdbc;
  private final JsonMapper json;

  TransferRepository(JdbcClient jdbc, JsonMapper json) {
    this.jdbc = jdbc;
    this.json = json;
  }

  /** Finds transfers, in no particular order. The ids of holds and refusals are ignored. */
  public List<Transfer> find(Collection<TransferId> ids) {
    if (ids.isEmpty()) {
      return List.of();
    }
    Map<TransferId, List<Transfer.Entry>> entries = entries(ids);
    return jdbc.sql(
            """
            select t.*, r.id as reversed_by
            from accounts.transfer t
            left join accounts.transfer r on r.reversal_of = t.id
            where t.id = any(?)
            """)
        .param(uuids(entries.keySet(), TransferId::value))
        .query((row, _) -> transfer(row, entries))
        .list();
  }

  private Map<TransferId, List<Transfer.Entry>> entries(Collection<TransferId> transfers) {
    Map<TransferId, List<Transfer.Entry>> entries = new HashMap<>();
    jdbc.sql(
            """
            select e.transfer, e.account, e.amount, e.seq, e.balance_after, a.owner, a.name
            from accounts.entry e
            left join accounts.account a on a.id = e.account
            where e.transfer = any(?)
            order by e.amount
            """)
        .param(uuids(transfers, TransferId::value))
        .query(row -> {
          entries
              .computeIfAbsent(
                  new TransferId(row.getObject("transfer", UUID.class)), _ -> new ArrayList<>())
              .add(entry(row));
        });
    return entries;
  }

  private static Transfer.Entry entry(ResultSet row) throws SQLException {
    String owner = row.getString("owner");
    return new Transfer.Entry(
        new AccountId(row.getObject("account", UUID.class)),
        row.getLong("amount"),
        owner == null
            ? null
            : new Transfer.Entry.Customer(
                owner, row.getString("name"), row.getLong("seq"), row.getLong("balance_after")));
  }

  private Transfer transfer(ResultSet row, Map<TransferId, List<Transfer.Entry>> entries)
      throws SQLException {
    TransferId id = new TransferId(row.getObject("id", UUID.class));
    String metadata = row.getString("metadata");
    return new Transfer(
        id,
        row.getString("owner"),
        new AccountId(row.getObject("from_account", UUID.class)),
        new AccountId(row.getObject("to_account", UUID.class)),
        row.getLong("amount"),
        row.getString("currency"),
        row.getString("description"),
        row.getString("reference"),
        metadata == null ? Map.of() : json.readValue(metadata, METADATA),
        row.getObject("payment", UUID.class),
        transferId(row, "reversal_of"),
        transferId(row, "reversed_by"),
        transferId(row, "hold"),
        row.getObject("posted_at", OffsetDateTime.class).toInstant(),
        List.copyOf(Objects.requireNonNull(entries.get(id))));
  }

  private static @Nullable TransferId transferId(ResultSet row, String column) throws SQLException {
    UUID id = row.getObject(column, UUID.class);
    return id == null ? null : new TransferId(id);
  }
}
