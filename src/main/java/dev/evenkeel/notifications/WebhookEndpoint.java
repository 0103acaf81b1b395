package dev.evenkeel.notifications;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A URL that an owner's notifications are sent to.
 *
 * @param types the notification types that are sent
 * @param waits why deliveries wait although it is enabled; null if they do not
 */
public record WebhookEndpoint(
    UUID id,
    @JsonIgnore String owner,
    String url,
    List<String> types,
    Status status,
    Instant createdAt,
    @Nullable String waits) {

  public enum Status {
    ENABLED,
    /** Nothing is sent, and new notifications add no deliveries. */
    DISABLED
  }
}
