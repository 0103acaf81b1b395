package dev.evenkeel.http;

import dev.evenkeel.database.ConcurrentRequestException;
import dev.evenkeel.database.SqlState;
import dev.evenkeel.idempotency.IdempotentResponses;
import dev.evenkeel.problems.BusyException;
import dev.evenkeel.problems.CommonProblem;
import dev.evenkeel.problems.OutcomeUnknownException;
import dev.evenkeel.problems.Problem;
import dev.evenkeel.problems.ProblemException;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.webmvc.error.ErrorController;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.dao.DataAccessException;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseEntity;
import org.springframework.jdbc.CannotGetJdbcConnectionException;
import org.springframework.transaction.CannotCreateTransactionException;
import org.springframework.transaction.TransactionException;
import org.springframework.web.ErrorResponse;
import org.springframework.web.HttpRequestMethodNotSupportedException;
import org.springframework.web.bind.MissingPathVariableException;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.context.request.async.AsyncRequestNotUsableException;
import org.springframework.web.method.annotation.MethodArgumentTypeMismatchException;

/** Turns whatever ends a request early into the problem that the contract names for it. */
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
    return renderer.answer(refused.problem(), request, headers);
  }

  @ExceptionHandler
  ResponseEntity<Map<String, Object>> on(
      HttpRequestMethodNotSupportedException unsupported, HttpServletRequest request) {
    Problem problem =
        Problem.of(
            CommonProblem.METHOD_NOT_ALLOWED, request.getMethod() + " is not possible here.");
    return renderer.answer(problem, request, unsupported.getHeaders());
  }

  /** The client has gone: nobody is left to answer. */
  @ExceptionHandler
  void on(AsyncRequestNotUsableException gone) {}

  /** Half an answer stays one: the container cuts it off, and nobody takes it for the whole. */
  @ExceptionHandler
  ResponseEntity<Map<String, Object>> on(
      Exception failure, HttpServletRequest request, HttpServletResponse response)
      throws Exception {
    if (response.isCommitted()) {
      throw failure;
    }
    response.reset();
    return renderer.answer(problem(failure, request), request);
  }

  private static Problem problem(Exception failure, HttpServletRequest request) {
    return switch (failure) {
      // Ids stand in the path alone: what is none, or blank, names nothing; as one that is unknown.
      case MissingPathVariableException _, MethodArgumentTypeMismatchException _ -> ofStatus(404);
      case ConcurrentRequestException _ ->
          Problem.of(
              CommonProblem.REQUEST_IN_PROGRESS,
              "Another request with this key has not ended yet.");
      case BusyException _ -> Problem.of(CommonProblem.BUSY, "Too much is waiting for its turn.");
      case OutcomeUnknownException _ -> connectionLost(failure, CommonProblem.OUTCOME_UNKNOWN);
      // Nothing was begun: there is no connection to begin with.
      case CannotCreateTransactionException _, CannotGetJdbcConnectionException _ -> {
        log.warn("No database connection: {}", rootMessage(failure));
        yield Problem.of(
            CommonProblem.DATABASE_UNAVAILABLE, "The database cannot be reached at the moment.");
      }
      case DataAccessException _, TransactionException _
          when SqlState.of(failure) != SqlState.OTHER -> {
        log.warn("Rolled back, the caller is told to try again: {}", rootMessage(failure));
        yield Problem.of(CommonProblem.BUSY, "Others were faster; try again.");
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

  private static Problem connectionLost(Exception failure, CommonProblem type) {
    log.warn("The connection was lost, answered as {}: {}", type.slug(), rootMessage(failure));
    return Problem.of(type, "The connection to the database was lost meanwhile.");
  }

  /** What fails outside of controllers: the container dispatches it here. */
  @RequestMapping("/error")
  ResponseEntity<Map<String, Object>> error(HttpServletRequest request) {
    Object status = request.getAttribute(RequestDispatcher.ERROR_STATUS_CODE);
    return renderer.answer(ofStatus(status instanceof Integer code ? code : 404), request);
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
