/**
 * Shared: what the web of every module needs, so that each of them answers alike. Knows no module.
 */
@NullMarked
package dev.evenkeel.platform;

import org.jspecify.annotations.NullMarked;
