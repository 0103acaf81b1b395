package dev.evenkeel.console;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import java.io.IOException;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.security.access.AccessDeniedException;
import org.springframework.security.core.AuthenticationException;
import org.springframework.security.web.AuthenticationEntryPoint;
import org.springframework.security.web.access.AccessDeniedHandler;

/**
 * Answers forms whose session has ended: nothing is sent, and the person is led through the login
 * back to the form. A form from another site is refused without a trace.
 */
final class EndedSession implements AccessDeniedHandler, AuthenticationEntryPoint {

  static final String PAGE = "/console/session-ended";

  /** The token of a form is missing or is that of an earlier session. */
  @Override
  public void handle(
      HttpServletRequest request, HttpServletResponse response, AccessDeniedException denied)
      throws IOException {
    // Browsers set this header, and scripts cannot
    if ("same-origin".equals(request.getHeader("Sec-Fetch-Site")) && isPage(request)) {
      leadBack(request, response);
    } else {
      // Looking for the token has begun a session, whose cookie would replace the person's own
      HttpSession session = request.getSession(false);
      if (session != null && session.isNew()) {
        session.invalidate();
        response.reset();
      }
      response.setStatus(HttpStatus.FORBIDDEN.value());
      response.setContentType(MediaType.TEXT_PLAIN_VALUE);
      response.getWriter().println("Nothing was sent: this form does not come from the console.");
    }
  }

  /** The token is that of the session, but its login has ended. */
  @Override
  public void commence(
      HttpServletRequest request, HttpServletResponse response, AuthenticationException missing) {
    leadBack(request, response);
  }

  private static void leadBack(HttpServletRequest request, HttpServletResponse response) {
    KeptForm.keep(request);
    response.setStatus(HttpStatus.SEE_OTHER.value());
    response.setHeader(HttpHeaders.LOCATION, PAGE);
  }

  static boolean isForm(HttpServletRequest request) {
    return request.getMethod().equals("POST") && isPage(request);
  }

  /** Whether a person waits for a page, and not a script. */
  static boolean isPage(HttpServletRequest request) {
    return String.valueOf(request.getHeader(HttpHeaders.ACCEPT))
        .contains(MediaType.TEXT_HTML_VALUE);
  }
}
