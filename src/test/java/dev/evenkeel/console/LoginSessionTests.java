package dev.evenkeel.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.security.core.context.SecurityContextImpl;
import org.springframework.security.oauth2.client.authentication.OAuth2AuthenticationToken;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.security.oauth2.server.resource.authentication.JwtAuthenticationToken;

class LoginSessionTests {

  private static final Instant EXPIRY = Instant.parse("2030-01-01T00:00:00Z");

  private final MockHttpServletRequest request = new MockHttpServletRequest();

  private void logIn(String person) {
    Jwt token =
        Jwt.withTokenValue("t").header("alg", "none").subject(person).expiresAt(EXPIRY).build();
    var holder = new LoginSession.TokenHolder(new JwtAuthenticationToken(token, List.of()));
    var login = new OAuth2AuthenticationToken(holder, List.of(), "console");
    new LoginSession(() -> EXPIRY)
        .saveContext(new SecurityContextImpl(login), request, new MockHttpServletResponse());
  }

  private boolean isLoggedInAt(Instant time) {
    return new LoginSession(() -> time).loadDeferredContext(request).get().getAuthentication()
        != null;
  }

  @Test
  void loginEndsWithItsToken() {
    logIn("ada");

    assertThat(isLoggedInAt(EXPIRY.minusMillis(1))).isTrue();
    assertThat(isLoggedInAt(EXPIRY)).isFalse();
    assertThat(isLoggedInAt(EXPIRY.minusMillis(1))).as("for good").isFalse();
  }

  @Test
  void loginEndsWhenSomebodyElseLogsIn() {
    logIn("ada");
    BooleanSupplier ada = LoginSession.login(Objects.requireNonNull(request.getSession(false)));
    assertThat(ada.getAsBoolean()).isTrue();

    logIn("bob");

    assertThat(ada.getAsBoolean()).isFalse();
  }

  @Test
  void isThereUntilTheLoginEnds() {
    logIn("ada");
    BooleanSupplier ada = LoginSession.login(Objects.requireNonNull(request.getSession(false)));

    isLoggedInAt(EXPIRY);

    assertThat(ada.getAsBoolean()).isFalse();
  }

  @Test
  void loginIdlesForHalfAnHour() {
    logIn("ada");

    assertThat(Objects.requireNonNull(request.getSession(false)).getMaxInactiveInterval())
        .isEqualTo(1800);
  }
}
