package dev.evenkeel.http.errors;

import dev.evenkeel.database.ConcurrentRequestException;
import dev.evenkeel.database.SqlState;
import dev.evenkeel.http.body.StrictJson;
import dev.evenkeel.problems.BusyException;
import dev.evenkeel.problems.CommonProblem;
import dev.evenkeel.problems.OutcomeUnknownException;
import dev.evenkeel.problems.Problem;
import dev.evenkeel.problems.ProblemException;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.TypeMismatchException;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.dao.DataAccessException;
import org.springframework.http.converter.HttpMessageNotReadableException;
import org.springframework.jdbc.CannotGetJdbcConnectionException;
import org.springframework.transaction.CannotCreateTransactionException;
import org.springframework.transaction.TransactionException;
import org.springframework.validation.BindException;
import org.springframework.validation.FieldError;
import org.springframework.web.ErrorResponse;
import org.springframework.web.bind.MissingPathVariableException;
import org.springframework.web.bind.MissingServletRequestParameterException;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.method.annotation.MethodArgumentTypeMismatchException;
import tools.jackson.core.JacksonException;

/** Names the problem of each exception that ends a request, and logs those that are ours. */
public final class ExceptionProblems {

  private static final Logger log = LoggerFactory.getLogger(ExceptionProblems.class);

  private ExceptionProblems() {}

  public static Problem of(Exception failure, HttpServletRequest request) {
    return switch (failure) {
      case ProblemException refused -> refused.problem();
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

  static Problem ofStatus(int status) {
    CommonProblem type = CommonProblem.ofStatus(status);
    String detail =
        type == CommonProblem.NOT_FOUND ? "There is no such resource." : type.title() + ".";
    return Problem.of(type, detail);
  }

  private static @Nullable String rootMessage(Exception failure) {
    return NestedExceptionUtils.getMostSpecificCause(failure).getMessage();
  }
}
