/**
 * Shared: how a committed event reaches its listener, and what operators can do with the ones that
 * failed.
 */
@NullMarked
package dev.evenkeel.events;

import org.jspecify.annotations.NullMarked;
