package dev.evenkeel.http;

import jakarta.servlet.http.HttpServletRequest;
import java.util.Set;
import org.springframework.stereotype.Component;

/**
 * Until there is a login, everybody is the same owner with every scope. Whatever asks who calls
 * already asks here, so a login replaces this class and nothing else.
 */
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
              "notifications:read",
              "notifications:write",
              "operations"));

  @Override
  public Caller of(HttpServletRequest request) {
    return DEMO;
  }
}
