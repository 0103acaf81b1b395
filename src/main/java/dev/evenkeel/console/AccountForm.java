package dev.evenkeel.console;

import dev.evenkeel.accounts.Accounts;
import dev.evenkeel.http.Caller;
import dev.evenkeel.http.RequiresScope;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.Map;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.ModelAndView;

/** The form that opens an account. */
@ConsolePart
@Controller
@RequiresScope(read = "accounts:write", write = "accounts:write")
class AccountForm {

  static final String PAGE = "/console/accounts/new";

  private static final String TEMPLATE = "account-form";

  private final Accounts accounts;

  AccountForm(Accounts accounts) {
    this.accounts = accounts;
  }

  @GetMapping(PAGE)
  ModelAndView show(Caller caller, HttpServletRequest request, HttpServletResponse response) {
    return new ModelAndView(TEMPLATE, "form", Submission.open(request, response, caller, Map.of()));
  }

  @PostMapping(PAGE)
  ModelAndView send(
      @RequestParam Map<String, String> typed, Caller caller, HttpServletRequest request) {
    Form form = Form.sent(typed);
    String name = form.name("name", 100);
    String currency = form.currency("currency");
    if (form.isValid()) {
      Accounts.Opening opening =
          new Accounts.Opening(
              form.request(caller.owner(), "console account", currency, name),
              name,
              currency,
              0,
              caller.isOperator());
      ModelAndView next =
          Submission.send(
              form,
              request,
              () -> accounts.open(opening).map(it -> AccountPages.LIST + "/" + it.id()));
      if (next != null) {
        return next;
      }
    }
    return Submission.refused(TEMPLATE, form, Map.of());
  }
}
