/**
 * The rules of payments, in plain Java: which transition follows from what has happened, what it
 * books, and when the provider is called again. They know neither Spring nor the database.
 */
@NullMarked
package dev.evenkeel.payments.rules;

import org.jspecify.annotations.NullMarked;
