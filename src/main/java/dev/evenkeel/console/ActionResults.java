package dev.evenkeel.console;

import dev.evenkeel.http.errors.ExceptionProblems;
import dev.evenkeel.idempotency.Outcome;
import dev.evenkeel.problems.Problem;
import jakarta.servlet.http.HttpServletRequest;
import java.util.function.Function;
import java.util.function.Supplier;
import org.springframework.http.HttpStatus;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/** Leads back to a page, which says once what an action did or why it did nothing. */
public final class ActionResults {

  private ActionResults() {}

  public static String done(String page, RedirectAttributes next, String what) {
    next.addFlashAttribute("done", what);
    return "redirect:" + page;
  }

  public static String refused(String page, RedirectAttributes next, Problem problem) {
    return refused(page, next, text(problem));
  }

  public static String refused(String page, RedirectAttributes next, String why) {
    next.addFlashAttribute("refused", why);
    return "redirect:" + page;
  }

  public static <T> String of(
      Outcome<T> outcome, String page, RedirectAttributes next, Function<T, String> what) {
    return switch (outcome) {
      case Outcome.Done<T>(T result) -> done(page, next, what.apply(result));
      case Outcome.Replayed<T>(T result) -> done(page, next, what.apply(result));
      case Outcome.Refused<T>(Problem problem, _) -> refused(page, next, problem);
    };
  }

  /** Does what a form says; a failure refuses it, and it is shown again with its key. */
  public static <T> Outcome<T> outcome(HttpServletRequest request, Supplier<Outcome<T>> work) {
    try {
      return work.get();
    } catch (RuntimeException failure) {
      return Outcome.refused(ExceptionProblems.of(failure, request));
    }
  }

  private static String text(Problem problem) {
    return problem.type().title() + ". " + problem.detail();
  }

  /** The status of a form that is shown again. */
  public static int status(Form form) {
    Problem problem = form.problem();
    return problem == null ? HttpStatus.BAD_REQUEST.value() : problem.type().status();
  }
}
