/** Decides who may send requests: callers with a token of the configured issuer (OAuth 2). */
@NullMarked
package dev.evenkeel.http.security;

import org.jspecify.annotations.NullMarked;
