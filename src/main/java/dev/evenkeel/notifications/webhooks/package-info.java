/** Sends notifications to the endpoints that owners have registered. */
@NullMarked
package dev.evenkeel.notifications.webhooks;

import org.jspecify.annotations.NullMarked;
