/**
 * A stand-in for the external payment provider, with faults that can be switched on: its own HTTP
 * server, its own main method, its own file. It knows nothing of the application that calls it, and
 * the application knows only its HTTP interface.
 */
@NullMarked
package dev.paymentprovider;

import org.jspecify.annotations.NullMarked;
