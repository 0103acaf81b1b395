package dev.evenkeel.http.body;

import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import java.io.IOException;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.webmvc.autoconfigure.WebMvcRegistrations;
import org.springframework.http.HttpHeaders;
import org.springframework.stereotype.Component;
import org.springframework.web.HttpMediaTypeNotSupportedException;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.mvc.method.RequestMappingInfo;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;

/**
 * Maps a chunked request that turns out to have no body as one without a body: where the body is
 * optional, its type makes no difference. Spring MVC assumes a body if there is Transfer-Encoding.
 */
final class EmptyBodyMapping extends RequestMappingHandlerMapping {

  @Override
  protected @Nullable HandlerMethod handleNoMatch(
      Set<RequestMappingInfo> mappings, String path, HttpServletRequest request)
      throws ServletException {
    try {
      return super.handleNoMatch(mappings, path, request);
    } catch (HttpMediaTypeNotSupportedException unsupported) {
      if (request.getHeader(HttpHeaders.TRANSFER_ENCODING) == null || !isEmpty(request)) {
        throw unsupported;
      }
      return lookupWithoutBody(path, request);
    }
  }

  private @Nullable HandlerMethod lookupWithoutBody(String path, HttpServletRequest request)
      throws ServletException {
    try {
      return lookupHandlerMethod(path, new WithoutBody(request));
    } catch (ServletException | RuntimeException refused) {
      throw refused;
    } catch (Exception impossible) {
      throw new ServletException(impossible);
    }
  }

  private static boolean isEmpty(HttpServletRequest request) {
    RequestPlace.giveUp(request);
    try {
      return request.getInputStream().read() < 0;
    } catch (IOException incomplete) {
      return false;
    } finally {
      RequestPlace.take(request);
    }
  }

  private static final class WithoutBody extends HttpServletRequestWrapper {

    WithoutBody(HttpServletRequest request) {
      super(request);
    }

    @Override
    public @Nullable String getHeader(String name) {
      return name.equalsIgnoreCase(HttpHeaders.TRANSFER_ENCODING) ? null : super.getHeader(name);
    }
  }

  @Component
  static final class Registration implements WebMvcRegistrations {

    @Override
    public RequestMappingHandlerMapping getRequestMappingHandlerMapping() {
      return new EmptyBodyMapping();
    }
  }
}
