package dev.evenkeel.observability;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A span of SQL has a short name, which says what the statement does. */
class SqlSpanNamesTests {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          select p1_0.id from payments.payment p1_0 where p1_0.id=? for no key update | select payments.payment
          insert into payments.payment (id) values (?) on conflict do nothing         | insert payments.payment
          INSERT INTO a.b select c from d.e on conflict (c) do update set c = 1       | insert a.b
          update accounts.account set name = ? where id = ?                           | update accounts.account
          delete from shared.outbox where id = any(?) returning id                    | delete shared.outbox
          with due as (select id from a.b for update of b skip locked) select 1       | select a.b
          with old as (select id from a.b) update c.d set e = 1 from old              | update c.d
          with new as (insert into a.b values (?) returning c) update d.e set f = 1   | insert a.b
          select clock_timestamp()                                                    | select clock_timestamp
          /* */                                                                       | query
          """)
  void saysWhatAStatementDoes(String sql, String name) {
    assertThat(SqlSpanNames.name(sql)).isEqualTo(name);
  }
}
