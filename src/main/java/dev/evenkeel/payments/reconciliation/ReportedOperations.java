package dev.evenkeel.payments.reconciliation;

import dev.evenkeel.payments.provider.ProviderOperation;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.List;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/**
 * The provider's report while a reconciliation runs. It is kept in the database, so that a report
 * of any length needs the same memory.
 */
@Component
class ReportedOperations {

  private final JdbcClient jdbc;

  ReportedOperations(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  void clear() {
    jdbc.sql("truncate payments.reported_operation").update();
  }

  /** Adds a page. The last of several lines with one id counts. */
  void add(List<ProviderOperation> page) {
    jdbc.sql(
            """
            insert into payments.reported_operation (id, key, at, operation)
            select distinct on (o ->> 'id') o ->> 'id', o ->> 'key', (o ->> 'at')::timestamptz, o
            from jsonb_array_elements(cast(:page as jsonb)) with ordinality line (o, no)
            order by o ->> 'id', no desc
            on conflict (id) do update
            set key = excluded.key, at = excluded.at, operation = excluded.operation
            """)
        .param("page", JsonMapper.shared().writeValueAsString(page))
        .update();
  }

  List<ProviderOperation> findByKeys(Collection<String> keys) {
    return read(
        jdbc.sql(
                """
                select operation from payments.reported_operation where key in (:keys)
                order by at nulls first, id
                """)
            .param("keys", keys));
  }

  List<ProviderOperation> findByIds(Collection<String> ids) {
    return read(
        jdbc.sql("select operation from payments.reported_operation where id in (:ids)")
            .param("ids", ids));
  }

  /**
   * Lists the operations of a time span, and those of unknown time, in id order.
   *
   * @param after the last id of the previous page
   */
  List<ProviderOperation> list(Instant from, Instant to, String after, int limit) {
    return read(
        jdbc.sql(
                """
                select operation from payments.reported_operation
                where (at is null or at >= :from and at < :to) and id > :after
                order by id
                limit :limit
                """)
            .param("from", from.atOffset(ZoneOffset.UTC))
            .param("to", to.atOffset(ZoneOffset.UTC))
            .param("after", after)
            .param("limit", limit));
  }

  private static List<ProviderOperation> read(JdbcClient.StatementSpec query) {
    return query
        .query((row, _) -> JsonMapper.shared().readValue(row.getString(1), ProviderOperation.class))
        .list();
  }
}
