package dev.evenkeel.console;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.GrantedAuthority;
import org.springframework.security.core.context.DeferredSecurityContext;
import org.springframework.security.core.context.SecurityContext;
import org.springframework.security.core.context.SecurityContextImpl;
import org.springframework.security.oauth2.core.user.OAuth2User;
import org.springframework.security.oauth2.server.resource.authentication.JwtAuthenticationToken;
import org.springframework.security.web.context.HttpSessionSecurityContextRepository;

/**
 * Keeps the access token of a login in the session, until it expires. Controllers see the same
 * authentication as behind the API. The development issuer keeps its own login in the same session,
 * under another name.
 */
final class LoginSession extends HttpSessionSecurityContextRepository {

  static final String CALLBACK = "/login/oauth2/code/console";
  static final String FAILED = "/console/login-failed";
  static final String OUT = "/console/logged-out";

  /** A session without a login is short, see {@code server.servlet.session.timeout}. */
  private static final Duration IDLE = Duration.ofMinutes(30);

  private static final String KEY = "CONSOLE_LOGIN";

  private final InstantSource clock;

  LoginSession(InstantSource clock) {
    this.clock = clock;
    setSpringSecurityContextKey(KEY);
  }

  /** The user as the login knows it, which carries the token to the session. */
  record TokenHolder(JwtAuthenticationToken token) implements OAuth2User {

    @Override
    public Map<String, Object> getAttributes() {
      return token.getTokenAttributes();
    }

    @Override
    public Collection<? extends GrantedAuthority> getAuthorities() {
      return token.getAuthorities();
    }

    @Override
    public String getName() {
      return token.getName();
    }
  }

  @Override
  public void saveContext(
      SecurityContext context, HttpServletRequest request, HttpServletResponse response) {
    Authentication user = context.getAuthentication();
    if (user != null && user.getPrincipal() instanceof TokenHolder holder) {
      // Directly, because Spring Security keeps no authentication by a token in a session
      HttpSession session = request.getSession();
      session.setAttribute(KEY, new SecurityContextImpl(holder.token()));
      session.setMaxInactiveInterval(Math.toIntExact(IDLE.toSeconds()));
    } else {
      super.saveContext(context, request, response);
    }
  }

  @Override
  public DeferredSecurityContext loadDeferredContext(HttpServletRequest request) {
    HttpSession session = request.getSession(false);
    if (session != null && isExpired(session.getAttribute(KEY))) {
      session.removeAttribute(KEY);
    }
    return super.loadDeferredContext(request);
  }

  /**
   * Says whether the login that a session has now is still there. It ends by logging out, by
   * idling, with its token, and when somebody else logs in.
   */
  static BooleanSupplier login(HttpSession session) {
    Object login = loginOf(session);
    return () -> login != null && loginOf(session) == login;
  }

  private static @Nullable Object loginOf(HttpSession session) {
    try {
      return session.getAttribute(KEY);
    } catch (IllegalStateException ended) {
      return null;
    }
  }

  private boolean isExpired(@Nullable Object stored) {
    return stored instanceof SecurityContext context
        && context.getAuthentication() instanceof JwtAuthenticationToken token
        && token.getToken().getExpiresAt() instanceof Instant end
        && !clock.instant().isBefore(end);
  }
}
