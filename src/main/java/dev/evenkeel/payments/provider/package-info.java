/**
 * The external payment provider: its protocol, and the bulkhead, breaker and timeouts around it.
 */
@NullMarked
package dev.evenkeel.payments.provider;

import org.jspecify.annotations.NullMarked;
