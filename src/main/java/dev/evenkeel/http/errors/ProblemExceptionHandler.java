package dev.evenkeel.http.errors;

import dev.evenkeel.database.ConcurrentRequestException;
import dev.evenkeel.database.SqlState;
import dev.evenkeel.http.body.StrictJson;
import dev.evenkeel.idempotency.IdempotentResponses;
import dev.evenkeel.problems.BusyException;
import dev.evenkeel.problems.CommonProblem;
import dev.evenkeel.problems.OutcomeUnknownException;
import dev.evenkeel.problems.Problem;
import dev.evenkeel.problems.ProblemException;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.TypeMismatchException;
import org.springframework.boot.webmvc.error.ErrorController;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.dao.DataAccessException;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseEntity;
import org.springframework.http.converter.HttpMessageNotReadableException;
import org.springframework.jdbc.CannotGetJdbcConnectionException;
import org.springframework.transaction.CannotCreateTransactionException;
import org.springframework.transaction.TransactionException;
import org.springframework.validation.BindException;
import org.springframework.validation.FieldError;
import org.springframework.web.ErrorResponse;
import org.springframework.web.bind.MissingPathVariableException;
import org.springframework.web.bind.MissingServletRequestParameterException;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.context.request.async.AsyncRequestNotUsableException;
import org.springframework.web.method.annotation.MethodArgumentTypeMismatchException;
import tools.jackson.core.JacksonException;

/** Turns each exception that ends a request into the problem that the contract names for it. */
@RestController
@RestControllerAdvice
class ProblemExceptionHandler implements ErrorController {

  private static final Logger log = LoggerFactory.getLogger(ProblemExceptionHandler.class);

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
    return renderer.response(problem(failure, request), request, headers);
  }

  private static Problem problem(Exception failure, HttpServletRequest request) {
    return switch (failure) {
      case HttpMessageNotReadableException unreadable -> body(unreadable);
      case BindException invalid -> Problem.invalid(fieldErrors(invalid));
      case MissingServletRequestParameterException missing ->
          Problem.invalid(missing.getParameterName(), "must be given");
      case MethodArgumentTypeMismatchException mismatch
          when !mismatch.getParameter().hasParameterAnnotation(PathVariable.class) ->
          Problem.invalid(mismatch.getName(), message(mismatch));
      // A malformed id is answered like an unknown one.
      case MissingPathVariableException _, MethodArgumentTypeMismatchException _ -> ofStatus(404);
      case ConcurrentRequestException _ ->
          Problem.of(
              CommonProblem.REQUEST_IN_PROGRESS, "A request with this key is still in progress.");
      case BusyException _ -> Problem.of(CommonProblem.BUSY, "Too many requests are waiting.");
      case OutcomeUnknownException _ -> {
        log.warn("Outcome unknown: {}: {}", failure.getMessage(), rootMessage(failure));
        yield Problem.of(CommonProblem.OUTCOME_UNKNOWN, "The request may have taken effect.");
      }
      // Without a connection nothing has begun.
      case CannotCreateTransactionException _, CannotGetJdbcConnectionException _ -> {
        log.warn("No database connection: {}", rootMessage(failure));
        yield Problem.of(
            CommonProblem.DATABASE_UNAVAILABLE, "The database cannot be reached at the moment.");
      }
      case DataAccessException _, TransactionException _
          when SqlState.of(failure) != SqlState.OTHER -> {
        log.warn("Rolled back, the caller is asked to retry: {}", rootMessage(failure));
        boolean timedOut = SqlState.of(failure) == SqlState.TIMED_OUT;
        yield Problem.of(
            CommonProblem.BUSY,
            timedOut
                ? "The database took too long; retry."
                : "Conflict with a concurrent request; retry.");
      }
      case DataAccessException _, TransactionException _
          when failure instanceof TransactionException || SqlState.isConnectionLost(failure) ->
          connectionLost(
              failure,
              request.getMethod().equals("GET")
                  ? CommonProblem.DATABASE_UNAVAILABLE
                  : CommonProblem.OUTCOME_UNKNOWN);
      case ErrorResponse known when known.getStatusCode().is4xxClientError() ->
          ofStatus(known.getStatusCode().value());
      default -> {
        log.error("{} {} failed", request.getMethod(), request.getRequestURI(), failure);
        yield ofStatus(500);
      }
    };
  }

  private static Problem body(HttpMessageNotReadableException unreadable) {
    if (unreadable.getMostSpecificCause() instanceof ProblemException refused) {
      return refused.problem(); // by the constructor of the body's record
    }
    return unreadable.getCause() instanceof JacksonException json
        ? StrictJson.problem(json)
        : Problem.of(CommonProblem.INVALID_REQUEST, "The body must be a JSON object.");
  }

  private static List<Problem.FieldError> fieldErrors(BindException invalid) {
    return invalid.getFieldErrors().stream()
        .map(error -> new Problem.FieldError(error.getField(), message(error)))
        .sorted(Comparator.comparing(Problem.FieldError::field))
        .toList();
  }

  private static String message(FieldError error) {
    return error.isBindingFailure()
        ? message(error.unwrap(TypeMismatchException.class))
        : Objects.requireNonNullElse(error.getDefaultMessage(), "is invalid");
  }

  private static String message(TypeMismatchException mismatch) {
    Class<?> type = mismatch.getRequiredType();
    if (type != null && StrictJson.isId(type)) {
      return "must be a UUID";
    }
    if (type == Instant.class) {
      return "must be a time such as 2026-01-31T12:00:00Z";
    }
    return type == LocalDate.class ? "must be a day such as 2026-01-31" : "is not a known value";
  }

  private static Problem connectionLost(Exception failure, CommonProblem type) {
    log.warn("Connection lost, answered as {}: {}", type.slug(), rootMessage(failure));
    return Problem.of(type, "The connection to the database was lost during the request.");
  }

  /** Answers failures outside controllers, which Tomcat dispatches here. */
  @RequestMapping("/error")
  ResponseEntity<Map<String, Object>> error(HttpServletRequest request) {
    Object status = request.getAttribute(RequestDispatcher.ERROR_STATUS_CODE);
    return renderer.response(ofStatus(status instanceof Integer code ? code : 404), request);
  }

  private static Problem ofStatus(int status) {
    CommonProblem type = CommonProblem.ofStatus(status);
    String detail =
        type == CommonProblem.NOT_FOUND ? "There is no such resource." : type.title() + ".";
    return Problem.of(type, detail);
  }

  private static @Nullable String rootMessage(Exception failure) {
    return NestedExceptionUtils.getMostSpecificCause(failure).getMessage();
  }
}
