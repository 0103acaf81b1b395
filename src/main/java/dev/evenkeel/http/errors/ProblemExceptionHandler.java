package dev.evenkeel.http.errors;

import dev.evenkeel.idempotency.IdempotentResponses;
import dev.evenkeel.problems.ProblemException;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.Map;
import org.springframework.boot.webmvc.error.ErrorController;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseEntity;
import org.springframework.web.ErrorResponse;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.context.request.async.AsyncRequestNotUsableException;

/** Turns each exception that ends a request into the problem that the contract names for it. */
@RestController
@RestControllerAdvice
class ProblemExceptionHandler implements ErrorController {

  private final ProblemRenderer renderer;

  ProblemExceptionHandler(ProblemRenderer renderer) {
    this.renderer = renderer;
  }

  @ExceptionHandler
  ResponseEntity<Map<String, Object>> on(ProblemException refused, HttpServletRequest request) {
    HttpHeaders headers = new HttpHeaders();
    if (refused.replayed()) {
      headers.set(IdempotentResponses.REPLAYED, "true");
    }
    return renderer.response(refused.problem(), request, headers);
  }

  /** The client is gone: there is no one to answer. */
  @ExceptionHandler
  void on(AsyncRequestNotUsableException gone) {}

  /**
   * Answers any other exception. A response that has begun stays incomplete: Tomcat cuts it off, so
   * that no client takes it for the whole.
   */
  @ExceptionHandler
  ResponseEntity<Map<String, Object>> on(
      Exception failure, HttpServletRequest request, HttpServletResponse response)
      throws Exception {
    if (response.isCommitted()) {
      throw failure;
    }
    response.reset();
    HttpHeaders headers = new HttpHeaders();
    if (failure instanceof ErrorResponse known) {
      headers.putAll(known.getHeaders());
    }
    return renderer.response(ExceptionProblems.of(failure, request), request, headers);
  }

  /** Answers failures outside controllers, which Tomcat dispatches here. */
  @RequestMapping("/error")
  ResponseEntity<Map<String, Object>> error(HttpServletRequest request) {
    Object status = request.getAttribute(RequestDispatcher.ERROR_STATUS_CODE);
    return renderer.response(
        ExceptionProblems.ofStatus(status instanceof Integer code ? code : 404), request);
  }
}
