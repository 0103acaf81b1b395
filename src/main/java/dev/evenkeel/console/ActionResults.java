package dev.evenkeel.console;

import dev.evenkeel.idempotency.Outcome;
import dev.evenkeel.problems.Problem;
import java.util.function.Function;
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

  private static String text(Problem problem) {
    return problem.type().title() + ". " + problem.detail();
  }
}
