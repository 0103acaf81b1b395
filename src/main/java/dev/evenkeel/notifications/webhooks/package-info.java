@NullMarked
package dev.evenkeel.notifications.webhooks;

import org.jspecify.annotations.NullMarked;
