package dev.evenkeel.http.security;

import dev.evenkeel.http.errors.ProblemRenderer;
import dev.evenkeel.problems.CommonProblem;
import dev.evenkeel.problems.Problem;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.http.HttpHeaders;
import org.springframework.security.access.AccessDeniedException;
import org.springframework.security.authentication.AuthenticationServiceException;
import org.springframework.security.core.AuthenticationException;
import org.springframework.security.oauth2.core.OAuth2AuthenticationException;
import org.springframework.security.web.AuthenticationEntryPoint;
import org.springframework.security.web.access.AccessDeniedHandler;
import org.springframework.stereotype.Component;

/** Answers requests that do not reach a controller: 401, 403, and 503 while the issuer is away. */
@Component
class SecurityProblems implements AuthenticationEntryPoint, AccessDeniedHandler {

  private static final Logger log = LoggerFactory.getLogger(SecurityProblems.class);

  private final ProblemRenderer renderer;

  SecurityProblems(ProblemRenderer renderer) {
    this.renderer = renderer;
  }

  @Override
  public void commence(
      HttpServletRequest request, HttpServletResponse response, AuthenticationException failure)
      throws IOException {
    switch (failure) {
      case AuthenticationServiceException away -> {
        log.warn(
            "No keys of the token issuer: {}",
            NestedExceptionUtils.getMostSpecificCause(away).getMessage());
        renderer.write(
            Problem.of(
                CommonProblem.ISSUER_UNAVAILABLE,
                "The token cannot be checked: its issuer does not answer."),
            request,
            response);
      }
      case OAuth2AuthenticationException invalid -> {
        String reason = invalid.getError().getDescription();
        unauthorized(
            "Bearer error=\"invalid_token\", error_description=\"" + reason + "\"",
            "The token is invalid. " + reason,
            request,
            response);
      }
      default ->
          unauthorized(
              "Bearer", "This needs a token, in the header Authorization.", request, response);
    }
  }

  private void unauthorized(
      String challenge, String detail, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    response.setHeader(HttpHeaders.WWW_AUTHENTICATE, challenge);
    renderer.write(Problem.of(CommonProblem.UNAUTHORIZED, detail), request, response);
  }

  @Override
  public void handle(
      HttpServletRequest request, HttpServletResponse response, AccessDeniedException denied)
      throws IOException {
    renderer.write(Problem.missingScope("operations"), request, response);
  }
}
