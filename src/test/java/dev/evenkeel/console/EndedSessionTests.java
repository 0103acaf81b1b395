package dev.evenkeel.console;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.servlet.http.HttpSession;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.mock.web.MockHttpSession;
import org.springframework.security.access.AccessDeniedException;
import org.springframework.security.authentication.InsufficientAuthenticationException;

/** Forms whose session has ended; {@link FormTests} shows the way back to them. */
class EndedSessionTests {

  private final EndedSession ended = new EndedSession();
  private final MockHttpServletRequest request =
      new MockHttpServletRequest("POST", TransferForm.PAGE);
  private final MockHttpServletResponse response = new MockHttpServletResponse();

  private void deny(String site, String accept) throws Exception {
    request.addHeader("Sec-Fetch-Site", site);
    request.addHeader("Accept", accept);
    ended.handle(request, response, new AccessDeniedException("no token"));
  }

  @Test
  void leadsBackToAFormOfItsOwn() throws Exception {
    deny("same-origin", "text/html");

    assertThat(response.getStatus()).isEqualTo(303);
    assertThat(response.getHeader("Location")).isEqualTo(EndedSession.PAGE);
    assertThat(KeptForm.of(request)).isNotNull();
  }

  @Test
  void keepsNothingFromAnotherSite() throws Exception {
    deny("cross-site", "text/html");

    assertThat(response.getStatus()).isEqualTo(403);
    assertThat(request.getSession(false)).isNull();
  }

  @Test
  void keepsNoSessionThatAFormFromAnotherSiteHasBegun() throws Exception {
    HttpSession begun = Objects.requireNonNull(request.getSession());

    deny("cross-site", "text/html");

    assertThat(((MockHttpSession) begun).isInvalid()).isTrue();
  }

  /** Another site could log people out otherwise. */
  @Test
  void endsNoSessionForAFormFromAnotherSite() throws Exception {
    MockHttpSession session = new MockHttpSession();
    session.setNew(false);
    request.setSession(session);

    deny("cross-site", "text/html");

    assertThat(session.isInvalid()).isFalse();
  }

  @Test
  void tellsScripts() throws Exception {
    deny("same-origin", "*/*");

    assertThat(response.getStatus()).isEqualTo(403);
  }

  /** The session is still there, so its token has shown where the form comes from. */
  @Test
  void leadsBackWhenOnlyTheLoginHasEnded() {
    ended.commence(request, response, new InsufficientAuthenticationException("expired"));

    assertThat(response.getStatus()).isEqualTo(303);
    assertThat(KeptForm.of(request)).isNotNull();
  }
}
