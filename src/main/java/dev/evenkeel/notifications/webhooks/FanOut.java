package dev.evenkeel.notifications.webhooks;

import dev.evenkeel.database.RetryingTransactions;
import java.util.List;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/**
 * Adds a delivery for each notification that a webhook endpoint wants. Each endpoint follows its
 * owner's feed in pieces and at its own pace, so an owner with many endpoints and notifications
 * delays no other. A disabled endpoint follows up to the notification after which it was disabled.
 */
@Component
public class FanOut {

  /** Keeps a statement short, however far an endpoint is behind. */
  private static final int PIECE = 500;

  private final JdbcClient jdbc;
  private final RetryingTransactions transactions;

  FanOut(JdbcClient jdbc, RetryingTransactions transactions) {
    this.jdbc = jdbc;
    this.transactions = transactions;
  }

  /**
   * Finds the endpoints that are behind because of notifications of the last three seconds; their
   * ids begin with the time. {@link #findBehind} finds the few others, such as one whose worker
   * died with its instance.
   */
  List<UUID> findRecentlyBehind() {
    return findBehind(
        """
        and e.owner = any(array(
            select distinct owner from notifications.notification
            where id > (select uuidv7(interval '-3 seconds'))))
        """);
  }

  /** Finds every endpoint that is behind its owner's feed. This reads all endpoints and feeds. */
  List<UUID> findBehind() {
    return findBehind("");
  }

  private List<UUID> findBehind(String condition) {
    return jdbc.sql(
            """
            select e.id from notifications.webhook_endpoint e
            join notifications.feed using (owner)
            where e.url is not null and e.fan_out_seq < coalesce(e.fan_out_end, feed.seq)
            """
                + condition)
        .query((row, _) -> row.getObject("id", UUID.class))
        .list();
  }

  /**
   * Adds the deliveries of a piece of the feed, in a transaction of its own.
   *
   * @return whether the endpoint was behind
   */
  boolean addSome(UUID endpoint) {
    return transactions.run(() -> addPiece(endpoint));
  }

  private boolean addPiece(UUID endpoint) {
    boolean behind = lockIfBehind(endpoint);
    if (behind) {
      addDeliveries(endpoint);
    }
    return behind;
  }

  /** Skips an endpoint that is locked: another instance adds its deliveries, or it is changed. */
  private boolean lockIfBehind(UUID endpoint) {
    return jdbc.sql(
            """
            select e.id from notifications.webhook_endpoint e
            join notifications.feed using (owner)
            where e.id = ? and e.url is not null and e.fan_out_seq < coalesce(e.fan_out_end, feed.seq)
            for no key update of e skip locked
            """)
        .param(endpoint)
        .query(UUID.class)
        .optional()
        .isPresent();
  }

  private void addDeliveries(UUID endpoint) {
    jdbc.sql(
            """
            with piece as (
                select e.id as endpoint, e.owner, e.types, e.fan_out_seq as after,
                       least(e.fan_out_seq + ?, e.fan_out_end, feed.seq) as last
                from notifications.webhook_endpoint e
                join notifications.feed using (owner)
                where e.id = ?
            ), added as (
                insert into notifications.webhook_delivery (id, endpoint, notification)
                select uuidv7(), piece.endpoint, n.id
                from piece
                join notifications.notification n
                    on n.owner = piece.owner and n.seq > piece.after and n.seq <= piece.last
                where piece.types is null or n.type = any(piece.types)
                order by n.seq
            )
            update notifications.webhook_endpoint e
            set fan_out_seq = piece.last
            from piece
            where e.id = piece.endpoint
            """)
        .params(PIECE, endpoint)
        .update();
  }

  /** Disables an endpoint unless it is disabled: it gets no later notifications. */
  @Transactional(propagation = Propagation.MANDATORY)
  public void disable(UUID endpoint) {
    if (lock(endpoint, "enabled")) {
      jdbc.sql(
              """
              update notifications.webhook_endpoint e
              set status = 'disabled', fan_out_end = feed.seq
              from notifications.feed
              where e.id = ? and feed.owner = e.owner
              """)
          .param(endpoint)
          .update();
    }
  }

  /**
   * Enables an endpoint unless it is enabled: it gets what was missing when it was disabled, and
   * later notifications.
   */
  @Transactional(propagation = Propagation.MANDATORY)
  public void enable(UUID endpoint) {
    if (lock(endpoint, "disabled")) {
      boolean behind = true;
      while (behind) {
        behind = addPiece(endpoint);
      }
      jdbc.sql(
              """
              update notifications.webhook_endpoint e
              set status = 'enabled', fan_out_seq = feed.seq, fan_out_end = null
              from notifications.feed
              where e.id = ? and feed.owner = e.owner
              """)
          .param(endpoint)
          .update();
    }
  }

  /** Locks the endpoint, so that later statements see what was committed before. */
  private boolean lock(UUID endpoint, String status) {
    return jdbc.sql(
            """
            select id from notifications.webhook_endpoint
            where id = ? and status = ?
            for no key update
            """)
        .params(endpoint, status)
        .query(UUID.class)
        .optional()
        .isPresent();
  }
}
