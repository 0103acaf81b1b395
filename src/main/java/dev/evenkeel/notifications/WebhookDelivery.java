package dev.evenkeel.notifications;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The sending of one notification to one endpoint.
 *
 * @param id also the {@code webhook-id} that the endpoint gets, the same at each attempt
 * @param type of the notification
 * @param lastError why it has not been delivered yet, or is dead
 */
public record WebhookDelivery(
    UUID id,
    @JsonIgnore String owner,
    String type,
    Status status,
    int attempts,
    @Nullable String lastError,
    @Nullable Instant nextAttemptAt) {

  public enum Status {
    PENDING,
    DELIVERED,
    /** It is not tried again by itself. */
    DEAD
  }
}
