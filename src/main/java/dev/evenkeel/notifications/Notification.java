package dev.evenkeel.notifications;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Something that an owner is told, once.
 *
 * @param sequence its number in the owner's feed, without gaps; the order in which they were told
 * @param account the owner's account that it is about
 * @param type such as {@code payment.succeeded}
 * @param title for people
 * @param body for people, with amounts in the currency's own decimals
 */
public record Notification(
    UUID id,
    long sequence,
    UUID account,
    String type,
    String title,
    String body,
    Subject subject,
    Instant createdAt,
    @Nullable Instant readAt) {

  /**
   * What it is about.
   *
   * @param kind {@code transfer}, {@code payment}, {@code refund} or {@code account}
   */
  public record Subject(String kind, UUID id) {}
}
