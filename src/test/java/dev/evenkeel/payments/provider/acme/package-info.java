/** A gateway that was written after docs/forking.md, to an invented provider. */
@NullMarked
package dev.evenkeel.payments.provider.acme;

import org.jspecify.annotations.NullMarked;
