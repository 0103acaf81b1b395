/**
 * Notifies owners of events in their accounts and payments: in a feed, in a stream and by webhooks.
 * Notifications may be late, but none is lost or repeated in the feed.
 */
@ApplicationModule(
    displayName = "Notifications",
    allowedDependencies = {"accounts", "payments"})
@NullMarked
package dev.evenkeel.notifications;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
