/** The external payment provider, behind bulkhead, circuit breaker and timeouts. */
@NullMarked
package dev.evenkeel.payments.provider;

import org.jspecify.annotations.NullMarked;
