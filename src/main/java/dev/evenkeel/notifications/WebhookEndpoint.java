package dev.evenkeel.notifications;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.time.Instant;
import java.util.List;
import java.util.UUID;

/**
 * A URL that an owner's notifications are sent to.
 *
 * @param types the notification types that are sent
 */
public record WebhookEndpoint(
    UUID id,
    @JsonIgnore String owner,
    String url,
    List<String> types,
    Status status,
    Instant createdAt) {

  public enum Status {
    ENABLED,
    /** Nothing is sent, and new notifications add no deliveries. */
    DISABLED
  }
}
