@NullMarked
package dev.evenkeel.notifications.web;

import org.jspecify.annotations.NullMarked;
