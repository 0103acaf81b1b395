/**
 * A simulator of the external payment provider, with faults that can be switched on. It has its own
 * HTTP server, main method and file. It knows nothing of the application that calls it, and the
 * application knows only its HTTP API.
 */
@NullMarked
package dev.paymentprovider;

import org.jspecify.annotations.NullMarked;
