/**
 * The external payment provider: what it has to do for us, see {@link
 * dev.evenkeel.payments.provider.Gateway}, and the bulkhead, breaker and timeouts around it. The
 * package of each provider is below this one.
 */
@NullMarked
package dev.evenkeel.payments.provider;

import org.jspecify.annotations.NullMarked;
