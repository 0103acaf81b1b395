/** The page of an owner's notifications and webhooks. */
@NullMarked
package dev.evenkeel.console.notifications;

import org.jspecify.annotations.NullMarked;
