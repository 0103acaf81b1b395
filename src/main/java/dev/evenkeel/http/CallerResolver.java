package dev.evenkeel.http;

import jakarta.servlet.http.HttpServletRequest;

/** Tells who sends a request. The one place that has to change for another way of logging in. */
@FunctionalInterface
public interface CallerResolver {

  Caller of(HttpServletRequest request);
}
