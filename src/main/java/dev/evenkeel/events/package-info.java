/**
 * Shared package: stores events, hands them to the code that processes them, and lets operators
 * deal with events that failed.
 */
@NullMarked
package dev.evenkeel.events;

import org.jspecify.annotations.NullMarked;
