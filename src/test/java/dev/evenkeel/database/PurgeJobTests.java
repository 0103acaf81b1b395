package dev.evenkeel.database;

import static org.assertj.core.api.Assertions.assertThat;

import dev.testing.WholeApplication;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The purge job with policies that succeed and fail. */
@WholeApplication
class PurgeJobTests {

  @Autowired JdbcClient jdbc;

  @Test
  void purgesOthersWhenOnePolicyFails() {
    jdbc.sql(
            """
            insert into shared.outbox (id, consumer, type, event)
            select uuidv7(), 'nobody', 'none', '{}' from generate_series(1, 2500)
            """)
        .update();
    RetentionPolicy wrong = new RetentionPolicy(jdbc, "delete from shared.nowhere where id = ?");
    RetentionPolicy old =
        new RetentionPolicy(
            jdbc,
            """
            delete from shared.outbox where id in (
                select id from shared.outbox where consumer = 'nobody' limit ?)
            """);

    new PurgeJob(List.of(wrong, old)).purge();

    assertThat(
            jdbc.sql("select count(*) from shared.outbox where consumer = 'nobody'")
                .query(Long.class)
                .single())
        .isZero();
  }
}
