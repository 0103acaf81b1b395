package dev.evenkeel.http;

import jakarta.servlet.http.HttpServletRequest;
import java.util.Objects;
import org.springframework.security.core.authority.AuthorityUtils;
import org.springframework.security.oauth2.server.resource.authentication.JwtAuthenticationToken;

/** Makes the caller from the token of a request: its subject is the owner. */
public final class CallerResolver {

  private CallerResolver() {}

  public static Caller of(HttpServletRequest request) {
    JwtAuthenticationToken token =
        (JwtAuthenticationToken) Objects.requireNonNull(request.getUserPrincipal(), "no token");
    return new Caller(
        token.getName(),
        AuthorityUtils.authorityListToSet(token.getAuthorities()),
        Objects.requireNonNull(token.getToken().getExpiresAt(), "no expiry"));
  }
}
