/**
 * An authorization server for development (OAuth 2), in the application's own process. It takes the
 * place of an issuer that is configured, and is inactive outside the profile {@code development}.
 */
@NullMarked
package dev.devservices.login;

import org.jspecify.annotations.NullMarked;
