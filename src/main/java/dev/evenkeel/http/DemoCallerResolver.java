package dev.evenkeel.http;

import jakarta.servlet.http.HttpServletRequest;
import java.util.Set;
import org.springframework.stereotype.Component;

/** Treats every caller as the same owner with every scope, until there is a login. */
@Component
class DemoCallerResolver implements CallerResolver {

  private static final Caller DEMO =
      new Caller(
          "demo",
          Set.of(
              "accounts:read",
              "accounts:write",
              "payments:read",
              "payments:write",
              "notifications:read", // part of notifications
              "notifications:write", // part of notifications
              "operations"));

  @Override
  public Caller of(HttpServletRequest request) {
    return DEMO;
  }
}
