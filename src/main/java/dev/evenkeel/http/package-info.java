/**
 * Shared: configures Spring MVC for this API: strict JSON, callers, cursor pages, problem
 * responses.
 */
@NullMarked
package dev.evenkeel.http;

import org.jspecify.annotations.NullMarked;
