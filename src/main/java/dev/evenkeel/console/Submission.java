package dev.evenkeel.console;

import dev.evenkeel.http.Caller;
import dev.evenkeel.http.errors.ExceptionProblems;
import dev.evenkeel.idempotency.Outcome;
import dev.evenkeel.problems.Problem;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.web.servlet.ModelAndView;
import org.springframework.web.servlet.support.RequestContextUtils;
import org.springframework.web.servlet.view.RedirectView;

/** Sends forms: then leads to the page of the result, or shows the form again with its problem. */
public final class Submission {

  private Submission() {}

  /**
   * The form of a page: empty, or as it was sent when its session had ended. Browsers may show it
   * again without asking, so that the form that a person goes back to has the same key.
   */
  static Form open(
      HttpServletRequest request,
      HttpServletResponse response,
      Caller caller,
      Map<String, String> prefilled) {
    response.setHeader(HttpHeaders.CACHE_CONTROL, "private, max-age=0");
    KeptForm kept = request.getParameter("kept") == null ? null : KeptForm.of(request);
    return kept != null && kept.belongsTo(request.getRequestURI(), caller)
        ? Form.kept(kept.typed())
        : Form.empty(prefilled);
  }

  /**
   * Does what a form says.
   *
   * @return the page of the result; null if the form has a problem now
   */
  static @Nullable ModelAndView send(
      Form form, HttpServletRequest request, Supplier<Outcome<String>> work) {
    return switch (outcome(request, work)) {
      case Outcome.Done<String>(String page) -> {
        KeptForm.forget(request);
        yield seeOther(page);
      }
      case Outcome.Replayed<String>(String page) -> {
        KeptForm.forget(request);
        RequestContextUtils.getOutputFlashMap(request)
            .put(
                "done",
                "This form was sent before, so nothing was sent again. This is what it did.");
        yield seeOther(page);
      }
      case Outcome.Refused<String>(Problem problem, _) -> {
        form.refuse(problem);
        yield null;
      }
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

  /** Shows a form that was not sent, or was refused. */
  static ModelAndView refused(String template, Form form, Map<String, ?> model) {
    ModelAndView page = new ModelAndView(template, model);
    page.addObject("form", form);
    page.setStatus(HttpStatus.valueOf(form.status()));
    return page;
  }

  /** Leads on after a form, so that reloading the page does not send it again. */
  static ModelAndView seeOther(String page) {
    RedirectView redirect = new RedirectView(page);
    redirect.setStatusCode(HttpStatus.SEE_OTHER);
    redirect.setExposeModelAttributes(false);
    return new ModelAndView(redirect);
  }
}
