package dev.evenkeel.http;

import jakarta.servlet.http.HttpServletRequest;

/** Finds out who sends a request. Another way of logging in replaces its one implementation. */
@FunctionalInterface
public interface CallerResolver {

  Caller of(HttpServletRequest request);
}
