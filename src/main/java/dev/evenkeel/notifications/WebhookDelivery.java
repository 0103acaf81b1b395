package dev.evenkeel.notifications;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The delivery of one notification to one endpoint.
 *
 * @param id also the {@code webhook-id} header, which is the same at every attempt
 * @param type the notification's type
 * @param lastError why the last attempt failed
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
    /** It has failed too often and is not retried automatically. */
    DEAD
  }
}
