package dev.evenkeel.console;

import dev.evenkeel.problems.Problem;
import dev.evenkeel.problems.ProblemException;
import jakarta.servlet.http.HttpServletResponse;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.ControllerAdvice;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.method.annotation.MethodArgumentTypeMismatchException;
import org.springframework.web.servlet.ModelAndView;

/** The first page, and the pages that say why another one is not shown. */
@ConsolePart
@Controller
@ControllerAdvice(annotations = ConsolePart.class)
@Order(Ordered.HIGHEST_PRECEDENCE)
class ConsolePages {

  @GetMapping("/console")
  String first() {
    return "redirect:/console/accounts";
  }

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

  @ExceptionHandler
  ModelAndView on(ProblemException refused, HttpServletResponse response) {
    Problem problem = refused.problem();
    response.setStatus(problem.type().status());
    return page(problem.type().title(), problem.detail());
  }

  /** A malformed id is answered like an unknown one. */
  @ExceptionHandler
  ModelAndView on(MethodArgumentTypeMismatchException malformed, HttpServletResponse response) {
    response.setStatus(HttpStatus.NOT_FOUND.value());
    return page("Not found", "There is no such page.");
  }

  private static ModelAndView page(String title, String detail) {
    return new ModelAndView("problem").addObject("title", title).addObject("detail", detail);
  }
}
