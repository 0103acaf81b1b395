package dev.evenkeel.notifications;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.time.Instant;
import java.util.List;
import java.util.UUID;

/**
 * Where an owner wants notifications to be sent to.
 *
 * @param types of which it hears
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
    /** It is not sent anything, and hears nothing of what happens meanwhile. */
    DISABLED
  }
}
