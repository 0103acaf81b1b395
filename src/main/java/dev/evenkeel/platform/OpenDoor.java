package dev.evenkeel.platform;

import java.util.Set;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * Until there is a login, everybody is the same owner with every scope. Whatever asks who calls
 * already asks here, so a login replaces this class and nothing else.
 */
@Configuration(proxyBeanMethods = false)
class OpenDoor {

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

  @Bean
  CurrentCaller currentCaller() {
    return _ -> DEMO;
  }
}
