package dev.evenkeel.http;

import jakarta.servlet.http.HttpServletRequest;

/** Finds out who sends a request. To add a login, replace the one implementation. */
@FunctionalInterface
public interface CallerResolver {

  Caller of(HttpServletRequest request);
}
