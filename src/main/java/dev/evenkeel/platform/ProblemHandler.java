package dev.evenkeel.platform;

import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.webmvc.error.ErrorController;
import org.springframework.dao.DataAccessException;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.ResponseEntity;
import org.springframework.jdbc.CannotGetJdbcConnectionException;
import org.springframework.transaction.CannotCreateTransactionException;
import org.springframework.transaction.TransactionException;
import org.springframework.web.ErrorResponse;
import org.springframework.web.HttpRequestMethodNotSupportedException;
import org.springframework.web.bind.MissingPathVariableException;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.context.request.async.AsyncRequestNotUsableException;
import org.springframework.web.method.annotation.MethodArgumentTypeMismatchException;

/** Turns whatever ends a request early into the problem that the contract names for it. */
@RestController
@RestControllerAdvice
class ProblemHandler implements ErrorController {

  private static final Logger log = LoggerFactory.getLogger(ProblemHandler.class);

  private final ProblemRenderer renderer;

  ProblemHandler(ProblemRenderer renderer) {
    this.renderer = renderer;
  }

  @ExceptionHandler
  ResponseEntity<Map<String, Object>> on(ProblemException refused, HttpServletRequest request) {
    HttpHeaders headers = new HttpHeaders();
    if (refused.replayed()) {
      headers.set(Replies.REPLAYED, "true");
    }
    return renderer.answer(refused.problem(), request, headers);
  }

  @ExceptionHandler
  ResponseEntity<Map<String, Object>> on(
      HttpRequestMethodNotSupportedException unsupported, HttpServletRequest request) {
    HttpHeaders headers = new HttpHeaders();
    Set<HttpMethod> allowed = unsupported.getSupportedHttpMethods();
    headers.setAllow(allowed == null ? Set.of() : allowed);
    String detail = request.getMethod() + " is not possible here.";
    return renderer.answer(Problem.of(CommonProblem.METHOD_NOT_ALLOWED, detail), request, headers);
  }

  /** A blank segment of the path. */
  @ExceptionHandler
  ResponseEntity<Map<String, Object>> on(
      MissingPathVariableException blank, HttpServletRequest request) {
    return on(ProblemException.notFound(), request);
  }

  @ExceptionHandler
  ResponseEntity<Map<String, Object>> on(
      MethodArgumentTypeMismatchException mismatch, HttpServletRequest request) {
    // What is no id names nothing; the same answer as for an id that is unknown.
    if (mismatch.getParameter().hasParameterAnnotation(PathVariable.class)) {
      return on(ProblemException.notFound(), request);
    }
    return renderer.answer(
        Problem.invalid(mismatch.getName(), "has a value of the wrong type"), request);
  }

  @ExceptionHandler
  ResponseEntity<Map<String, Object>> on(
      RetryingTransactions.OvertakenException overtaken, HttpServletRequest request) {
    String detail = "Another request with this key has not ended yet.";
    return renderer.answer(Problem.of(CommonProblem.REQUEST_IN_PROGRESS, detail), request);
  }

  @ExceptionHandler
  ResponseEntity<Map<String, Object>> on(BusyException busy, HttpServletRequest request) {
    String detail = "Too much is waiting for its turn.";
    return renderer.answer(Problem.of(CommonProblem.BUSY, detail), request);
  }

  @ExceptionHandler
  ResponseEntity<Map<String, Object>> on(
      OutcomeUnknownException unknown, HttpServletRequest request) {
    log.warn("The outcome is unknown: {}", rootMessage(unknown));
    String detail = "The connection to the database was lost meanwhile.";
    return renderer.answer(Problem.of(CommonProblem.OUTCOME_UNKNOWN, detail), request);
  }

  /** Nothing was begun: there is no connection to begin with. */
  @ExceptionHandler({
    CannotCreateTransactionException.class,
    CannotGetJdbcConnectionException.class
  })
  ResponseEntity<Map<String, Object>> onNoConnection(
      Exception failure, HttpServletRequest request) {
    log.warn("No database connection: {}", rootMessage(failure));
    return renderer.answer(
        Problem.of(
            CommonProblem.DATABASE_UNAVAILABLE, "The database cannot be reached at the moment."),
        request);
  }

  @ExceptionHandler({DataAccessException.class, TransactionException.class})
  ResponseEntity<Map<String, Object>> onDatabaseFailure(
      Exception failure, HttpServletRequest request) {
    if (SqlState.of(failure) != SqlState.OTHER) {
      log.warn("Rolled back, the caller is told to try again: {}", rootMessage(failure));
      return renderer.answer(
          Problem.of(CommonProblem.BUSY, "Others were faster; try again."), request);
    }
    if (!(failure instanceof TransactionException) && !SqlState.isConnectionLost(failure)) {
      return onAnythingElse(failure, request);
    }
    log.warn("The connection was lost, the outcome is unknown: {}", rootMessage(failure));
    CommonProblem type =
        request.getMethod().equals("GET")
            ? CommonProblem.DATABASE_UNAVAILABLE
            : CommonProblem.OUTCOME_UNKNOWN;
    return renderer.answer(
        Problem.of(type, "The connection to the database was lost meanwhile."), request);
  }

  /** The client has gone: nobody is left to answer. */
  @ExceptionHandler
  void on(AsyncRequestNotUsableException gone) {}

  @ExceptionHandler(Exception.class)
  ResponseEntity<Map<String, Object>> onAnythingElse(
      Exception failure, HttpServletRequest request) {
    if (failure instanceof ErrorResponse known && known.getStatusCode().is4xxClientError()) {
      return ofStatus(known.getStatusCode().value(), request);
    }
    log.error("{} {} failed", request.getMethod(), request.getRequestURI(), failure);
    return ofStatus(500, request);
  }

  /** What fails outside of controllers: the container dispatches it here. */
  @RequestMapping("/error")
  ResponseEntity<Map<String, Object>> error(HttpServletRequest request) {
    Object status = request.getAttribute(RequestDispatcher.ERROR_STATUS_CODE);
    return ofStatus(status instanceof Integer code ? code : 404, request);
  }

  private ResponseEntity<Map<String, Object>> ofStatus(int status, HttpServletRequest request) {
    CommonProblem type = CommonProblem.ofStatus(status);
    String detail =
        type == CommonProblem.NOT_FOUND ? "There is no such resource." : type.title() + ".";
    return renderer.answer(Problem.of(type, detail), request);
  }

  private static @Nullable String rootMessage(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root.getMessage();
  }
}
