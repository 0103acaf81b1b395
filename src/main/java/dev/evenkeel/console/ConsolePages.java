package dev.evenkeel.console;

import dev.evenkeel.http.Caller;
import dev.evenkeel.http.errors.ExceptionProblems;
import dev.evenkeel.problems.Problem;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.time.Instant;
import java.time.LocalDate;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.ControllerAdvice;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.context.request.async.AsyncRequestNotUsableException;
import org.springframework.web.method.annotation.MethodArgumentTypeMismatchException;
import org.springframework.web.servlet.ModelAndView;

/** The first page, and the pages that say why another one is not shown. */
@ConsolePart
@Controller
@ControllerAdvice(annotations = ConsolePart.class)
@Order(Ordered.HIGHEST_PRECEDENCE)
class ConsolePages {

  /** Any page but those of other patterns, which are more specific, and scripts and styles. */
  static final String UNKNOWN = "/console/{page:(?!assets$).*}/**";

  static final String ROOT = "/console/";

  private final ObjectProvider<BreakItPages> breakIt;

  ConsolePages(ObjectProvider<BreakItPages> breakIt) {
    this.breakIt = breakIt;
  }

  @GetMapping("/console")
  String first(Caller caller) {
    boolean breakable =
        breakIt.getIfAvailable() != null && caller.scopes().contains("payments:read");
    return "redirect:/console/" + (breakable ? "break-it" : "accounts");
  }

  /** Tells a page's script whether the session is still there. */
  @GetMapping("/console/session")
  @ResponseStatus(HttpStatus.NO_CONTENT)
  void session() {}

  @GetMapping(LoginSession.FAILED)
  @ResponseStatus(HttpStatus.FORBIDDEN)
  String loginFailed(Model model) {
    model.addAttribute("title", "You are not logged in");
    model.addAttribute("detail", "The login server did not let you in, or its answer came late.");
    return "problem";
  }

  /** Not the first page, which would lead to the issuer and from there straight back in. */
  @GetMapping(LoginSession.OUT)
  ModelAndView loggedOut() {
    return page("You are logged out", "You may still be logged in at the login server.");
  }

  /** The browser is gone: there is no one to answer. */
  @ExceptionHandler
  void on(AsyncRequestNotUsableException gone) {}

  /** A download that has begun stays incomplete: Tomcat cuts it off. */
  @ExceptionHandler
  ModelAndView on(Exception failure, HttpServletRequest request, HttpServletResponse response)
      throws Exception {
    if (response.isCommitted()) {
      throw failure;
    }
    Problem problem = ExceptionProblems.of(failure, request);
    response.reset();
    response.setStatus(problem.type().status());
    return page(problem.type().title(), problem.detail());
  }

  /** A malformed id is answered like an unknown one, a malformed time as the API does it. */
  @ExceptionHandler
  ModelAndView on(
      MethodArgumentTypeMismatchException malformed,
      HttpServletRequest request,
      HttpServletResponse response)
      throws Exception {
    if (malformed.getRequiredType() == Instant.class
        || malformed.getRequiredType() == LocalDate.class) {
      return on((Exception) malformed, request, response);
    }
    response.setStatus(HttpStatus.NOT_FOUND.value());
    return unknown();
  }

  /** A mistyped address. */
  @GetMapping({ROOT, UNKNOWN})
  @ResponseStatus(HttpStatus.NOT_FOUND)
  ModelAndView unknown() {
    return page("Not found", "There is no such page.");
  }

  @GetMapping(EndedSession.PAGE)
  String sessionEnded(HttpServletRequest request, Model model) {
    KeptForm kept = KeptForm.of(request);
    model.addAttribute("form", kept == null ? null : kept.page());
    return "session-ended";
  }

  private static ModelAndView page(String title, String detail) {
    return new ModelAndView("problem").addObject("title", title).addObject("detail", detail);
  }
}
