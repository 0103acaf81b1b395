package dev.evenkeel.http.security;

import dev.evenkeel.http.body.RequestPlace;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.springframework.security.authentication.AuthenticationManager;
import org.springframework.security.authentication.AuthenticationManagerResolver;
import org.springframework.security.authentication.AuthenticationServiceException;
import org.springframework.security.core.Authentication;
import org.springframework.security.oauth2.jwt.JwtDecoderInitializationException;

/**
 * Checks tokens. Until the issuer's keys are known, it checks one token at a time. The other
 * requests wait without a place among the concurrent ones, and not for long: an issuer that hangs
 * must not take the places of requests that need no token.
 */
final class TokenCheck implements AuthenticationManagerResolver<HttpServletRequest> {

  /** As long as a request to the issuer may take. */
  private static final Duration MAX_WAIT = Duration.ofSeconds(3);

  private final AuthenticationManager tokens;
  private final Semaphore turn = new Semaphore(1, true);
  private volatile boolean keysAreKnown;

  TokenCheck(AuthenticationManager tokens) {
    this.tokens = tokens;
  }

  @Override
  public AuthenticationManager resolve(HttpServletRequest request) {
    return token -> {
      if (keysAreKnown) {
        return check(token);
      }
      RequestPlace.giveUp(request);
      awaitTurn();
      try {
        return check(token);
      } finally {
        turn.release();
      }
    };
  }

  private void awaitTurn() {
    try {
      if (turn.tryAcquire(MAX_WAIT.toMillis(), TimeUnit.MILLISECONDS)) {
        return;
      }
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
    throw new AuthenticationServiceException("Other requests are waiting for the issuer");
  }

  private Authentication check(Authentication token) {
    try {
      Authentication caller = tokens.authenticate(token);
      keysAreKnown = true;
      return caller;
    } catch (AuthenticationServiceException away) {
      keysAreKnown = false;
      throw away;
    } catch (JwtDecoderInitializationException noIssuer) {
      throw new AuthenticationServiceException("The issuer does not answer", noIssuer);
    }
  }
}
