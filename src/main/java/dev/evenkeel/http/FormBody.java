package dev.evenkeel.http;

import dev.evenkeel.http.body.RequestPlace;
import dev.evenkeel.problems.BusyException;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * For pages with forms: reads a form before anything else asks for it. The request has no place
 * meanwhile, so that slow clients take none from others.
 */
public final class FormBody extends OncePerRequestFilter {

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    if (request.getMethod().equals("POST")) {
      try {
        RequestPlace.giveUp(request);
        request.getParameterMap();
        RequestPlace.take(request);
      } catch (BusyException busy) {
        response.sendError(HttpServletResponse.SC_SERVICE_UNAVAILABLE);
        return;
      } catch (IllegalStateException tooLongOrLate) {
        response.sendError(HttpServletResponse.SC_BAD_REQUEST);
        return;
      }
    }
    chain.doFilter(request, response);
  }
}
