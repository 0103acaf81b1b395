@NullMarked
package dev.evenkeel.console.notifications;

import org.jspecify.annotations.NullMarked;
