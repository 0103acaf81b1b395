/**
 * What owners are told of what happened: eventually consistent; fast, late is fine, lost is not.
 */
@ApplicationModule(
    displayName = "Notifications",
    allowedDependencies = {"accounts", "payments"})
@NullMarked
package dev.evenkeel.notifications;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
