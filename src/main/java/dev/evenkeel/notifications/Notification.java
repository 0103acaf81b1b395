package dev.evenkeel.notifications;

import dev.evenkeel.accounts.AccountId;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * An entry in an owner's feed.
 *
 * @param sequence the entry's number in the feed, without gaps
 * @param account the owner's account that the notification is about
 * @param type such as {@code payment.succeeded}
 * @param title for people
 * @param body for people; amounts have the decimals of their currency
 */
public record Notification(
    UUID id,
    long sequence,
    AccountId account,
    String type,
    String title,
    String body,
    Subject subject,
    Instant createdAt,
    @Nullable Instant readAt) {

  /**
   * The resource that the notification is about.
   *
   * @param kind {@code transfer}, {@code payment}, {@code refund} or {@code account}
   */
  public record Subject(String kind, UUID id) {}
}
