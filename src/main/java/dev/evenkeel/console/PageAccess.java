package dev.evenkeel.console;

import dev.evenkeel.http.Caller;
import dev.evenkeel.http.CallerResolver;
import dev.evenkeel.http.RequiresScope;
import dev.evenkeel.http.body.StrictJson;
import dev.evenkeel.problems.Problem;
import dev.evenkeel.problems.ProblemException;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.HandlerInterceptor;

/**
 * Refuses people without the scope of a page, the same as the API's. For the layout it adds who is
 * logged in, as {@code caller}, and the pages this person can open, as {@code menu}.
 */
final class PageAccess implements HandlerInterceptor {

  /**
   * A page of the menu.
   *
   * @param current whether the page shown is this one, or below it
   */
  record MenuEntry(String path, String title, boolean current) {}

  private record Page(String path, String title, String scope) {}

  private static final List<Page> PAGES =
      List.of(
          new Page(BreakItPages.PATH, "Break it", "payments:read"),
          new Page("/console/payments", "Payments", "payments:read"),
          new Page(AccountPages.LIST, "Accounts", "accounts:read"),
          // part of notifications
          new Page("/console/notifications", "Notifications", "notifications:read"),
          // end of notifications
          new Page("/console/requests", "Requests", "operations"),
          new Page("/console/operations", "Operations", "operations"));

  /** Forms and pages that the menu shows under "Accounts". */
  private static final Pattern OF_ACCOUNTS =
      Pattern.compile("/console/(transfers|pay-in|pay-out)/.*");

  private final List<Page> pages;

  /**
   * @param breakIt whether there is a page "Break it"
   */
  PageAccess(boolean breakIt) {
    this.pages =
        PAGES.stream().filter(page -> breakIt || !page.path().equals(BreakItPages.PATH)).toList();
  }

  @Override
  public boolean preHandle(
      HttpServletRequest request, HttpServletResponse response, Object handler) {
    if (request.getDispatcherType() == DispatcherType.REQUEST
        && request.getUserPrincipal() != null) {
      Caller caller = CallerResolver.of(request);
      request.setAttribute("caller", caller);
      request.setAttribute("menu", menu(caller, request.getRequestURI()));
      if (handler instanceof HandlerMethod method) {
        requireScope(caller, request, method);
        requireStorableText(request);
      }
    }
    return true;
  }

  private List<MenuEntry> menu(Caller caller, String path) {
    String shown = OF_ACCOUNTS.matcher(path).matches() ? AccountPages.LIST : path;
    return pages.stream()
        .filter(page -> caller.scopes().contains(page.scope()))
        .map(page -> new MenuEntry(page.path(), page.title(), shown.startsWith(page.path())))
        .toList();
  }

  private static void requireStorableText(HttpServletRequest request) {
    request
        .getParameterMap()
        .forEach((name, values) -> {
          if (!Stream.of(values).allMatch(StrictJson::isStorable)) {
            throw ProblemException.invalid(name, "contains a character that cannot be stored");
          }
        });
  }

  private static void requireScope(
      Caller caller, HttpServletRequest request, HandlerMethod method) {
    RequiresScope scopes = method.getBeanType().getAnnotation(RequiresScope.class);
    if (scopes != null) {
      String scope = request.getMethod().equals("POST") ? scopes.write() : scopes.read();
      if (!caller.scopes().contains(scope)) {
        throw new ProblemException(Problem.missingScope(scope));
      }
    }
  }
}
