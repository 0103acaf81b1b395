/**
 * Shared: traces that continue in later work, metrics of checks, the export of the log, and public
 * health.
 */
@NullMarked
package dev.evenkeel.observability;

import org.jspecify.annotations.NullMarked;
