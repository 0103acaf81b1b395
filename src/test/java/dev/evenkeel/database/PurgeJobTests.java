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
            insert into shared.event_publication
                (id, listener_id, event_type, serialized_event, publication_date)
            select uuidv7(), 'nobody', 'none', '{}', now() from generate_series(1, 2500)
            """)
        .update();
    RetentionPolicy wrong = new RetentionPolicy(jdbc, "delete from shared.nowhere where id = ?");
    RetentionPolicy old =
        new RetentionPolicy(
            jdbc,
            """
            delete from shared.event_publication where id in (
                select id from shared.event_publication where listener_id = 'nobody' limit ?)
            """);

    new PurgeJob(List.of(wrong, old)).purge();

    assertThat(
            jdbc.sql("select count(*) from shared.event_publication where listener_id = 'nobody'")
                .query(Long.class)
                .single())
        .isZero();
  }
}
