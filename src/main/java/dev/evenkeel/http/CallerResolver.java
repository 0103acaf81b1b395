package dev.evenkeel.http;

import jakarta.servlet.http.HttpServletRequest;
import java.util.Objects;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.authority.AuthorityUtils;

/** Makes the caller from the token of a request: its subject is the owner. */
final class CallerResolver {

  private CallerResolver() {}

  static Caller of(HttpServletRequest request) {
    Authentication token =
        (Authentication) Objects.requireNonNull(request.getUserPrincipal(), "no token");
    return new Caller(token.getName(), AuthorityUtils.authorityListToSet(token.getAuthorities()));
  }
}
