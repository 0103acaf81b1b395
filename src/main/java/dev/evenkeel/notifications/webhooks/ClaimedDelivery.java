package dev.evenkeel.notifications.webhooks;

import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A delivery that this instance has claimed for one attempt.
 *
 * @param attempt the number of this attempt, from 1
 * @param secrets encrypted; the current one, then previous ones that are still valid
 * @param traceparent the trace of the request that caused the notification
 */
record ClaimedDelivery(
    UUID id,
    int attempt,
    UUID endpoint,
    String url,
    List<String> secrets,
    WebhookPayload payload,
    @Nullable String traceparent) {}
