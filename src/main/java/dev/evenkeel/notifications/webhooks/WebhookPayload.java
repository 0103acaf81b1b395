package dev.evenkeel.notifications.webhooks;

import java.time.Instant;
import java.util.UUID;

/**
 * The JSON body of a webhook. It is the same at every attempt, so it has neither the notification's
 * texts nor whether it was read.
 */
record WebhookPayload(String type, Instant timestamp, Data data) {

  /** The notification as the API shows it, without the members that may change. */
  record Data(
      UUID id, long sequence, UUID account, String type, Subject subject, Instant createdAt) {}

  record Subject(String kind, UUID id) {}
}
